// `npm stop`: every cluster of this checkout down; what was deployed is there again at the next start.

import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { knownClusters } from "./cluster/cluster.ts";
import { stopCluster } from "./cluster/stop.ts";
import { stateDir } from "./paths.ts";
import { main } from "./user-error.ts";

const help = `usage: npm stop [-- --delete-data]

Ends all clusters of this checkout and leaves no process, mount, network or control group behind.

  --delete-data   also forgets what was in them, and Pulumi's state of the embedded stacks`;

await main(async () => {
  const { values } = parseArgs({ options: { "delete-data": { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) return console.log(help);
  const deleteData = values["delete-data"] ?? false;
  for (const name of await knownClusters()) {
    if (await stopCluster(name, { deleteData })) console.log(`${name} is down`);
  }
  if (deleteData) await rm(stateDir, { recursive: true, force: true });
  console.log(deleteData ? "all data are deleted" : "nothing is running; npm start goes on where it was");
});
