import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { waiverFolder } from "../../live/signed-files.ts";
import { allChecks } from "../../rollout/baseline/checks.ts";
import { readWaiver, type Waiver, waiverBytes, waivingRoles } from "../../rollout/baseline/waiver.ts";
import { evidenceNamespace, instantOf } from "../../rollout/evidence/statement.ts";
import { writeNew } from "../evidence-files.ts";
import { CliError, exitCode, printLine } from "../output.ts";
import { projectDirectory, stackFiles } from "../project.ts";
import { signersOf } from "../signed.ts";
import { sshSign } from "../ssh-keygen.ts";

interface WaiveOptions {
  stack: string;
  resource: string;
  reason: string;
  as: string;
  role: string;
  key: string;
  days: number;
}

const days = (value: string): number => {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1 || parsed > 30)
    throw new InvalidArgumentError("expected a whole number from 1 to 30");
  return parsed;
};

export function waiveCommand(): Command {
  return new Command("waive")
    .description("sign that one check of the baseline may be broken by one resource for a while")
    .argument("<check>", "like KB-05")
    .requiredOption("-s, --stack <stack>", "the stack it is for; platform stacks have waivers of their own")
    .requiredOption("--resource <name>", "the resource's name in the program, as the finding names it")
    .requiredOption("--reason <text>", "why it can't be mended now")
    .requiredOption("--as <principal>", "who signs, as allowed_signers writes it")
    .addOption(new Option("--role <role>", "in which role").choices(waivingRoles).makeOptionMandatory())
    .requiredOption("--key <file>", "SSH key, private or public with an agent")
    .option("--days <number>", "how long it counts, 30 at most", days, 30)
    .addHelpText("after", `\nExample:\n  ${example}`)
    .action((check: string, options: WaiveOptions) => waive(check, options));
}

const example = [
  "rampart waive KB-05 --stack production --resource wdbx-stable-deployment \\",
  '    --reason "writes its cache beside the binary until 4.2" \\',
  "    --as cleo@example.com --role security-reviewer --key ~/.ssh/id_ed25519",
].join("\n");

function waive(check: string, { stack, resource, reason, as: principal, role, key, days: length }: WaiveOptions): void {
  const directory = projectDirectory();
  stackFiles(directory, stack);
  if (!allChecks.some(({ id }) => id === check))
    throw new CliError(`there is no check ${check}; docs/baseline-checks.md lists them`, exitCode.usage);
  const now = Math.floor(Date.now() / 1000);
  const waiver: Waiver = {
    ...{ format: "rampart-waiver/v1", stack, check, resource, reason },
    ...{ issuedAt: instantOf(now), expires: instantOf(now + length * 86_400), signer: { principal, role } },
  };
  const signature = sshSign(waiverBytes(waiver), key, evidenceNamespace);
  const text = `${JSON.stringify({ waiver, signature }, undefined, 2)}\n`;
  const file = join(directory, waiverFolder, stack, `${check}-${resource}-${now}.json`);
  // A waiver that wouldn't count is refused now, not found out in somebody's preview.
  const { problems } = readWaiver({ file, text }, signersOf(directory), stack, now);
  if (problems) throw new CliError(problems.join("\n"));
  writeNew(file, text);
  printLine(file);
}
