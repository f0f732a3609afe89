import { setTimeout as pause } from "node:timers/promises";
import { ensureSetup } from "../local/setup/ensure.ts";
import { UserError } from "../local/user-error.ts";
import { Load } from "../test/support/load.ts";
import { run as ours } from "./breach.ts";
import { Arena, type Contender, type Course, limits, type Settings } from "./peers/arena.ts";
import { argoRollouts } from "./peers/argo-rollouts.ts";
import { flagger } from "./peers/flagger.ts";
import { tuned } from "./peers/tuning.ts";
import { type Case, caseOf, faults, floorOf } from "./support/faults.ts";
import { round, timesOf } from "./support/measure.ts";

export const summary =
  "a bad release with Rampart, Flagger and Argo Rollouts after each other; --cases 5/errors-20,25/crash, --tuned, --runs N";

const contenders: readonly Contender[] = [argoRollouts, flagger];
const rate = 150;
const weights = [1, 5, 25, 50];
const usual = "25/errors-100,25/errors-20";
/** Who has ended so many good releases of a case before anything was wrong is left to it. */
const mostEnded = 8;
/** Whoever looks seldom, or waits for rules, isn't worth more of them. */
const [usualRuns, slowRuns] = [5, 2];

interface Row {
  readonly who: string;
  readonly what: string;
  readonly weight: number;
  readonly settings: string;
  readonly runs: number;
  /** Good releases that it rolled back before the fault, and that were begun again. */
  readonly ended?: number;
  /** Why there are fewer runs than were asked for. */
  readonly trouble?: string;
  /** Seconds since the fault, medians. */
  readonly decided: number | undefined;
  readonly last: number | undefined;
  readonly slowest: number | undefined;
  /** Requests that it takes to tell, over those that come, in seconds. */
  readonly floor: number | undefined;
}

interface Options {
  readonly json: boolean;
  readonly cases?: string | undefined;
  /** All with at most 5 % of false alarms in 24 h, not at the shortest that they take. */
  readonly tuned?: boolean;
  readonly runs?: number;
}

/** The same simulator, the same load, the same kind of cluster, one after the other on the same machine. */
export async function run({
  json,
  tuned: isTuned = false,
  cases: asked = usual,
  runs,
}: Options): Promise<Record<string, unknown>> {
  const cases = asked.split(",").map((text) => parse(text, isTuned, runs));
  await ensureSetup("peers");
  const say = (text: string) => {
    if (!json) console.log(text);
  };
  say(`${rate} requests/s offered; seconds from the fault on, medians; floor = requests needed / canary's rate`);
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    say(lineOf(row));
  };
  const arena = await Arena.open();
  try {
    for (const one of contenders) {
      for await (const row of measure(arena, one, cases, isTuned)) add(row);
    }
  } finally {
    await arena.close();
  }
  const settings = "as always: 5 % of false alarms over 28 days for all triggers together";
  const { rows: found } = await ours({ json: true, only: cases });
  for (const { latched, ...row } of found) add({ who: "Rampart", ...row, settings, decided: latched });
  return { rate, limits, tuned: isTuned, rows };
}

function parse(text: string, isTuned: boolean, runs: number | undefined): Case {
  const [weight = "", name = ""] = text.split("/");
  if (!weights.includes(Number(weight)) || !(name in faults)) {
    const named = Object.keys(faults).join(", ");
    throw new UserError(`the case "${text}" is unknown; WEIGHT/FAULT has one of ${weights.join(", ")} and of ${named}`);
  }
  const found = caseOf(Number(weight), name as keyof typeof faults, runs ?? usualRuns);
  return runs === undefined && (found.isSlow || isTuned) ? { ...found, runs: slowRuns } : found;
}

async function* measure(arena: Arena, one: Contender, cases: readonly Case[], isTuned: boolean): AsyncGenerator<Row> {
  let load: Load | undefined;
  let count = 0;
  const possible = cases.filter(({ weight }) => one.weights.includes(weight));
  try {
    for (const each of possible) {
      const { weight } = each;
      const looks = isTuned
        ? tuned({ rate, weight, limit: limits.errors }, one.counted, one.shortest.every)
        : one.shortest;
      const settings: Settings = { ...looks, weight };
      await (count === 0 ? one.deploy(arena, settings) : one.change(arena, settings));
      load ??= await Load.start(arena.cluster.address, one.host, rate);
      const courses: Course[] = [];
      let ended = 0;
      let trouble: string | undefined;
      const begin = async (between: number): Promise<string[]> => {
        while (ended < mostEnded) {
          count += 1;
          const pods = await one.roll(arena, count, settings).catch(({ message }: Error) => {
            trouble = message;
          });
          if (!pods) break;
          await pause(between);
          if (pods.length > 0 && !(await one.hasDecided(arena))) return pods;
          ended += 1;
        }
        return [];
      };
      for (let index = 0; index < each.runs; index += 1) {
        // Whoever looks every so often is met anywhere between two looks.
        const pods = await begin(2_000 + (8_000 * index) / each.runs);
        if (pods.length === 0) break;
        courses.push(await arena.breach(one, load, pods, each, longestOf(settings)));
      }
      yield { ...rowOf(one, each, settings, courses, ended), ...(trouble && { trouble }) };
    }
  } finally {
    await load?.stop();
  }
}

/** Who hasn't decided by then is said not to; three times what it needs when every look is bad. */
const longestOf = ({ every, failures }: Settings): number => Math.max(90_000, 3_000 * every * failures);

function rowOf(
  { name, says }: Contender,
  one: Case,
  settings: Settings,
  courses: readonly Course[],
  ended: number,
): Row {
  const { what, weight } = one;
  const last = timesOf(courses.map(({ lastCanary }) => lastCanary));
  const floor = floorOf(one, rate);
  return {
    ...{ who: name, what, weight, settings: says(settings), runs: courses.length, ended },
    ...{ decided: timesOf(courses.map(({ decided }) => decided)).median, last: last.median, slowest: last.slowest },
    floor: floor && round(floor),
  };
}

function lineOf({ who, what, weight, runs, ended = 0, trouble, decided, last, slowest, floor, settings }: Row): string {
  const said = (value: number | undefined) => `${value ?? "-"}`.padStart(6);
  const times = `decided ${said(decided)}  last request ${said(last)} (slowest ${said(slowest)})  floor ${said(floor)}`;
  const more = [...(ended > 0 ? [`ended ${ended} good ones before`] : []), ...(trouble ? [trouble] : [])];
  return `${who.padEnd(14)}${what.padEnd(11)} at ${`${weight} %`.padStart(4)} n=${runs}: ${times}  ${[settings, ...more].join("; ")}`;
}
