import { setTimeout as pause } from "node:timers/promises";
import { ensureSetup } from "../local/setup/ensure.ts";
import { Load } from "../test/support/load.ts";
import { cases, run as ours } from "./breach.ts";
import { Arena, type Contender, type Course } from "./peers/arena.ts";
import { argoRollouts } from "./peers/argo-rollouts.ts";
import { flagger } from "./peers/flagger.ts";

export const summary = "a quarter of the users on a bad release: Rampart, Flagger and Argo Rollouts after each other";

const contenders: readonly Contender[] = [argoRollouts, flagger];
const rate = 150;
const runs = 5;
const faults = [
  { what: "all fail", faults: { errors: { ratio: 1 } } },
  { what: "20 % fail", faults: { errors: { ratio: 0.2 } } },
];

interface Row {
  readonly who: string;
  readonly what: string;
  readonly runs: number;
  /** Seconds since the fault, medians. */
  readonly decided: number | undefined;
  readonly last: number | undefined;
  readonly slowest: number | undefined;
}

/** The same simulator, the same load, the same kind of cluster, one after the other on the same machine. */
export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  await ensureSetup("peers");
  const say = (text: string) => {
    if (!json) console.log(text);
  };
  say(`${rate} requests/s, 25 % of them to the new version; seconds from the fault on, medians`);
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    say(lineOf(row));
  };
  const arena = await Arena.open();
  try {
    for (const one of contenders) {
      await one.deploy(arena);
      say(`${one.name}: ${one.settings}`);
      for (const row of await measure(arena, one)) add(row);
    }
  } finally {
    await arena.close();
  }
  const same = cases.filter(({ what, weight }) => weight === 25 && faults.some((fault) => fault.what === what));
  const { rows: found } = await ours({ json: true, only: same });
  for (const { what, runs, latched, last, slowest } of found)
    add({ who: "Rampart", what, runs, decided: latched, last, slowest });
  return { rate, rows };
}

async function measure(arena: Arena, one: Contender): Promise<Row[]> {
  const load = await Load.start(arena.cluster.address, one.host, rate);
  const rows: Row[] = [];
  let count = 0;
  try {
    for (const { what, faults: injected } of faults) {
      const courses: Course[] = [];
      for (let index = 0; index < runs; index += 1) {
        count += 1;
        const pods = await one.roll(arena, count);
        // Whoever looks every so often is met anywhere between two looks.
        await pause(2_000 + (8_000 * index) / runs);
        courses.push(await arena.breach(one, load, pods, injected));
      }
      rows.push(rowOf(one.name, what, courses));
    }
  } finally {
    await load.stop();
  }
  return rows;
}

function rowOf(who: string, what: string, courses: readonly Course[]): Row {
  const sorted = (pick: (course: Course) => number | undefined) =>
    courses.map((course) => pick(course) ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const seconds = (ms: number | undefined) =>
    ms === undefined || !Number.isFinite(ms) ? undefined : Math.round(ms / 10) / 100;
  const [decided, last] = [sorted((one) => one.decided), sorted((one) => one.lastCanary)];
  const middle = Math.floor(courses.length / 2);
  return {
    ...{ who, what, runs: courses.length },
    ...{ decided: seconds(decided[middle]), last: seconds(last[middle]), slowest: seconds(last.at(-1)) },
  };
}

function lineOf({ who, what, runs, decided, last, slowest }: Row): string {
  const said = (value: number | undefined) => `${value ?? "-"}`.padStart(6);
  return `${who.padEnd(14)}${what.padEnd(10)} n=${runs}: decided ${said(decided)}  last request ${said(last)} (slowest ${said(slowest)})`;
}
