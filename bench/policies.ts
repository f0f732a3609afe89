import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { embeddedEngine } from "../local/engine.ts";
import { exec } from "../local/exec.ts";
import { root, stateDir } from "../local/paths.ts";
import { good } from "../test/policy/baseline-fixtures.ts";
import { component, liveAt, wishFor } from "../test/policy/rollouts.ts";
import { measure, show } from "./support/measure.ts";

export const summary = "what the three policy packs add to a preview, for 10 to 200 systems";

const runs = 3;
const sizes = [10, 50, 200];
const packs = ["guard", "readiness", "baseline"].flatMap((name) => ["--policy-pack", join(root, "policies", name)]);

/** Of each system what a real one has: its Rollout, two workloads, a Service and a disruption budget. */
const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
class Any extends pulumi.ComponentResource {
  constructor(type, name, props) { super(type, name, props); this.registerOutputs(props); }
}
const of = (props, system) =>
  props.wish
    ? { ...props, system, wish: { ...props.wish, system }, spec: { ...props.spec, system }, live: { ...props.live, spec: { ...props.live.spec, system } } }
    : props;
const count = Number(new pulumi.Config().require("systems"));
const resources = JSON.parse(readFileSync("resources.json", "utf8"));
for (let index = 0; index < count; index++)
  for (const { type, name, props } of resources) new Any(type, name + "-" + index, of(props, "s" + index));
`;

function resources(): object[] {
  const { deployment, service, budget } = good;
  const rollout = component({ wish: wishFor("canary-25"), live: liveAt(wishFor("canary-25")) });
  return [rollout, deployment(), { ...deployment(), name: "canary" }, service(), budget()];
}

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const { command, env } = await embeddedEngine();
  const cwd = join(stateDir, "bench-policies");
  const pulumi = (...args: string[]): Promise<string> => exec(command, args, { cwd, env });
  await mkdir(cwd, { recursive: true });
  try {
    const project = { name: "policies", runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" };
    await writeFile(join(cwd, "Pulumi.yaml"), JSON.stringify(project));
    await writeFile(join(cwd, "package.json"), JSON.stringify({ name: "policies", type: "module" }));
    await writeFile(join(cwd, "index.js"), program);
    await writeFile(join(cwd, "resources.json"), JSON.stringify(resources()));
    await pulumi("stack", "init", "bench");
    const figures: Record<string, unknown> = {};
    for (const systems of sizes) {
      await pulumi("config", "set", "systems", String(systems), "--stack", "bench");
      const plain = await measure(runs, () => pulumi("preview", "--stack", "bench"));
      const packed = await measure(runs, () => pulumi("preview", "--stack", "bench", ...packs));
      const added = Math.round((packed.median - plain.median) * 100) / 100;
      // Below 1, the packs add less than the preview takes itself.
      const ratio = Math.round((added / plain.median) * 100) / 100;
      const perSystem = Math.round((added / systems) * 10_000) / 10_000;
      figures[`systems${systems}`] = { plain, packed, added, ratio, perSystem };
      if (!json)
        console.log(
          `${show(`${systems} systems`, plain)}\n${show("  with the packs", packed)}\n  added: ${added} s, ${ratio} of the preview`,
        );
    }
    return figures;
  } finally {
    await pulumi("stack", "rm", "--yes", "--force", "bench").catch(() => undefined);
    await rm(cwd, { recursive: true, force: true });
  }
}
