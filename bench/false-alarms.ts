import { methods } from "./statistics/judges.ts";
import { kinds } from "./statistics/streams.ts";
import { atMost, printTable, trial } from "./statistics/trials.ts";

export const summary =
  "good releases that get rolled back within 24 h of looking every 5 s, ours beside the usual ways";

const day = 86_400;

/** Nothing is wrong in any run: every alarm is a false one. All triggers of a plan are counted together. */
export async function run(options: { json: boolean; quick?: boolean }): Promise<Record<string, unknown>> {
  const runs = options.quick ? 10 : 60;
  const rows = kinds.map((kind) => {
    const alarms = methods.map(() => 0);
    for (let seed = 1; seed <= runs; seed += 1) {
      for (const [index, at] of trial(kind, day, seed).entries()) if (at !== undefined) alarms[index]! += 1;
    }
    return {
      stream: kind.name,
      runs,
      alarms: Object.fromEntries(methods.map(({ name }, index) => [name, alarms[index]!])),
    };
  });
  const total = (name: string): number => rows.reduce((sum, row) => sum + row.alarms[name]!, 0);
  const all = runs * kinds.length;
  const result = {
    goal: 0.05,
    hours: 24,
    lookSeconds: 5,
    runs: all,
    shares: Object.fromEntries(methods.map(({ name }) => [name, total(name) / all])),
    atMost: Object.fromEntries(methods.map(({ name }) => [name, atMost(total(name), all)])),
    rows,
  };
  if (!options.json) print(rows, all, total);
  return result;
}

function print(
  rows: readonly { stream: string; runs: number; alarms: Record<string, number> }[],
  all: number,
  total: (name: string) => number,
): void {
  const shown = (count: number, runs: number): string => `${((100 * count) / runs).toFixed(1)} %`;
  printTable([
    ...rows.map(({ stream, runs, alarms }) => ({
      stream,
      ...Object.fromEntries(methods.map(({ name }) => [name, shown(alarms[name]!, runs)])),
    })),
    { stream: "all", ...Object.fromEntries(methods.map(({ name }) => [name, shown(total(name), all)])) },
  ]);
  const upper = (100 * atMost(total("rampart"), all)).toFixed(1);
  console.log(`\n${all} good releases; rampart: at most ${upper} % with 95 % confidence, the goal is 5 %`);
  for (const { name, says } of methods) console.log(`${name}: ${says}`);
  for (const { name, says } of kinds) console.log(`${name}: ${says}`);
}
