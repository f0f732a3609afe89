// `npm run cluster -- …`: the embedded clusters by hand.
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { ensureSetup } from "../setup/ensure.ts";
import { main, UserError } from "../user-error.ts";
import { importImages, installAddons } from "./addons/addons.ts";
import { type Cluster, findCluster, knownClusters, nodeArgs, readRecord } from "./cluster.ts";
import { dirs, type Mode, mergedKubeconfig } from "./layout.ts";
import { startCluster } from "./start.ts";
import { stopCluster } from "./stop.ts";

async function runningCluster(name: string): Promise<Cluster> {
  const cluster = await findCluster(name);
  if (cluster) return cluster;
  const known = (await knownClusters()).join(", ") || "none yet";
  throw new UserError(`cluster ${name} is not running; clusters of this checkout: ${known}`, {
    mend: `npm run cluster -- up ${name}`,
  });
}

async function up(name: string, { mode }: { mode: Mode }): Promise<void> {
  await ensureSetup(mode);
  const onProgress = (text: string): void => console.error(`${name}: ${text} …`);
  const cluster = await startCluster({ name, mode, onProgress });
  if (mode === "node") await installAddons(cluster, onProgress);
  console.log(
    `${name} is up at ${cluster.address}\nexport KUBECONFIG=${mergedKubeconfig}  # contexts ${name}-admin, …`,
  );
}

async function images(name: string, wanted: string[]): Promise<void> {
  for (const [image, reference] of await importImages(await runningCluster(name), wanted)) {
    console.log(`${image} ${reference}`);
  }
}

async function down(name: string, options: { deleteData?: boolean }): Promise<void> {
  const { deleteData = false } = options;
  const wasRunning = await stopCluster(name, { deleteData });
  console.log(`${name} ${wasRunning ? "is down" : "was not running"}${deleteData ? ", its data are deleted" : ""}`);
}

async function status({ json }: { json?: boolean }): Promise<void> {
  const rows = await Promise.all(
    (await knownClusters()).map(async (name) => {
      const running = await findCluster(name);
      const mode = (await readRecord(dirs(name)))?.mode ?? null;
      return { name, mode, running: running !== undefined, address: running?.address ?? null };
    }),
  );
  if (json) return console.log(JSON.stringify(rows));
  if (rows.length === 0) return console.log("no clusters; npm start makes one");
  for (const { name, mode, running, address } of rows) {
    console.log(`${name.padEnd(16)}${(mode ?? "-").padEnd(6)}${running ? `running at ${address}` : "stopped"}`);
  }
}

async function logs(name: string, part: string | undefined): Promise<void> {
  const { logs: folder } = dirs(name);
  const files = await readdir(folder).catch(() => {
    throw new UserError(`there is no cluster ${name} in this checkout`);
  });
  const parts = files.filter((file) => file.endsWith(".log")).map((file) => file.slice(0, -".log".length));
  if (part === undefined) return console.log(parts.join("\n"));
  if (!parts.includes(part)) throw new UserError(`${name} has no log "${part}"; it has ${parts.join(", ")}`);
  process.stdout.write(await readFile(join(folder, `${part}.log`)));
}

/** The command gets the terminal, and its exit code becomes ours. */
async function execute(name: string, command: string[]): Promise<void> {
  const words = command[0] === "--" ? command.slice(1) : command;
  const child = spawn("nsenter", nodeArgs(await runningCluster(name), words), { stdio: "inherit" });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
  });
}

async function kubeconfig(name: string): Promise<void> {
  process.stdout.write(await readFile((await runningCluster(name)).where.kubeconfig("admin")));
}

const program = new Command("npm run cluster --")
  .enablePositionalOptions()
  .description("the embedded Kubernetes clusters of this checkout");
const name = new Argument("<name>", "the cluster's name, such as staging");
program
  .command("up")
  .addArgument(name)
  .addOption(
    new Option("--mode <mode>", "api: API server only; node: with pods").choices(["api", "node"]).default("node"),
  )
  .action(up);
program.command("down").addArgument(name).option("--delete-data", "also forget everything that was in it").action(down);
program.command("status").option("--json", "for scripts").action(status);
program.command("logs").addArgument(name).argument("[part]", "such as kubelet; none lists them").action(logs);
program
  .command("images")
  .description("brings images of this checkout into a cluster and prints how pods name them")
  .addArgument(name)
  .argument("<image...>", "such as postgres")
  .action(images);
program.command("kubeconfig").addArgument(name).description("prints the admin's kubeconfig").action(kubeconfig);
program
  .command("exec")
  .addArgument(name)
  .argument("<command...>", "runs in the node's network, mounts and processes")
  .passThroughOptions()
  .action(execute);

await main(async () => {
  await program.parseAsync();
});
