// A copy of this checkout, with stack files and evidence of its own: packs go by where they lie.
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../local/paths.ts";

const parts = ["stacks", "components", "live", "rollout", "policies", "package.json", "Pulumi.yaml"];

export function copyCheckout(folder: string): void {
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}
