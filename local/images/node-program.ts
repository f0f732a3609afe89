import { createHash } from "node:crypto";
import { existsSync, globSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { exec } from "../exec.ts";
import { root } from "../paths.ts";
import type { ImageFile } from "./oci.ts";

/** Where a program in TypeScript lies in its image, in the folders that it has here. */
export const nodeFolder = "/app";

/** The Node of the checkout: pinned by the lock file, and the same everywhere. */
export const nodeBinary = join(root, "node_modules", `node-linux-${process.arch}`, "bin/node");

/** Such a program watches for months beside those that it watches: garbage is collected sooner rather than kept. */
export const nodeFlags = ["--max-semi-space-size=4"];

/** Says which files an entry point loads, its own and those of its dependencies, without running it. */
const tracer = `
import { registerHooks } from "node:module";
import { writeSync } from "node:fs";
const files = [];
registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files.push(url); return next(url, context); } });
process.exitCode = 1;
process.on("exit", () => writeSync(1, JSON.stringify(files)));
await import(ENTRY).then(() => process.exit(0), () => process.exit(0));`;

/** Only what is loaded: a dependency's hundreds of other files would only be something to attack. */
export async function nodeProgramFiles(entry: string): Promise<ImageFile[]> {
  const script = tracer.replace("ENTRY", JSON.stringify(pathToFileURL(join(root, entry)).href));
  const traced = await exec(nodeBinary, ["--input-type=module", "-e", script], { cwd: root, env: { PATH: "" } });
  const loaded = (JSON.parse(traced) as string[]).map((url) => inCheckout(fileURLToPath(url)));
  const all = new Set([...loaded.filter((file) => file.startsWith(`${root}/`)), ...loaded.flatMap(manifestsOf)]);
  return [...all].sort().map((source) => ({ path: join(nodeFolder, relative(root, source)), mode: 0o644, source }));
}

/** Checkouts of one repository may share their dependencies by a link, and Node says where it leads. */
function inCheckout(file: string): string {
  const modules = join(root, "node_modules");
  const away = relative(realpathSync(modules), file);
  return away.startsWith("..") ? file : join(modules, away);
}

/** Manifests say how a package's files are to be understood: all on the way up to the checkout. */
function manifestsOf(file: string): string[] {
  const found: string[] = [];
  for (let folder = dirname(file); folder.startsWith(root); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) found.push(manifest);
  }
  return found;
}

/** Folders that a program of ours may be made of, and what pins everybody else's. */
const sources = ["analyzer/**/*.ts", "live/**/*.ts", "rollout/**/*.ts", "package-lock.json", "local/images/*.ts"];

/** Changes with everything that the program is made of; finding out what it loads would take seconds. */
export async function nodeProgramHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of sources.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()) {
    hash.update(`${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
