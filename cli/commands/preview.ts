import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { LiveError } from "../../live/live-error.ts";
import type { LiveSystems } from "../../live/model.ts";
import { checklistOf } from "../../rollout/checklist/phase.ts";
import type { StackConfig } from "../../rollout/config/model.ts";
import { parseStackFile } from "../../rollout/config/parse.ts";
import { formatProblem } from "../../rollout/config/problem.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { runEngine } from "../engine.ts";
import { CliError, exitCode, printJson, printLine } from "../output.ts";
import { findPlan } from "../plans.ts";
import { changesBetween } from "../preview/changes.ts";
import { absentPacks, type EngineLog, readEngineLog } from "../preview/engine-log.ts";
import { previewMarkdown } from "../preview/markdown.ts";
import type { PreviewReport } from "../preview/report.ts";
import { signedFor, waiversFor } from "../signed.ts";
import { configOf, liveOf, openStack, type Stack } from "../stack.ts";

interface PreviewOptions {
  stack: string;
  against: string;
  json?: true;
}

export function previewCommand(): Command {
  return new Command("preview")
    .description("run the preview with all policy packs, and print what a reviewer has to know as Markdown")
    .requiredOption("-s, --stack <stack>", "the stack that is previewed")
    .option("--against <ref>", "the Git revision that the config is compared with", "origin/main")
    .option("--markdown", "print the comment of a pull request (what it does anyway)")
    .option("--json", "print the data behind the comment instead")
    .addHelpText(
      "after",
      "\nExample:\n  rampart preview --markdown --stack production --against origin/main > comment.md",
    )
    .addHelpText("after", "\nThe code is 1 where the preview is refused; the comment is printed all the same.")
    .action((options: PreviewOptions) => preview(options));
}

async function preview(options: PreviewOptions): Promise<void> {
  const stack = openStack(options.stack);
  const report = await reportOf(stack, options.against);
  if (options.json) printJson(report);
  else printLine(previewMarkdown(report).trimEnd());
  if (!report.engine.succeeded) process.exitCode = exitCode.problem;
}

async function reportOf(stack: Stack, against: string): Promise<PreviewReport> {
  const now = Date.now() / 1000;
  const changes = changesBetween(configAt(stack, against), configOf(stack), plans);
  const { live, unseen } = await seen(stack);
  const signed = signedFor(stack.directory, stack.name);
  const { counting, problems } = waiversFor(stack.directory, stack.name);
  return {
    ...{ stack: stack.name, against, now, unseen, waivers: counting, badWaivers: problems },
    changes: changes.map((change) => {
      const rollout = live[change.system]?.rollout;
      const phase = rollout?.spec.phase;
      const checklist = phase && checklistOf(findPlan(change.system), rollout, phase, signed);
      return { ...change, live: rollout, checklist: checklist || undefined };
    }),
    engine: await engineRun(stack),
  };
}

/** The config as it was; undefined where the stack wasn't there yet. */
function configAt({ directory, file }: Stack, ref: string): StackConfig | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  try {
    git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  } catch {
    throw new CliError(`Git knows no ${ref} here; fetch it, or name another with --against`, exitCode.usage);
  }
  const path = `./${file}`;
  if (git("ls-tree", "--name-only", ref, "--", path).trim() === "") return undefined;
  const { config, problems } = parseStackFile(git("show", `${ref}:${path}`), `${ref}:${file}`, plans);
  if (config) return config;
  throw new CliError(`the config at ${ref} has problems\n${problems.map(formatProblem).join("\n")}`);
}

/** A preview is worth reading also where the cluster can't be asked for its verdicts. */
async function seen(stack: Stack): Promise<{ live: LiveSystems; unseen?: string }> {
  try {
    return { live: await liveOf(stack) };
  } catch (error) {
    if (!(error instanceof LiveError || error instanceof CliError)) throw error;
    return { live: {}, unseen: `unknown, for the cluster wasn't read: ${error.message}` };
  }
}

const packs = ["guard", "readiness", "baseline"];

const versionOf = (directory: string, pack: string): string =>
  JSON.parse(readFileSync(join(directory, "policies", pack, "package.json"), "utf8")).version;

async function engineRun({ directory, name }: Stack): Promise<EngineLog & { succeeded: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), "rampart-preview-"));
  const log = join(folder, "events");
  try {
    const args = ["preview", "--stack", name, "--event-log", log];
    for (const pack of packs) args.push("--policy-pack", join(directory, "policies", pack));
    // The engine knows the option only while it's told that somebody looks for defects.
    const { succeeded } = await runEngine(directory, args, { PULUMI_DEBUG_COMMANDS: "true" });
    const seen = readEngineLog(existsSync(log) ? readFileSync(log, "utf8") : "");
    const absent = succeeded
      ? absentPacks(
          seen,
          packs.map((pack) => ({ pack, version: versionOf(directory, pack) })),
        )
      : [];
    return { ...seen, errors: [...seen.errors, ...absent], succeeded: succeeded && absent.length === 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
