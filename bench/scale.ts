import { join } from "node:path";
import { startCluster } from "../local/cluster/start.ts";
import { stopCluster } from "../local/cluster/stop.ts";
import { root } from "../local/paths.ts";

export const summary = "preview and up with 1 to 200 systems, by our components and as plain resources: seconds, slope";

const sizes = { preview: [1, 50, 200], up: [1, 20] };

interface Row {
  readonly systems: number;
  readonly components: number;
  readonly plain: number;
}

/** Against an API server without a node: pods never start, so nothing is waited for, in either program. */
export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const name = `bench-${process.pid}`;
  const cluster = await startCluster({ name, mode: "api", isThrowAway: true });
  process.env.RAMPART_TEST_KUBECONFIG = cluster.where.kubeconfig("admin");
  try {
    await serveRoutes();
    const preview = await rows(sizes.preview, "preview");
    const up = await rows(sizes.up, "up");
    const figures = { preview, up, slopes: { preview: slopes(preview), up: slopes(up) } };
    if (!json) print(figures.slopes, { preview, up });
    return figures;
  } finally {
    await stopCluster(name, { deleteData: true });
  }
}

async function rows(systems: readonly number[], command: "preview" | "up"): Promise<Row[]> {
  const found: Row[] = [];
  for (const count of systems) {
    const components = await seconds(count, "components", command);
    const plain = await seconds(count, "plain", command);
    found.push({ systems: count, components, plain });
  }
  return found;
}

/** One run in a project and namespace of its own; what it made is removed before the next. */
async function seconds(count: number, style: "components" | "plain", command: "preview" | "up"): Promise<number> {
  const { workspace, up, preview, destroy } = await import("../test/engine/support.ts");
  const library = JSON.stringify(join(root, "bench/support/many-systems.ts"));
  const program = `import { manySystems } from ${library};\nawait manySystems(${count}, "${style}");\n`;
  const project = await workspace(program, { kubeconfig: process.env.RAMPART_TEST_KUBECONFIG! });
  try {
    const started = performance.now();
    await project.run(command === "up" ? up : preview);
    const took = (performance.now() - started) / 1000;
    if (command === "up") await project.run(destroy);
    return Math.round(took * 100) / 100;
  } finally {
    await project.remove();
  }
}

/** The kinds that the programs use and that a bare API server doesn't know. */
async function serveRoutes(): Promise<void> {
  const { installKinds } = await import("./support/kinds.ts");
  await installKinds();
}

/** Milliseconds that one more system takes, between the smallest and the largest. */
function slopes(found: readonly Row[]) {
  const [first, last] = [found[0]!, found.at(-1)!];
  const slope = (key: "components" | "plain"): number =>
    Math.round(((last[key] - first[key]) / (last.systems - first.systems)) * 1000);
  return { componentsMs: slope("components"), plainMs: slope("plain") };
}

function print(
  found: Record<"preview" | "up", ReturnType<typeof slopes>>,
  table: Record<"preview" | "up", readonly Row[]>,
): void {
  for (const command of ["preview", "up"] as const) {
    console.log(`${command}: systems, by components, plain (s)`);
    for (const { systems, components, plain } of table[command]) {
      console.log(
        `  ${String(systems).padStart(4)}${components.toFixed(2).padStart(9)}${plain.toFixed(2).padStart(9)}`,
      );
    }
    const { componentsMs, plainMs } = found[command];
    console.log(`  one more system: ${componentsMs} ms by components, ${plainMs} ms plain`);
  }
}
