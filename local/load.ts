// `npm run load`: requests to a system, for as long as somebody wants to see what becomes of them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { findCluster } from "./cluster/cluster.ts";
import { embeddedEngine } from "./engine.ts";
import { compiledProgram } from "./images/programs.ts";
import { outputsOf } from "./outputs.ts";
import { main, UserError } from "./user-error.ts";

const help = `usage: npm run load -- SYSTEM [--stack NAME] [--rate N] [--header "NAME: VALUE"]

Sends requests to a system through the gateway of a cluster that npm start brought up, until Ctrl-C, and says all the
time who has answered them. Without any, nothing can be measured, and the analyzer passes no phase in which a canary has users.

  SYSTEM            one that has pods, as npm start shows them
  --stack NAME      the environment (default: staging)
  --rate N          requests per second, 1 to 5000 (default: 100)
  --header "N: V"   may be given several times; "x-rampart-segment: premium" is how a segment is told`;

const [lowest, highest] = [1, 5000];

/** Of a second, or in the end of all of them. */
interface Report {
  readonly requests: number;
  readonly failed: number;
  readonly latencyMs?: { readonly p99: number };
  readonly tracks: Readonly<Record<string, { readonly requests: number }>>;
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (Number.isInteger(rate) && rate >= lowest && rate <= highest) return rate;
  throw new UserError(`--rate is ${text}; it has to be a whole number from ${lowest} to ${highest}`);
}

function said({ requests, failed, latencyMs, tracks }: Report): string {
  const answered = Object.entries(tracks).map(([track, one]) => `${track} ${one.requests}`);
  const latency = latencyMs ? `; 99 % within ${latencyMs.p99.toFixed(1)} ms` : "";
  return `${requests} requests, ${failed} failed; ${answered.sort().join(", ")}${latency}`;
}

async function hostOf(system: string, stack: string): Promise<string> {
  const outputs = Object.entries(await outputsOf(await embeddedEngine(), stack));
  const reached = outputs.flatMap(([name, { hostname }]) => (hostname ? [[name, hostname] as const] : []));
  const found = reached.find(([name]) => name === system);
  if (found) return found[1];
  const names = reached.map(([name]) => name).join(", ") || "none";
  throw new UserError(`${stack} has no system ${system} that users reach; it has: ${names}`);
}

await main(async () => {
  const { values, positionals } = parseArgs({
    options: {
      stack: { type: "string", default: "staging" },
      rate: { type: "string", default: "100" },
      header: { type: "string", multiple: true, default: [] },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(help);
  const [system, ...more] = positionals;
  if (system === undefined || more.length > 0) throw new UserError(`one system has to be named\n\n${help}`);
  const { stack } = values;
  const rate = rateOf(values.rate);
  const cluster = await findCluster(stack);
  if (!cluster) throw new UserError(`${stack} isn't running`, { mend: `npm start -- ${stack}` });
  const host = await hostOf(system, stack);
  const headers = values.header.flatMap((header) => ["-header", header]);
  const args = ["-progress", "-rate", String(rate), "-host", host, ...headers, `http://${cluster.address}/`];
  console.error(`${rate} requests a second to ${host} at ${cluster.address}, until Ctrl-C`);
  const child = spawn(await compiledProgram("load"), args, { stdio: ["ignore", "pipe", "inherit"] });
  // Ctrl-C reaches it by itself, and it says once more what it has counted.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const exit = once(child, "exit");
  let next: Report | undefined;
  let second = 0;
  for await (const line of createInterface(child.stdout)) {
    if (next) console.log(`${String(++second).padStart(4)} s: ${said(next)}`);
    next = JSON.parse(line) as Report;
  }
  if (next) console.log(`in all: ${said(next)}`);
  const [code] = await exit;
  process.exitCode = code ?? 1;
});
