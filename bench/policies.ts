import { join } from "node:path";
import { startCluster } from "../local/cluster/start.ts";
import { stopCluster } from "../local/cluster/stop.ts";
import { root } from "../local/paths.ts";
import { measure, type Spread, show } from "./support/measure.ts";

export const summary = "what the three policy packs add to a preview, for 10 to 200 systems";

const sizes = [
  { systems: 10, runs: 5 },
  { systems: 50, runs: 3 },
  { systems: 200, runs: 1 },
];
const packs = ["guard", "readiness", "baseline"].flatMap((name) => ["--policy-pack", join(root, "policies", name)]);

interface Row {
  readonly systems: number;
  readonly plain: Spread;
  readonly packed: Spread;
  readonly added: number;
  /** Below 1, the packs add less than the preview takes itself. */
  readonly ratio: number;
}

/** Systems like wdbx, by our components, against an API server: the preview that the bench `scale` measures. */
export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const name = `bench-${process.pid}`;
  const cluster = await startCluster({ name, mode: "api", isThrowAway: true });
  process.env.RAMPART_TEST_KUBECONFIG = cluster.where.kubeconfig("admin");
  try {
    const { installKinds } = await import("./support/kinds.ts");
    await installKinds();
    const rows: Row[] = [];
    for (const { systems, runs } of sizes) {
      const row = await compare(systems, runs);
      rows.push(row);
      if (!json) print(row);
    }
    const [first, last] = [rows[0]!, rows.at(-1)!];
    const perSystemMs = Math.round((1000 * (last.added - first.added)) / (last.systems - first.systems));
    if (!json) console.log(`one more system: ${perSystemMs} ms more with the packs`);
    return { rows, perSystemMs };
  } finally {
    await stopCluster(name, { deleteData: true });
  }
}

async function compare(systems: number, runs: number): Promise<Row> {
  const { workspace, preview } = await import("../test/engine/support.ts");
  const library = JSON.stringify(join(root, "bench/support/many-systems.ts"));
  const program = `import { manySystems } from ${library};\nawait manySystems(${systems}, "components");\n`;
  const project = await workspace(program, { kubeconfig: process.env.RAMPART_TEST_KUBECONFIG! });
  try {
    const plain = await measure(runs, () => project.run(preview));
    // What they find in systems that nobody has signed anything for makes no difference to the time.
    const packed = await measure(runs, () => project.start([...preview, ...packs]).done);
    const added = Math.round((packed.median - plain.median) * 100) / 100;
    return { systems, plain, packed, added, ratio: Math.round((added / plain.median) * 100) / 100 };
  } finally {
    await project.remove();
  }
}

function print({ systems, plain, packed, added, ratio }: Row): void {
  console.log(`${show(`${systems} systems`, plain)}\n${show("  with the packs", packed)}`);
  console.log(`  added: ${added} s, ${ratio} of the preview`);
}
