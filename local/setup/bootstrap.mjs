// Runs a script of ours on Node 22, whatever Node this machine has: installs the npm dependencies first when they
// are missing (Node 22 is one of them). Plain JavaScript without dependencies, for Node 20 has to be able to run it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules/.bin");
const [script, ...args] = process.argv.slice(2);

function fail(message) {
  console.error(`rampart: ${message}`);
  process.exit(1);
}

/** Whether node_modules holds what package-lock.json asks for. */
function isInstalled() {
  const installed = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installed) || !existsSync(join(bin, "node"))) return false;
  const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const there = read(installed);
  return Object.entries(read(join(root, "package-lock.json"))).every(
    ([path, wanted]) => path === "" || wanted.optional || there[path]?.version === wanted.version,
  );
}

if (process.platform !== "linux") fail(`the embedded engine runs on Linux only, this is ${process.platform}`);
if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node 20 or newer is needed, this is ${process.version}`);
if (!isInstalled()) {
  console.error("installing npm dependencies …");
  // Not `npm ci`: it insists on entries for the optional packages of all platforms, which not every registry has.
  const args = ["install", "--no-save", "--ignore-scripts", "--loglevel=error"];
  const npm = spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.error) fail(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) fail("npm install failed (its own message is above); is the npm registry within reach?");
}

const child = spawn(join(bin, "node"), [resolve(root, script), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
});
// The child decides when to end: a terminal's Ctrl-C reaches it by itself, other signals are passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => fail(error.message));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
