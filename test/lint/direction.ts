import { globSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { root } from "../../local/paths.ts";

/** Which folders a folder of the house may import from; its own always. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  rollout: [],
  components: ["rollout"],
  live: ["rollout"],
  stacks: ["components", "live", "rollout"],
  policies: ["live", "rollout", "stacks/systems/plans.ts"],
  analyzer: ["live", "rollout"],
  cli: ["live", "rollout", "stacks/names.ts", "stacks/systems"],
  local: [],
};

/** Libraries that pure code may use. */
const libraries = [
  /^zod$/,
  /^yaml$/,
  /^rrule$/,
  /^simple-statistics$/,
  /^@stdlib\//,
  /^@grafana\/grafana-foundation-sdk\//,
  /^node:(crypto|util)$/,
];

const importLine = /(?:^|\n)(?:import|export)\s(?:[^;"']*?\sfrom\s)?["']([^"']+)["']/g;

/** Imports against the direction in which the arrows of this house point. */
export function wrongImports(): string[] {
  const wrong: string[] = [];
  for (const [room, others] of Object.entries(allowed)) {
    for (const file of globSync(`${room}/**/*.ts`, { cwd: root })) {
      for (const [, target] of readFileSync(join(root, file), "utf8").matchAll(importLine)) {
        const said = `${file} imports ${target}`;
        if (target!.startsWith(".")) {
          const path = normalize(join(file, "..", target!));
          if (![room, ...others].some((place) => path === place || path.startsWith(`${place}/`))) wrong.push(said);
        } else if (room === "rollout" && !libraries.some((library) => library.test(target!))) wrong.push(said);
      }
    }
  }
  return wrong;
}
