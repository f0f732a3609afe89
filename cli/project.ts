import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError, exitCode } from "./output.ts";

/** The Pulumi project that the current directory belongs to: the nearest directory upwards with a Pulumi.yaml. */
export function projectDirectory(from = process.cwd()): string {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "Pulumi.yaml"))) return directory;
    if (directory === dirname(directory)) {
      throw new CliError(`no Pulumi.yaml here or above (${from}); run this inside the project`);
    }
  }
}

export interface StackFile {
  stack: string;
  file: string;
  text: string;
}

const stackOf = /^Pulumi\.(.+)\.yaml$/;

/** The stack files of a project, all or one, by name. */
export function stackFiles(directory: string, stack?: string): StackFile[] {
  const stacks = readdirSync(directory)
    .flatMap((file) => stackOf.exec(file)?.[1] ?? [])
    .sort();
  const wanted = stack === undefined ? stacks : stacks.filter((name) => name === stack);
  if (wanted.length === 0) {
    const known = stacks.length === 0 ? "there are none" : `there are ${stacks.join(", ")}`;
    if (stack === undefined) throw new CliError(`no stack files in ${directory}; one is called Pulumi.<stack>.yaml`);
    throw new CliError(`no stack file for ${stack}; ${known}`, exitCode.usage);
  }
  return wanted.map((name) => {
    const file = `Pulumi.${name}.yaml`;
    return { stack: name, file, text: readFileSync(join(directory, file), "utf8") };
  });
}
