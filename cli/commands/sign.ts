import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { evidenceFolder } from "../../live/signed-files.ts";
import { planEnvironment } from "../../rollout/config/model.ts";
import { nearestWord } from "../../rollout/config/nearest.ts";
import { formatEvidence } from "../../rollout/evidence/evidence-file.ts";
import {
  evidenceNamespace,
  instantOf,
  instantToSeconds,
  itemSet,
  type Statement,
  statementBytes,
  statementSchema,
} from "../../rollout/evidence/statement.ts";
import { approvalItem, choiceItem, noticeItem } from "../../rollout/guard/approvals.ts";
import { postMortemItem } from "../../rollout/guard/post-mortem.ts";
import { planDigest } from "../../rollout/plan/digest.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { restoreItem } from "../../rollout/verdict/restored.ts";
import { writeNew } from "../evidence-files.ts";
import { CliError, exitCode, printLine } from "../output.ts";
import { findPlan, stackConfig } from "../plans.ts";
import { projectDirectory } from "../project.ts";
import { sshSign } from "../ssh-keygen.ts";

export interface SignOptions {
  stack: string;
  phase?: string;
  item: string[];
  as: string;
  role: string;
  key: string;
  revision: string;
  attempt: number;
  result: Statement["result"];
  reason?: string;
  from?: string;
  to?: string;
  days: number;
  out?: string;
  /** That of the live Rollout; of the plan in this checkout when left out. */
  planDigest?: string;
  /** Of the log that is vouched for. */
  logHead?: string;
  /** What a probe has seen. */
  figures?: Statement["figures"];
}

const number = (least: number) => (value: string) => {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < least)
    throw new InvalidArgumentError(`expected a whole number from ${least}`);
  return parsed;
};
const instant = (value: string) => {
  if (instantToSeconds(value) === undefined) throw new InvalidArgumentError("expected UTC like 2026-03-01T09:00:00Z");
  return value;
};

export function signCommand(): Command {
  return new Command("sign")
    .description("sign that checklist items hold for the artifact that a stack's config names")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack it is for")
    .requiredOption("-i, --item <ids...>", "the items that hold")
    .requiredOption("--as <principal>", "who signs, as allowed_signers writes it")
    .requiredOption("--role <role>", "in which role")
    .requiredOption("--key <file>", "SSH key, private or public with an agent")
    .requiredOption("--revision <revision>", "the Rollout's revision")
    .requiredOption("--attempt <number>", "the Rollout's attempt", number(1))
    .option("--phase <phase>", "the phase it is for (default: the one in the config)")
    .addOption(new Option("--result <result>").choices(["passed", "failed", "not-applicable"]).default("passed"))
    .option("--reason <text>", "why it isn't applicable, or what was seen")
    .option("--from <instant>", "when measuring began (default: now)", instant)
    .option("--to <instant>", "when measuring ended (default: now)", instant)
    .option("--days <number>", "how long the statement is valid", number(1), 7)
    .option("--out <file>", "where it is written (default: in evidence/<stack>/<system>/)")
    .addHelpText("after", `\nExample:\n  ${example}`)
    .action((system: string, options: SignOptions) => printLine(writeSigned(system, options)));
}

const example = [
  "rampart sign wdbx --stack production --item WDBX-CC-01 --as anna@example.com --role sre-lead",
  "--key ~/.ssh/id_ed25519 --revision 7c9d1e --attempt 3",
].join(" \\\n    ");

/** Makes the statement, has it signed, and gives the file that holds both. */
export function writeSigned(system: string, options: SignOptions): string {
  const directory = projectDirectory();
  const statement = makeStatement(system, options, directory, Date.now() / 1000);
  warnOfUnknownItems(statement);
  const evidence = { statement, signature: sshSign(statementBytes(statement), options.key, evidenceNamespace) };
  const { stack, phase, attempt, signer } = statement;
  const name = [phase, `attempt-${attempt}`, signer.role, statement.issuedAt.replaceAll(/[-:]/g, "")].join("-");
  const file = options.out ?? join(directory, evidenceFolder, stack, system, `${name}.json`);
  writeNew(file, formatEvidence(evidence));
  return file;
}

/** A statement may be about more than the checklists, but more often than that an id is mistyped. */
function warnOfUnknownItems({ system, phase, items }: Statement): void {
  const beside = [approvalItem(phase), noticeItem(phase), choiceItem(phase), restoreItem, postMortemItem];
  const known = [...itemsOf(system).map(({ id }) => id), ...beside];
  for (const item of items.filter((id) => !known.includes(id))) {
    const nearest = nearestWord(item, known);
    console.error(`warning: ${item} is no checklist item of ${system}${nearest ? `; nearest: ${nearest}` : ""}`);
  }
}

function makeStatement(system: string, options: SignOptions, directory: string, now: number): Statement {
  const plan = findPlan(system);
  const config = stackConfig(directory, options.stack);
  const entry = config.systems[system];
  if (!entry) throw new CliError(`${system} isn't in the config of ${options.stack}, so there is nothing to sign for`);
  const phase = options.phase ?? entry.phase;
  if (phase === undefined) throw new CliError(`${system} is settled in ${options.stack}; name the phase with --phase`);
  const draft = {
    format: "rampart-evidence/v1",
    system,
    stack: options.stack,
    artifact: entry.artifact,
    revision: options.revision,
    planDigest: options.planDigest ?? planDigest(plan, planEnvironment(config.environment), entry.ladder),
    phase,
    attempt: options.attempt,
    items: itemSet(options.item),
    result: options.result,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    window: { from: options.from ?? instantOf(now), to: options.to ?? instantOf(now) },
    issuedAt: instantOf(now),
    expires: instantOf(now + options.days * 86_400),
    signer: { principal: options.as, role: options.role },
    ...(options.logHead === undefined ? {} : { logHead: options.logHead }),
    ...(options.figures === undefined ? {} : { figures: options.figures }),
  };
  const checked = statementSchema.safeParse(draft);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CliError(`this can't be signed: ${faults.join("; ")}`, exitCode.usage);
}
