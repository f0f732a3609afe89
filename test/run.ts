// Runs test suites: `node test/run.ts quick engine cluster`. The last line is `N passed, N failed, N skipped`.
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Mocha from "mocha";
import { root } from "../local/paths.ts";
import { ensureSetup, ensureTool } from "../local/setup/ensure.ts";
import { main, UserError } from "../local/user-error.ts";
import { s3Server } from "./postgres/s3-server.ts";
import "./support/unhandled.ts";

interface Suite {
  readonly files: readonly string[];
  readonly needs?: "api" | "node";
  /** It takes minutes to build, which would be no fault of the test that waits for it. */
  readonly tool?: string;
}

/** Cheapest first, so that a mistake shows early. */
const suites = new Map(
  Object.entries<Suite>({
    quick: { files: ["test/unit/**/*.test.ts", "test/golden/*.test.ts", "test/policy/*.test.ts"] },
    engine: { files: ["test/engine/**/*.test.ts", "test/policy/engine/*.test.ts"], needs: "api" },
    cluster: {
      // Those that take systems further share a rehearsal, which the first finds settled and the last brings an analyzer to.
      files: [
        ...["life", "bypass/bypass", "analyzer"].map((name) => `test/cluster/stacks/${name}.test.ts`),
        "test/cluster/**/*.test.ts",
      ],
      needs: "node",
    },
    postgres: { files: ["test/cluster/postgres/*.test.ts", "test/postgres/*.test.ts"], needs: "node", tool: s3Server },
    long: { files: ["test/long/**/*.test.ts"], needs: "node" },
    soak: { files: ["test/soak/**/*.test.ts"], needs: "node" },
  }),
);

function suitesOf(names: readonly string[]): Suite[] {
  return names.map((name) => {
    const suite = suites.get(name);
    if (!suite) throw new UserError(`there is no test suite "${name}"; there are ${[...suites.keys()].join(", ")}`);
    return suite;
  });
}

async function run({ files: patterns, needs }: Suite, grep: string | undefined) {
  // Quick tests share nothing, so each processor takes files; the others share clusters.
  const jobs = needs ? 1 : availableParallelism();
  const mocha = new Mocha({
    ...{ timeout: 60_000, slow: 5_000, forbidOnly: Boolean(process.env.CI) },
    ...(jobs > 1 && { parallel: true, jobs, require: [join(root, "test/support/unhandled.ts")] }),
  });
  if (grep) mocha.grep(grep);
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort());
  for (const file of new Set(files)) mocha.addFile(join(root, file));
  if (jobs === 1) await mocha.loadFilesAsync();
  return new Promise<Mocha.Stats>((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats!));
  });
}

await main(async () => {
  const words = process.argv.slice(2);
  const named = words.filter((word) => !word.startsWith("-"));
  const asked = suitesOf(named);
  const needs = asked.map((suite) => suite.needs);
  if (needs.includes("node")) await ensureSetup("node");
  else if (needs.includes("api")) await ensureSetup("api");
  for (const { tool } of asked) if (tool) await ensureTool(tool);

  // Nothing that a test starts or deploys may meet what the developer has running from this checkout.
  const state = join(root, `.rampart/test-${process.pid}`);
  process.env.RAMPART_STATE = state;
  const { sweepDeadRuns } = await import("./support/environment.ts");
  const { onSignal, stopAll } = await import("./support/ending.ts");
  if (needs.includes("node")) await sweepDeadRuns();
  const cleanUp = async (): Promise<void> => {
    await stopAll();
    await rm(state, { recursive: true, force: true });
  };
  onSignal(cleanUp);
  const grep = words.find((word) => word.startsWith("--grep="))?.slice("--grep=".length);
  const ran: Mocha.Stats[] = [];
  for (const suite of asked) {
    ran.push(await run(suite, grep));
    await stopAll();
  }
  await cleanUp();
  const [passed, failed, skipped] = (["passes", "failures", "pending"] as const).map((key) =>
    ran.reduce((sum, stats) => sum + stats[key], 0),
  ) as [number, number, number];
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
});
