#!/usr/bin/env node
// Where `npx rampart` lands, whatever Node this machine has: TypeScript runs as it is from Node 22.18 on, an older
// Node hands over to the one in node_modules. Plain JavaScript, for an old Node has to be able to read it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./rampart.ts", import.meta.url));
const own = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));

if (process.features.typescript) {
  await import("./rampart.ts");
} else if (existsSync(own)) {
  const child = spawnSync(own, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = child.status ?? 1;
} else {
  console.error(
    `rampart: Node ${process.version} can't run TypeScript; run \`npm ci\` here, or use Node 22.18 or newer`,
  );
  process.exitCode = 1;
}
