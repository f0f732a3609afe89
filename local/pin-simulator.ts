import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.ts";

const simulator = /rampart\.local\/simulator@sha256:[0-9a-f]{64}/g;
const stackFiles = ["Pulumi.staging.yaml", "Pulumi.production.yaml", "Pulumi.rehearsal.yaml"];

/**
 * The simulator is compiled on this machine, and another Go gives it another digest than the one that the stack files
 * were committed with. Such a digest could never be pulled: it becomes that of the version built here.
 */
export async function pinSimulator(reference: string, built: readonly string[]): Promise<string[]> {
  const changed: string[] = [];
  for (const stackFile of stackFiles) {
    const file = join(root, stackFile);
    const text = await readFile(file, "utf8");
    const pinned = text.replace(simulator, (found) => (built.includes(found) ? found : reference));
    if (pinned === text) continue;
    await writeFile(file, pinned);
    changed.push(`${stackFile}: the simulator's digest is now the one that this machine's Go gives`);
  }
  return changed;
}
