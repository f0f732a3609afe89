// `npm run pulumi -- …`: the engine by hand, against the embedded stacks.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { mergedKubeconfig } from "./cluster/layout.ts";
import { embeddedEngine } from "./engine.ts";
import { root } from "./paths.ts";
import { main, UserError } from "./user-error.ts";

await main(async () => {
  const engine = await embeddedEngine();
  if (!existsSync(mergedKubeconfig)) throw new UserError("no embedded cluster is running", { mend: "npm start" });
  const child = spawn(engine.command, process.argv.slice(2), { cwd: root, env: engine.env, stdio: "inherit" });
  // Ctrl-C reaches the engine by itself, and it is the engine that knows how to end an update.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
  });
});
