import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, readdir, readFile, rename, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { ExecError, exec } from "../exec.ts";
import { goEnv } from "../go.ts";
import { cacheDir } from "../paths.ts";
import { UserError } from "../user-error.ts";
import type { ImageFile } from "./oci.ts";

/** Where the programs of an image lie; it is the image's PATH. */
export const programFolder = "/usr/bin";

export const imagesDir = join(cacheDir, "images");

export type Program = "pause" | "simulator" | "load";

const buildArgs = ["build", "-trimpath", "-ldflags", "-s -w -buildid="];

/** The programs need the standard library only, so this cache stays small; it is kept to make changes quick. */
export const programEnv = (): NodeJS.ProcessEnv => goEnv({ GOCACHE: join(imagesDir, "go-build") });

/** Changes with everything that goes into one of our Go programs. */
export async function sourceHash(program: Program): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(buildArgs));
  const sources = (await readdir(join(import.meta.dirname, program), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [join(import.meta.dirname, "go.mod"), ...sources.sort()]) {
    hash.update(`${relative(import.meta.dirname, file)}\0`).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** One of our Go programs, compiled when its source has changed. */
export async function compiledProgram(program: Program): Promise<string> {
  const target = join(imagesDir, "programs", `${program}-${await sourceHash(program)}`);
  if (existsSync(target)) return target;
  const partial = `${target}.partial-${randomUUID()}`;
  const args = [...buildArgs, "-o", partial, `./${program}`];
  await exec("go", args, { cwd: import.meta.dirname, env: programEnv() }).catch((cause) => {
    if (cause instanceof ExecError) throw cause;
    throw new UserError(`go can't be started to build ${program}`, { mend: "install Go 1.26 or newer", cause });
  });
  await rename(partial, target);
  return target;
}

export const programFile = (program: Program, source: string): ImageFile => ({
  path: `${programFolder}/${program}`,
  mode: 0o755,
  source,
});

/** A tool's path names its version and flags; size and time tell a copy that was replaced in place. */
export async function toolIdentity(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${path} ${size} ${mtimeMs}`;
}

/** The tool without its symbols, where `strip` is installed, and the shared libraries that it asks for. */
export async function toolFiles(tool: string, path: string, scratch: string): Promise<ImageFile[]> {
  const libraries = await sharedLibraries(path);
  const source = libraries.length > 0 ? await stripped(path, join(scratch, tool)) : path;
  return [
    { path: `${programFolder}/${tool}`, mode: 0o755, source },
    ...libraries.map((library): ImageFile => ({ path: library, mode: 0o755, source: library })),
  ];
}

async function stripped(path: string, copy: string): Promise<string> {
  await copyFile(path, copy);
  await chmod(copy, 0o755);
  try {
    await exec("strip", [copy]);
  } catch (error) {
    if (error instanceof ExecError) throw error;
    return path; // no strip here: the image is larger, nothing else
  }
  return copy;
}

/** What the loader would load, itself included; nothing for a static program. */
async function sharedLibraries(path: string): Promise<string[]> {
  const listed = await exec("ldd", [path], { env: { ...process.env, LC_ALL: "C" } }).catch((error: unknown) => {
    if (error instanceof ExecError && /not a dynamic executable/.test(error.stdout + error.stderr)) return "";
    throw error;
  });
  const missing = /^\s*(\S+) => not found/m.exec(listed);
  if (missing) throw new UserError(`${path} needs the shared library ${missing[1]}, which this machine doesn't have`);
  return [...listed.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!);
}
