import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.ts";

const environments = ["staging", "production", "rehearsal"];
const stackFiles = environments.flatMap((name) => [`Pulumi.${name}-platform.yaml`, `Pulumi.${name}.yaml`]);
const builtHere = /rampart\.local\/([a-z-]+)@sha256:[0-9a-f]{64}/g;

/**
 * Images of this machine are compiled on it, and another Go gives them another digest than the one that the stack files
 * were committed with. Such a digest could never be pulled: it becomes that of the image built here, the first of its name.
 */
export async function pinImages(built: ReadonlyMap<string, string>): Promise<string[]> {
  const references = [...built.values()];
  const changed: string[] = [];
  for (const stackFile of stackFiles) {
    const file = join(root, stackFile);
    const text = await readFile(file, "utf8");
    const names = new Set<string>();
    const pinned = text.replace(builtHere, (found: string, name: string) => {
      const mine = references.filter((reference) => reference.startsWith(`rampart.local/${name}@`));
      if (mine.length === 0 || mine.includes(found)) return found;
      names.add(name);
      return mine[0]!;
    });
    if (pinned === text) continue;
    await writeFile(file, pinned);
    const whose = `the digest of ${[...names].join(", ")} is now the one that this machine's Go gives`;
    changed.push(`${stackFile}: ${whose}`);
  }
  return changed;
}

/** Whether an environment has it deployed. */
export async function namesImage(environment: string, name: string): Promise<boolean> {
  const text = await readFile(join(root, `Pulumi.${environment}-platform.yaml`), "utf8");
  return text.includes(`rampart.local/${name}@`);
}
