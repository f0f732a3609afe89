import { Command } from "commander";
import type { ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { CliError, exitCode, printLine, printTable } from "../output.ts";
import { findPlan } from "../plans.ts";
import type { Probe } from "../probes/model.ts";
import { probeFor, probes } from "../probes/probes.ts";
import { type SignerOptions, signerOf, signSeen } from "../seen.ts";
import { liveOf, openStack } from "../stack.ts";

interface ProbeOptions extends SignerOptions {
  list?: true;
  stack?: string;
  context?: string;
  only?: string;
}

export function probeCommand(): Command {
  return new Command("probe")
    .description("look at the cluster for checklist items that can be proven so, and sign what was seen")
    .argument("<system>")
    .option("-l, --list", "say of every item to be proven which probe does it, or that somebody else has to")
    .option("-s, --stack <stack>", "the stack whose cluster is looked at")
    .option("--context <context>", "look with another login of the kubeconfig, such as one that may see nodes")
    .option("--only <probe>", "run this one alone")
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

async function run(system: string, { stack: name, context, only, as, key }: ProbeOptions): Promise<void> {
  const plan = findPlan(system);
  if (name === undefined) throw new CliError("name the stack with --stack, or --list the probes", exitCode.usage);
  const signer = signerOf({ as, key });
  const chosen = chooseProbes(system, only);
  const stack = openStack(name, context);
  const live = (await liveOf(stack))[system];
  if (!live?.rollout)
    throw new CliError(`${system} has no Rollout in ${stack.api.context}; there is nothing to look at`);
  const { namespace, rollout } = live;
  for (const probe of chosen) {
    const from = Date.now() / 1000;
    const measured = await probe.measure({ api: stack.api, plan, namespace, rollout });
    printLine(`${probe.id}: ${measured.holds ? "holds" : "does not hold"}: ${measured.said}`);
    if (!measured.holds) process.exitCode = exitCode.problem;
    if (!signer) continue;
    const items = itemsOf(system).filter(({ id }) => probe.items.includes(id));
    const files = signSeen(stack, rollout, items, measured, [from, Date.now() / 1000], signer);
    for (const file of files) printLine(`  ${file}`);
  }
}

function chooseProbes(system: string, only: string | undefined): Probe[] {
  const own = probes.filter(({ items }) => itemsOf(system).some(({ id }) => items.includes(id)));
  const chosen = own.filter(({ id }) => only === undefined || id === only);
  if (chosen.length > 0) return chosen;
  const known = own.map(({ id }) => id).join(", ") || "none";
  throw new CliError(
    `${system} has no probe${only === undefined ? "" : ` ${only}`}; there are: ${known}`,
    exitCode.usage,
  );
}
