// Starts a throw-away cluster and stays: what a test kills to see that the cluster goes with its owner.
import { startCluster } from "../../local/cluster/start.ts";

await startCluster({ name: process.argv[2]!, mode: "api", isThrowAway: true });
console.log("up");
setInterval(() => {}, 1 << 30);
