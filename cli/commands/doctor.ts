import { Command } from "commander";
import type { Api } from "../../live/api.ts";
import { countRules, guardProbes, idleGuards, proveGuards, unprovable } from "../../live/guard-self-test.ts";
import { LiveError } from "../../live/live-error.ts";
import type { LiveSystems } from "../../live/model.ts";
import { objectPath } from "../../live/paths.ts";
import { readLive } from "../../live/read.ts";
import { gateway } from "../../stacks/names.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { exitCode, printJson, printTable } from "../output.ts";
import { openStack } from "../stack.ts";

/** One thing that was looked at. */
interface Finding {
  readonly check: string;
  readonly outcome: "ok" | "warning" | "PROBLEM" | "NOT REFUSED";
  readonly detail: string;
}

interface DoctorOptions {
  stack: string;
  context?: string;
  json?: true;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check a stack's cluster, and try writes that its guards have to refuse")
    .requiredOption("-s, --stack <stack>", "the stack whose cluster is checked")
    .option("--context <name>", "look with another login than the stack's own, such as an admin's")
    .option("--json", "print an array, one entry per check")
    .addHelpText("after", help)
    .action((options: DoctorOptions) => doctor(options));
}

const help = `
Most writes are dry runs. Three can't be: a route that no gateway has, a set of no pods, a status that says nothing.
They would do no harm, and are undone where they were taken. Run it with the rights of a cluster admin: what an identity
isn't allowed anyway proves nothing about the guards, and is a warning.

Example:
  rampart doctor --stack production --context production-admin`;

async function doctor({ stack: name, context, json }: DoctorOptions): Promise<void> {
  const { api } = openStack(name, context);
  const findings = await examine(api);
  if (json) printJson(findings);
  else
    printTable(
      ["check", "outcome", "detail"],
      findings.map(({ check, outcome, detail }) => [check, outcome, detail]),
    );
  if (findings.some(({ outcome }) => outcome === "PROBLEM" || outcome === "NOT REFUSED"))
    process.exitCode = exitCode.problem;
}

async function examine(api: Api): Promise<Finding[]> {
  const live = await readLive(api);
  const server = ok("API server", `${api.context} answers`);
  if (!live)
    return [server, problem("Rollout API", "the cluster doesn't have it; run pulumi up for the platform stack")];
  return [
    server,
    ...(await kindsWithRules(api)),
    ...(await rights(api, live)),
    ...observed(live),
    ...(await door(api)),
    ...(await guards(api, live)),
  ];
}

const ok = (check: string, detail: string): Finding => ({ check, outcome: "ok", detail });
const warning = (check: string, detail: string): Finding => ({ check, outcome: "warning", detail });
const problem = (check: string, detail: string): Finding => ({ check, outcome: "PROBLEM", detail });

async function kindsWithRules(api: Api): Promise<Finding[]> {
  return Promise.all(
    ["rollouts", "rolloutplans"].map(async (plural) => {
      const check = `kind ${plural}`;
      const count = await readable(() => countRules(api, plural));
      if (count === "forbidden") return warning(check, "this login may not read it");
      return count
        ? ok(check, `carries ${count} groups of rules`)
        : problem(check, "has no rules: nothing holds its transitions");
    }),
  );
}

async function rights(api: Api, live: LiveSystems): Promise<Finding[]> {
  const namespace = patientFor(live)?.namespace;
  const needed = [
    { group: "rampart.dev", resource: "rollouts", verb: "patch", namespace },
    { group: "gateway.networking.k8s.io", resource: "httproutes", verb: "patch", namespace },
  ];
  return Promise.all(
    needed.map(async (attributes) => {
      const { verb, resource } = attributes;
      const answer = (await api.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: attributes },
      })) as { status: { allowed: boolean } };
      const check = `may ${verb} ${resource}`;
      return answer.status.allowed ? ok(check, "yes") : warning(check, "no; this login can't roll back");
    }),
  );
}

/** An analyzer that has died leaves steps unseen. */
function observed(live: LiveSystems): Finding[] {
  const rollouts = Object.values(live).flatMap((one) => one?.rollout ?? []);
  const behind = rollouts
    .filter(({ spec, status }) => status.observedStep !== spec.step)
    .map(({ spec }) => spec.system);
  if (rollouts.length === 0) return [warning("analyzer", "there is no Rollout yet")];
  return [
    behind.length === 0
      ? ok("analyzer", `has seen the last step of all ${rollouts.length} systems`)
      : problem("analyzer", `has not seen the last step of ${behind.join(", ")}; is it running?`),
  ];
}

/** Routes of other namespaces than the systems' own are nobody's to count: right during a handover, and only then. */
async function door(api: Api): Promise<Finding[]> {
  const path = objectPath("gateway.networking.k8s.io/v1", "gateways", gateway.namespace, gateway.name);
  const found = await readable(async () => (await api.get(path)) as GatewayObject | undefined);
  if (found === "forbidden") return [warning("gateway", "this login may not read it")];
  if (!found) return [problem("gateway", `${gateway.namespace}/${gateway.name} isn't there`)];
  const systems: readonly string[] = plans.map(({ system }) => system);
  const listeners = found.spec.listeners.map(({ allowedRoutes }) => allowedRoutes?.namespaces);
  const isNamed = (one: (typeof listeners)[number]): boolean =>
    one?.from === "Selector" && namesOf(one.selector) !== undefined;
  if (!listeners.every(isNamed)) {
    return [problem("gateway", "takes routes from namespaces that aren't named; run pulumi up for the platform stack")];
  }
  const foreign = listeners.flatMap((one) => namesOf(one?.selector) ?? []).filter((name) => !systems.includes(name));
  return foreign.length === 0
    ? [ok("gateway", "takes routes from the systems' namespaces only")]
    : [warning("gateway", `also takes routes from ${foreign.join(", ")}: a handover is open`)];
}

/** The namespaces that a selector names one by one; undefined where it chooses them otherwise. */
function namesOf(selector: Selector | undefined): readonly string[] | undefined {
  const [only, ...more] = selector?.matchExpressions ?? [];
  const isByName = only?.key === "kubernetes.io/metadata.name" && only.operator === "In";
  return isByName && more.length === 0 && !selector?.matchLabels ? only.values : undefined;
}

interface Selector {
  readonly matchLabels?: object;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

interface GatewayObject {
  readonly spec: {
    readonly listeners: readonly {
      readonly allowedRoutes?: { readonly namespaces?: { readonly from?: string; readonly selector?: Selector } };
    }[];
  };
}

async function guards(api: Api, live: LiveSystems): Promise<Finding[]> {
  const isThere = await readable(() => idleGuards(api, unprovable));
  const bound = unprovable.map((family) => {
    const check = `guard ${family}`;
    if (isThere === "forbidden") return warning(check, "this login may not read the policies");
    return isThere.includes(family)
      ? problem(check, "isn't there, isn't bound, or doesn't deny")
      : ok(check, "there and bound");
  });
  const patient = patientFor(live);
  if (!patient) return [warning("guards", "no system behind HTTP to try them on"), ...bound];
  const proofs = await proveGuards(api, guardProbes(patient.namespace, patient.rollout!));
  const tried = proofs.map(({ family, outcome, said }): Finding => {
    const check = `guard ${family}`;
    if (outcome === "refused") return ok(check, "refused");
    return { check, outcome: outcome === "unproven" ? "warning" : outcome, detail: said };
  });
  return [...tried, ...bound];
}

/** The first deployed system that has a route and two tracks. */
function patientFor(live: LiveSystems) {
  const plan = plans.find(({ system, adapter }) => adapter.kind === "http-weight" && live[system]?.rollout);
  return plan && live[plan.system];
}

async function readable<T>(read: () => Promise<T>): Promise<T | "forbidden"> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof LiveError && error.status === 403) return "forbidden";
    throw error;
  }
}
