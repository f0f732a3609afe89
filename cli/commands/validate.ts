import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { parseStackFile } from "../../rollout/config/parse.ts";
import { formatProblem } from "../../rollout/config/problem.ts";
import { projectFileProblems } from "../../rollout/config/project-file.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { exitCode, printJson, printLine } from "../output.ts";
import { projectDirectory, stackFiles } from "../project.ts";

export function validateCommand(): Command {
  return new Command("validate")
    .description("check the config of all stacks, or of one, against the plans")
    .option("-s, --stack <stack>", "only this stack's file")
    .option("--json", "print one object with all problems")
    .addHelpText("after", "\nExamples:\n  rampart validate\n  rampart validate --stack production --json")
    .action(({ stack, json }: { stack?: string; json?: true }) => validate(stack, json === true));
}

function validate(stack: string | undefined, asJson: boolean): void {
  const directory = projectDirectory();
  const inProject = projectFileProblems(readFileSync(join(directory, "Pulumi.yaml"), "utf8"), "Pulumi.yaml");
  const checked = stackFiles(directory, stack).map(({ stack: name, file, text }) => ({
    stack: name,
    file,
    problems: [...inProject, ...(parseStackFile(text, file, plans).problems ?? [])],
  }));
  const isValid = checked.every(({ problems }) => problems.length === 0);
  if (asJson) printJson({ valid: isValid, stacks: checked });
  else for (const { file, problems } of checked) printLine(problems.map(formatProblem).join("\n") || `${file}: fine`);
  if (!isValid) process.exitCode = exitCode.problem;
}
