// `npm start`: a cluster of one environment on this machine, the program deployed to it, and a look at what it does.
import { parseArgs } from "node:util";
import { importImages, installAddons } from "./cluster/addons/addons.ts";
import { findCluster } from "./cluster/cluster.ts";
import { startCluster } from "./cluster/start.ts";
import { stopCluster } from "./cluster/stop.ts";
import { clearDeadLocks, embeddedEngine, ensureStack, officialEngine, pulumi } from "./engine.ts";
import { namesImage, pinImages } from "./pin-images.ts";
import { report } from "./report.ts";
import { ensureSetup } from "./setup/ensure.ts";
import { main, UserError } from "./user-error.ts";

const environments = ["staging", "production", "rehearsal"];

/** What the stack files name. */
const deployed = [
  "simulator:1.0.0",
  "simulator:1.1.0",
  "simulator:1.2.0",
  "prometheus",
  "alertmanager",
  "node-exporter",
];

const help = `usage: npm start [-- ENVIRONMENT] [-- --analyzer | --context NAME]

Brings up a Kubernetes cluster on this machine, deploys the platform and the systems of an environment to it with
pulumi up, sends some requests and shows who answered. Run it again at any time; npm stop ends it.

  ENVIRONMENT      ${environments.join(", ")}; each has a cluster of its own (default: staging)
  --analyzer       also the analyzer, which passes phases and takes bad releases off by itself; it stays switched on
                   in the platform's stack file, until its line there is removed
  --context NAME   deploys to a cluster of yours instead, with the official Pulumi that you have: NAME is a
                   context of your kubeconfig and is written into the two stack files of the environment`;

const stacksOf = (environment: string): string[] => [`${environment}-platform`, environment];

const analyzer = "analyzer";
const analyzerSetting = "rampart:monitoring.images.analyzer";

async function startEmbedded(environment: string, withAnalyzer: boolean): Promise<void> {
  await ensureSetup("node");
  const wasRunning = (await findCluster(environment)) !== undefined;
  const takeDown = async (): Promise<void> => {
    if (!wasRunning) await stopCluster(environment);
  };
  await interruptible(takeDown, async (inOrder) => {
    const onProgress = (text: string): void => console.error(`${environment}: ${text} …`);
    const cluster = await startCluster({ name: environment, mode: "node", onProgress });
    await installAddons(cluster, onProgress);
    const isNamed = withAnalyzer || (await namesImage(environment, analyzer));
    const images = await importImages(cluster, isNamed ? [...deployed, analyzer] : deployed);
    for (const line of await pinImages(images)) console.error(line);

    const engine = await embeddedEngine();
    const [platform] = stacksOf(environment);
    for (const stack of stacksOf(environment)) {
      await ensureStack(engine, stack);
      if (withAnalyzer && stack === platform) {
        await pulumi(engine, ["config", "set", "--path", analyzerSetting, images.get(analyzer)!, "--stack", stack]);
      }
      await clearDeadLocks(engine, stack);
      await inOrder(() => pulumi(engine, ["up", "--yes", "--skip-preview", "--stack", stack], "inherit"));
    }
    console.log(await report(engine, cluster));
  });
}

/** Runs a job that Ctrl-C takes down at once, but for its parts that have to end in order and know how to. */
async function interruptible(
  takeDown: () => Promise<void>,
  job: (inOrder: (part: () => Promise<unknown>) => Promise<void>) => Promise<void>,
): Promise<void> {
  let isInterrupted = false;
  let orderly: Promise<unknown> = Promise.resolve();
  const end = async (): Promise<never> => {
    isInterrupted = true;
    await orderly.catch(() => undefined);
    await takeDown();
    process.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  try {
    await job(async (part) => {
      orderly = part();
      await orderly;
    });
  } catch (error) {
    if (!isInterrupted) throw error;
    await new Promise(() => {}); // it failed because the cluster is being taken down
  }
}

async function startOnContext(environment: string, context: string): Promise<void> {
  const engine = await officialEngine();
  for (const stack of stacksOf(environment)) {
    await pulumi(engine, ["stack", "select", "--create", stack], "inherit");
    await pulumi(engine, ["up", "--stack", stack, "--config", `kubernetes:context=${context}`], "inherit");
  }
}

await main(async () => {
  const { values, positionals } = parseArgs({
    options: {
      analyzer: { type: "boolean", default: false },
      context: { type: "string" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const [environment = "staging", ...more] = positionals;
  if (values.help) return console.log(help);
  if (!environments.includes(environment) || more.length > 0) {
    throw new UserError(`${positionals.join(" ")}: no such environment; allowed is one of ${environments.join(", ")}`);
  }
  if (values.context && values.analyzer) {
    const where = `${analyzerSetting} of Pulumi.${environment}-platform.yaml`;
    throw new UserError(
      `--analyzer is built on this machine, which ${values.context} can't pull from; name yours in ${where}`,
    );
  }
  if (values.context) await startOnContext(environment, values.context);
  else await startEmbedded(environment, values.analyzer);
});
