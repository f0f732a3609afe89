import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../live/api.ts";
import { startCluster } from "../local/cluster/start.ts";
import { stopCluster } from "../local/cluster/stop.ts";
import { UserError } from "../local/user-error.ts";
import { type Monitored, monitored } from "./analyzer/monitored.ts";
import { idleClient, Process } from "./analyzer/process.ts";
import { Rollouts } from "./analyzer/rollouts.ts";

export const summary =
  "the analyzer with 1 to 1000 rollouts under way: questions, share of a core, memory; --cases 10,100";

const [usual, most] = ["1,10,100,1000", 1000];
const settleSeconds = 130;
const measuredSeconds = 60;
const decisions = 5;

interface Row {
  readonly rollouts: number;
  readonly questionsPerMinute: number;
  /** In PromQL, of the largest question, in kilobytes: what a question about more systems grows by. */
  readonly largestQuestionKb: number;
  readonly cores: number;
  readonly megabytes: number;
  /** From the alert to the latch in the API server, in milliseconds. */
  readonly latchMs: { readonly median: number; readonly slowest: number };
}

const standIns = [
  "stand-ins: system names beyond the ten (the program's list is replaced in a copy of its sources), Prometheus and the",
  "proxy (each answers about every system at once), no node and no pods, and a rehearsal, in which nobody signs; the API",
  "server, the Rollouts with all that they hold, their routes and the analyzer's own process are real",
];

/** One replica, against an API server without a node. */
export async function run({
  json,
  cases = usual,
}: {
  json: boolean;
  cases?: string;
}): Promise<Record<string, unknown>> {
  const sizes = cases
    .split(",")
    .map(sizeOf)
    .sort((a, b) => a - b);
  const say = (text: string) => {
    if (!json) console.log(text);
  };
  const name = `bench-${process.pid}`;
  const cluster = await startCluster({ name, mode: "api", isThrowAway: true });
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = cluster.where.kubeconfig("admin");
  process.env.RAMPART_TEST_KUBECONFIG = process.env.KUBECONFIG;
  const world = await monitored();
  try {
    for (const line of standIns) say(line);
    const idle = await idleClient();
    say(`an idle process with the same client: ${idle} MB`);
    const rollouts = await Rollouts.open(connect("admin"), world.proxyPort);
    const rows: Row[] = [];
    for (const size of sizes) {
      await rollouts.growTo(size);
      world.systems = rollouts.names;
      rows.push(await measure(rollouts, world));
      say(lineOf(rows.at(-1)!, idle));
    }
    return { standIns: standIns.join(" "), measuredSeconds, idleMegabytes: idle, rows };
  } finally {
    await world.close();
    await stopCluster(name, { deleteData: true });
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  }
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1 && size <= most) return size;
  throw new UserError(`--cases: got "${text}", allowed are numbers of rollouts from 1 to ${most}, as ${usual}`);
}

async function measure(rollouts: Rollouts, world: Monitored): Promise<Row> {
  const size = rollouts.names.length;
  const analyzer = await Process.start(rollouts.names, world);
  try {
    await rollouts.areWatched();
    await pause(settleSeconds * 1000);
    world.reset();
    const { cores, megabytes } = await analyzer.use(measuredSeconds);
    const { asked, largest } = world.questions;
    analyzer.assertContent();
    const latched = [];
    for (let index = 0; index < Math.min(decisions, size); index += 1) {
      latched.push(await rollouts.latchAfter((alerts) => analyzer.tell(alerts)));
    }
    latched.sort((a, b) => a - b);
    return {
      rollouts: size,
      questionsPerMinute: Math.round((60 * asked) / measuredSeconds),
      largestQuestionKb: Math.round(largest / 102.4) / 10,
      cores: Math.round(1000 * cores) / 1000,
      megabytes: Math.round(megabytes),
      latchMs: { median: Math.round(latched[latched.length >> 1]!), slowest: Math.round(latched.at(-1)!) },
    };
  } finally {
    await analyzer.stop();
  }
}

function lineOf(
  { rollouts, questionsPerMinute, largestQuestionKb, cores, megabytes, latchMs }: Row,
  idle: number,
): string {
  const memory = `${megabytes} MB (${(megabytes / idle).toFixed(2)} times idle)`;
  const questions = `${questionsPerMinute} questions a minute (the longest ${largestQuestionKb} kB)`;
  return `${String(rollouts).padStart(5)}: ${questions}, ${(100 * cores).toFixed(1)} % of a core, ${memory}, latched ${latchMs.median} ms after an alert (slowest ${latchMs.slowest})`;
}
