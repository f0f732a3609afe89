import { Command } from "commander";
import { LiveError } from "../../live/live-error.ts";
import { prometheusBehind } from "../../live/prometheus.ts";
import type { ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf, readinessItems } from "../../rollout/readiness/readiness.ts";
import { CliError, exitCode, printLine, printTable } from "../output.ts";
import { findPlan } from "../plans.ts";
import type { Finding, Probe, Target } from "../probes/model.ts";
import { probeFor, probes } from "../probes/probes.ts";
import { type SignerOptions, signerOf, signSeen } from "../seen.ts";
import { configOf, liveOf, openStack, type Stack } from "../stack.ts";

interface ProbeOptions extends SignerOptions {
  list?: true;
  stack?: string;
  context?: string;
  only?: string;
  for?: string;
  address?: string;
  authority?: string;
}

export function probeCommand(): Command {
  return new Command("probe")
    .description("look at the cluster for checklist items that can be proven so, and sign what was seen")
    .argument("<system>")
    .option("-l, --list", "say of every item to be proven which probe does it, or that somebody else has to")
    .option("-s, --stack <stack>", "the stack whose cluster is looked at")
    .option("--context <context>", "look with another login of the kubeconfig, such as one that may see nodes")
    .option("--only <probe>", "run this one alone; what does more than look is run only so")
    .option("--address <host:port>", "where users come in; the probe tls knocks there")
    .option("--authority <file>", "whose certificates count at that address, in place of the usual ones")
    .option("--for <stack>", "sign drills and reports for that stack, where the same artifact waits")
    .option("--as <principal>", "who signs; without it nothing is signed")
    .option("--key <file>", "SSH key, private or public with an agent")
    .addHelpText(
      "after",
      "\nExamples:\n  rampart probe wdbx --list\n  rampart probe wdbx --stack production --only pods",
    )
    .action((system: string, options: ProbeOptions) => (options.list ? list(system) : run(system, options)));
}

/** What a rule doesn't decide has to be proven; an item without a probe is proven by a person's report. */
const provable = (item: ReadinessItem): boolean =>
  [item.class, item.and].includes("P") || probeFor(item.id) !== undefined;

function list(system: string): void {
  const items = itemsOf(findPlan(system).system).filter(provable);
  const byHand = ({ role = "platform-engineering" }: ReadinessItem): string => `none; ${role} signs a report`;
  printTable(
    ["item", "phase", "probe", "what"],
    items.map((item) => [item.id, item.phase, probeFor(item.id)?.id ?? byHand(item), item.what]),
  );
  const probed = items.filter(({ id }) => probeFor(id)).length;
  printLine(`${probed} of ${items.length} have a probe`);
}

async function run(system: string, options: ProbeOptions): Promise<void> {
  const { stack: name, context, only, address, authority } = options;
  const plan = findPlan(system);
  if (name === undefined) throw new CliError("name the stack with --stack, or --list the probes", exitCode.usage);
  const signer = signerOf(options);
  const chosen = chooseProbes(system, only, address);
  const stack = openStack(name, context);
  const config = configOf(stack);
  const live = await liveOf(stack);
  const { namespace, rollout } = live[system] ?? {};
  if (namespace === undefined || !rollout)
    throw new CliError(`${system} has no Rollout in ${stack.api.context}; there is nothing to look at`);
  const signedFor = options.for === undefined ? stack : rehearsedFor(stack, options.for, rollout.spec);
  const { api } = stack;
  const door = address === undefined ? undefined : { address, authority };
  const known = itemsOf(system).map(({ id }) => id);
  for (const probe of chosen) {
    const from = Date.now() / 1000;
    const target = { api, ask: prometheusBehind(api), plan, config, live, namespace, rollout, door };
    const measured = await findingsOf(probe, target, only === undefined);
    for (const finding of measured.filter(({ items }) => items.some((id) => known.includes(id)))) {
      const about = measured.length > 1 ? ` ${finding.items.join(", ")}` : "";
      printLine(`${probe.id}${about}: ${finding.holds ? "holds" : "does not hold"}: ${finding.said}`);
      if (!finding.holds) process.exitCode = exitCode.problem;
      if (!signer) continue;
      const items = options.for === undefined ? finding.items : finding.items.filter(isKept);
      for (const file of signSeen(signedFor, rollout, { ...finding, items }, [from, Date.now() / 1000], signer))
        printLine(`  ${file}`);
    }
  }
}

/** Not every probe of a system has something to look at in every phase; where all are run, the others go on. */
async function findingsOf(probe: Probe, target: Target, goesOn: boolean): Promise<readonly Finding[]> {
  try {
    return await probe.measure(target);
  } catch (error) {
    if (!goesOn || !(error instanceof CliError || error instanceof LiveError)) throw error;
    printLine(`${probe.id}: nothing to see: ${error.message}`);
    process.exitCode = exitCode.problem;
    return [];
  }
}

/** What somebody has tried counts for the artifact, wherever it was tried. */
const isKept = (id: string): boolean =>
  readinessItems.some((item) => item.id === id && (item.evidence === "drill" || item.evidence === "report"));

function rehearsedFor({ directory }: Stack, name: string, { system, artifact }: { system: string; artifact: string }) {
  const waiting = configOf({ directory, name }).systems[system]?.artifact;
  if (waiting === artifact) return { directory, name };
  throw new CliError(
    `${name} has ${waiting ?? `no ${system}`}, and what is looked at is ${artifact}; that proves nothing there`,
  );
}

function chooseProbes(system: string, only: string | undefined, address: string | undefined): Probe[] {
  const own = probes.filter(({ items }) => itemsOf(system).some(({ id }) => items.includes(id)));
  const chosen = own.filter(({ id, does, needsDoor }) =>
    only === undefined ? !does && (!needsDoor || address !== undefined) : id === only,
  );
  if (chosen.length > 0) return chosen;
  const known = own.map(({ id }) => id).join(", ") || "none";
  throw new CliError(
    `${system} has no probe${only === undefined ? "" : ` ${only}`}; there are: ${known}`,
    exitCode.usage,
  );
}
