import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { toolPath } from "../tools/tools.ts";
import { catalogue, type ImageRecipe } from "./catalogue.ts";
import { nodeBinary, nodeFlags, nodeFolder, nodeProgramFiles, nodeProgramHash } from "./node-program.ts";
import { type ImageFile, type WrittenImage, writeImage } from "./oci.ts";
import { postgresFiles, postgresSources } from "./postgres/root.ts";
import {
  compiledProgram,
  imagesDir,
  programFile,
  programFolder,
  sourceHash,
  toolFiles,
  toolIdentity,
} from "./programs.ts";

export interface BuiltImage {
  /** As in the catalogue: `simulator:1.0.0`. */
  readonly name: string;
  /** Pinned by digest; what a pod names, and what the tar registers itself as. */
  readonly reference: string;
  readonly tar: string;
}

export interface EnsureOptions {
  /** Told of every image that has to be built. */
  readonly onProgress?: (line: string) => void;
  /** Where built tools lie; tests give their own. */
  readonly findTool?: (name: string) => Promise<string>;
  readonly folder?: string;
}

/** What decides how an image turns out, beside its recipe. */
const builders = ["oci.ts", "programs.ts", "node-program.ts", "images.ts"].map((file) =>
  join(import.meta.dirname, file),
);

const keptBuilds = 3;
const scratchPrefix = ".build-";
const longestBuild = 3_600_000;

export const imageNames: readonly string[] = catalogue.map((recipe) => recipe.name);

/** Builds what is missing or made of something that has changed since; the rest costs nothing. */
export async function ensureImages(names: readonly string[], options: EnsureOptions = {}): Promise<BuiltImage[]> {
  const { onProgress = () => {}, findTool = toolPath, folder = imagesDir } = options;
  const images: BuiltImage[] = [];
  for (const recipe of names.map(recipeOf)) {
    const tools = new Map<string, string>();
    for (const tool of recipe.tools ?? []) tools.set(tool, await findTool(tool));
    if (recipe.node) tools.set("node", nodeBinary);
    const base = join(folder, `${fileName(recipe)}-${await keyOf(recipe, tools)}`);
    if (!existsSync(`${base}.json`)) {
      onProgress(`image ${recipe.name}: building`);
      await build(recipe, tools, base);
      await removeOld(recipe, folder);
    }
    const { reference } = JSON.parse(await readFile(`${base}.json`, "utf8")) as WrittenImage;
    images.push({ name: recipe.name, reference, tar: `${base}.tar` });
  }
  return images;
}

function recipeOf(name: string): ImageRecipe {
  const recipe = catalogue.find((candidate) => candidate.name === name);
  if (!recipe) throw new Error(`${name} is not an image of the catalogue: ${imageNames.join(", ")}`);
  return recipe;
}

async function keyOf(recipe: ImageRecipe, tools: ReadonlyMap<string, string>): Promise<string> {
  const inputs: unknown[] = [process.arch, recipe, await Promise.all(builders.map((file) => readFile(file, "utf8")))];
  if (recipe.program) inputs.push(await sourceHash(recipe.program));
  if (recipe.postgres) inputs.push(await postgresSources());
  if (recipe.node) inputs.push(await nodeProgramHash());
  for (const path of tools.values()) inputs.push(await toolIdentity(path));
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 16);
}

async function build(recipe: ImageRecipe, tools: ReadonlyMap<string, string>, base: string): Promise<void> {
  await mkdir(dirname(base), { recursive: true });
  const scratch = await mkdtemp(join(dirname(base), scratchPrefix));
  try {
    const files: ImageFile[] = [];
    if (recipe.program) files.push(programFile(recipe.program, await compiledProgram(recipe.program)));
    if (recipe.postgres) files.push(...(await postgresFiles(recipe.postgres, scratch)));
    for (const [tool, path] of tools) files.push(...(await toolFiles(tool, path, scratch)));
    const name = recipe.name.replace(/:.*/, "");
    const config = {
      ...recipe.config,
      entrypoint: [files[0]!.path, ...(recipe.node ? [...nodeFlags, join(nodeFolder, recipe.node)] : [])],
      env: { PATH: programFolder, ...recipe.config?.env },
    };
    const layers = [
      { files, folders: recipe.folders ?? [] },
      // What changes often lies in a layer of its own.
      ...(recipe.node ? [{ files: await nodeProgramFiles(recipe.node) }] : []),
    ];
    const written = await writeImage({ name, layers, config }, join(scratch, "image.tar"));
    await writeFile(join(scratch, "image.json"), JSON.stringify(written));
    await rename(join(scratch, "image.tar"), `${base}.tar`);
    await rename(join(scratch, "image.json"), `${base}.json`); // last: an image with this file is whole
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Keeps the last few builds of an image, since other checkouts share the folder, and drops what killed builds left. */
async function removeOld(recipe: ImageRecipe, folder: string): Promise<void> {
  const key = /-[0-9a-f]{16}\.json$/;
  const entries = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? { mtimeMs: Date.now() };
      return { name, path, age: Date.now() - mtimeMs };
    }),
  );
  const records = entries.filter(({ name }) => name.replace(key, "") === fileName(recipe));
  for (const { path } of records.sort((a, b) => a.age - b.age).slice(keptBuilds)) {
    await rm(path, { force: true }); // the record first: without it the image doesn't count as built
    await rm(path.replace(/json$/, "tar"), { force: true });
  }
  for (const { path, name, age } of entries) {
    if (name.startsWith(scratchPrefix) && age > longestBuild) await rm(path, { recursive: true, force: true });
  }
}

const fileName = (recipe: ImageRecipe): string => recipe.name.replace(":", "-");
