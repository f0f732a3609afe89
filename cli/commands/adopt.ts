import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import type { Api } from "../../live/api.ts";
import { LiveError } from "../../live/live-error.ts";
import { objectPath } from "../../live/paths.ts";
import { parseDeployments, podDifferences } from "../../rollout/adoption/old-pods.ts";
import { cleanRoute, type OldRoute, routeProblems } from "../../rollout/adoption/old-route.ts";
import { addSystem } from "../../rollout/config/edit.ts";
import { gateway } from "../../stacks/names.ts";
import { behindHttp, httpSystemIn } from "../../stacks/systems/behind-http.ts";
import type { HttpSystem } from "../../stacks/systems/http-system.ts";
import { runEngine, targetsOf } from "../engine.ts";
import { CliError, exitCode, printLine } from "../output.ts";
import { findPlan } from "../plans.ts";
import {
  comes,
  followRoute,
  gatewayTakes,
  readOldRoute,
  routePath,
  routesPath,
  type Served,
  withWarmPods,
} from "../served.ts";
import { configOf, contextApi, openStack, type Stack } from "../stack.ts";

interface AdoptOptions {
  stack: string;
  from: string;
  context?: string;
  acceptDifferences?: true;
}

export function adoptCommand(): Command {
  return new Command("adopt")
    .description("bring what serves a system already under Rampart, without a gap")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack that it comes to")
    .requiredOption("--from <namespace/route>", "the HTTPRoute that serves the system's hosts now")
    .option(
      "--context <name>",
      "a login that may read the old namespace and delete the route; the stack's own if left out",
    )
    .option("--accept-differences", "switch although Rampart's pods differ from the old ones in what is printed")
    .addHelpText("after", help)
    .action((system: string, options: AdoptOptions) => adopt(system, options));
}

const help = `
In this order: look at the old route, its Service, its Deployment and the image that its pods run; write the system into the
stack file, settled on that very image; pulumi up, which brings pods and a route of Rampart's own beside the old ones; compare
the pods; keep the old route in adopted/<stack>/<system>.yaml; delete it. The older of two routes wins, so nothing changes for
users before the last step, and nothing but who serves them with it. The old pods stay. It may be run again at any time.

The platform has to let the old namespace go on serving the hosts meanwhile: rampart:handover in the platform's stack file.

Example:
  rampart adopt wdbx --stack production --from search/wdbx --context production-admin`;

async function adopt(system: string, { stack: name, from, context, acceptDifferences }: AdoptOptions): Promise<void> {
  const http = httpSystem(system);
  const stack = openStack(name);
  const api = context ? contextApi(stack, context) : stack.api;
  const route = await readOldRoute(api, ...placeOf(from));
  refuseProblems(from, route, http);
  const served = await followRoute(api, route);
  printLine(`${from} is served by ${served.readyPods} pods of ${served.deployment.metadata.name}: ${served.image}`);
  await bringBeside(stack, http, served);
  await compare(stack, http, route, served, acceptDifferences === true);
  const file = keep(stack, system, route);
  await switchOver(api, stack, http, route);
  printLine(`${system} is served by Rampart's stable pods now; commit ${stack.file} and ${file}`);
  printLine(
    `the Deployment ${route.metadata.namespace}/${served.deployment.metadata.name} still runs and nobody asks it; it may go`,
  );
  printLine(`then close the handover: take ${system} out of rampart:handover of ${name}-platform, and pulumi up there`);
  printLine(`the way back: rampart hand-back ${system} --stack ${name}`);
}

export function httpSystem(system: string): HttpSystem {
  findPlan(system);
  const found = behindHttp.find(({ plan }) => plan.system === system);
  if (found) return found;
  const all = behindHttp.map(({ plan }) => plan.system).join(", ");
  throw new CliError(`${system} isn't reached by an HTTPRoute; those that are: ${all}`, exitCode.usage);
}

function placeOf(text: string): [namespace: string, name: string] {
  const [namespace, name, ...more] = text.split("/");
  if (namespace && name && more.length === 0) return [namespace, name];
  throw new CliError(`--from takes namespace/route, like search/wdbx; got ${text}`, exitCode.usage);
}

export function refuseProblems(where: string, route: OldRoute, { hostnames }: HttpSystem): void {
  const problems = routeProblems(route, { gateway, hostnames });
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  - ${problem}`);
  throw new CliError(`${where} and Rampart's route can't change places without users noticing\n${lines.join("\n")}`);
}

/** Config and `pulumi up`; nobody is served by what comes up, because the older route wins. */
async function bringBeside(stack: Stack, http: HttpSystem, served: Served): Promise<void> {
  const { image, readyPods } = served;
  const config = configOf(stack);
  const { system } = http.plan;
  const size = httpSystemIn(config, system)!.replicas.stable;
  if (size < readyPods) {
    throw new CliError(
      `${readyPods} pods serve ${system} now, and Rampart would bring ${size}; raise capacity.stable in stacks/systems/${system}/plan.ts`,
    );
  }
  const known = config.systems[system];
  if (known && (!known.settled || known.stable !== image)) {
    throw new CliError(
      `${stack.file} has ${system} with another version already (${known.stable}); users would change version in one step. ` +
        `Name what runs, ${image}, as stable and artifact, with percent 100`,
    );
  }
  if (!known) {
    const path = join(stack.directory, stack.file);
    const entry = { stable: image, artifact: image, percent: 100 };
    writeFileSync(path, addSystem(readFileSync(path, "utf8"), stack.file, system, entry));
    printLine(`${stack.file}: now has ${system}, settled on that image`);
  }
  printLine("pulumi up brings Rampart's pods and route beside the old ones");
  const args = ["up", "--stack", stack.name, "--yes", "--skip-preview", ...targetsOf([system])];
  if (!(await runEngine(stack.directory, args)).succeeded) {
    throw new CliError(
      `pulumi up failed, and nothing has changed for users; run the same command again when that is mended`,
    );
  }
}

async function compare(
  { api }: Stack,
  { plan: { system } }: HttpSystem,
  route: OldRoute,
  served: Served,
  isAccepted: boolean,
): Promise<void> {
  const found = await api.get(objectPath("apps/v1", "deployments", system, `${system}-stable`));
  const [stable] = parseDeployments(found ? [found] : []);
  if (!stable || stable.status.readyReplicas < served.readyPods) {
    const ready = stable?.status.readyReplicas ?? 0;
    throw new CliError(
      `${system}-stable has ${ready} ready pods, and needs ${served.readyPods} as ${route.metadata.namespace} has`,
    );
  }
  const differences = podDifferences(served.deployment.spec.template.spec, stable.spec.template.spec);
  if (differences.length === 0) return;
  for (const difference of differences) printLine(`Rampart's pods differ: ${difference}`);
  if (isAccepted) return;
  throw new CliError(
    `nothing is switched; mend the pods in stacks/systems/${system}/index.ts, or say --accept-differences when they don't matter`,
  );
}

/** The old route as a file, for the way back. */
function keep({ directory, name }: Stack, system: string, route: OldRoute): string {
  const file = adoptedFile(name, system);
  mkdirSync(join(directory, dirname(file)), { recursive: true });
  writeFileSync(join(directory, file), stringify(cleanRoute(route)));
  return file;
}

export const adoptedFile = (stack: string, system: string): string => join("adopted", stack, `${system}.yaml`);

async function switchOver(api: Api, stack: Stack, { plan: { system } }: HttpSystem, route: OldRoute): Promise<void> {
  const { namespace, name } = route.metadata;
  const isThere = async (): Promise<boolean> => (await gatewayTakes(stack.api, system, system)) !== "no";
  if (!(await comes(isThere)))
    throw new CliError(`nothing is switched: the gateway doesn't take Rampart's route ${system}/${system}`);
  const ours = await readOldRoute(stack.api, system, system);
  await withWarmPods(stack.api, ours, async () => {
    await api.remove(routePath(namespace, name));
    const isAlone = async (): Promise<boolean> => (await gatewayTakes(stack.api, system, system)) === "yes";
    if (await comes(isAlone)) return;
    const back = await api.create(routesPath(namespace), cleanRoute(route)).catch((error: LiveError) => error);
    const now = back instanceof LiveError ? `couldn't be put back: ${back.message}` : "is back";
    throw new CliError(`the gateway didn't take Rampart's route within 30 s; the old one ${now}`);
  });
}
