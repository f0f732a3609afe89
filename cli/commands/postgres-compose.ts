import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { productionFile, rollbackFile, swarmFiles } from "../../rollout/postgres/compose/files.ts";
import { readSwarmRequest } from "../../rollout/postgres/compose/settings.ts";
import { CliError, exitCode, printLine } from "../output.ts";

export function composeCommand(): Command {
  return new Command("compose")
    .description("write a cluster as files for Docker Swarm, with the settings that its component takes")
    .argument("<settings>", "a YAML file: what the cluster is asked to be")
    .option("--output <folder>", "where the files go; those that are there are replaced", ".")
    .addHelpText("after", help)
    .action(compose);
}

const help = `
The settings:
  scope: demo                    # the cluster's name, in all that belongs to it
  namespace: data                # names end in .data.svc, as in Kubernetes and in the certificate
  members: 3
  durability: quorum             # or asynchronous
  dataMiB: 20000
  volumeMiB: 40000
  memoryMiB: 8192
  cpuMillis: 2000
  subnet: 10.20.0.0/24           # of the network between the containers
  etcd: { members: 3, volumeMiB: 1024 }
  images:                        # by digest; rollback is what ran before, and asks for a second file
    postgres: registry.example/postgres@sha256:...
    etcd: registry.example/etcd@sha256:...
    rollback: registry.example/postgres@sha256:...
  timings: { ttl: 20, loopWait: 5, retryTimeout: 5 }           # may be left out, as may readiness

No secret is in the files: each is an external secret of the swarm, and the first lines of a file name them all. The
files were never deployed with Docker, as there was none: what their services start was run without it and holds through
a leader's death; how a swarm places, names and replaces them was not tried.
Backups aren't among them. A deploy replaces all services that changed at once, and writes wait meanwhile; a new image can
go to one member after the other before it, with docker service update --image.

Example:
  rampart postgres compose demo.yaml --output swarm
  docker stack deploy -c swarm/${productionFile} distributed-pg-cluster`;

async function compose(file: string, { output }: { output: string }): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new CliError(`${file} can't be read: ${error.message}; \`--help\` shows what it holds`, exitCode.usage);
  });
  const read = readSwarmRequest(text);
  if (read.problems) {
    throw new CliError(read.problems.map((problem) => `${file}: ${problem}`).join("\n"), exitCode.usage);
  }
  const attendant = join(import.meta.dirname, "../../components/postgres/attendant.py");
  const files = Object.entries(swarmFiles(read.request, await readFile(attendant, "utf8")));
  for (const [name, content] of files) {
    const path = join(output, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  printLine(`${files.length} files are written to ${output}; the first lines of ${productionFile} say what they need`);
  printLine(`  docker stack deploy -c ${join(output, productionFile)} distributed-pg-cluster`);
  if (read.request.images.rollback) printLine(`  and back: -c ${join(output, rollbackFile)}`);
}
