import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { evidenceFolder } from "../live/signed-files.ts";
import { CliError } from "./output.ts";

/** All evidence files of a project, relative to it. */
export function evidenceFiles(directory: string): string[] {
  return globSync(join(directory, evidenceFolder, "*", "*", "*.json"))
    .map((file) => relative(directory, file))
    .sort();
}

export function readText(file: string): string {
  if (!existsSync(file)) throw new CliError(`${file}: no such file`);
  return readFileSync(file, "utf8");
}

/** Evidence is never overwritten: a second claim is a second file. */
export function writeNew(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CliError(`${file}: is there already; name another file with --out`);
  }
}
