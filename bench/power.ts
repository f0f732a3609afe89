import { detection } from "../rollout/statistics/planning.ts";
import { methods } from "./statistics/judges.ts";
import { kinds, type Regression, usual } from "./statistics/streams.ts";
import { middle, printTable, trial } from "./statistics/trials.ts";

export const summary = "bad releases that get found within 24 h, and how soon, ours beside the usual ways";

const day = 86_400;
/** Six hours in, so that what a method has seen before counts for or against it. */
const from = 21_600;
const factors = [1.5, 2, 3, 5, 10];

/** Errors grow by the factor at hour six; what fired before that was a false alarm and doesn't count as found. */
export async function run(options: { json: boolean; quick?: boolean }): Promise<Record<string, unknown>> {
  const runs = options.quick ? 4 : 20;
  const cases = kinds.flatMap((kind) =>
    factors.map((errors) => ({ kind, regression: { from, errors, slow: 1 } satisfies Regression })),
  );
  const rows = cases.map(({ kind, regression }) => {
    const delays: number[][] = methods.map(() => []);
    const early = methods.map(() => 0);
    for (let seed = 1; seed <= runs; seed += 1) {
      for (const [index, at] of trial(kind, day, 1000 + seed, regression).entries()) {
        if (at === undefined) continue;
        if (at <= from) early[index]! += 1;
        else delays[index]!.push(at - from);
      }
    }
    return {
      stream: kind.name,
      factor: regression.errors,
      runs,
      methods: Object.fromEntries(
        methods.map(({ name }, index) => [
          name,
          { found: delays[index]!.length, falseAlarms: early[index]!, medianSeconds: middle(delays[index]!) ?? null },
        ]),
      ),
    };
  });
  const planned = factors.map((factor) => {
    const traffic = { requestsPerSecond: usual.requestsPerSecond, share: usual.canaryShare, seconds: day };
    const rates = { stableRate: usual.errorShare, canaryRate: usual.errorShare * factor };
    return { factor, ...detection({ traffic, ...rates, against: { ratio: 1.5 }, alpha: 0.05 / 4 }) };
  });
  if (!options.json) print(rows, planned);
  return { hours: 24, regressionAtSeconds: from, rows, planned };
}

interface Row {
  stream: string;
  factor: number;
  runs: number;
  methods: Record<string, { found: number; falseAlarms: number; medianSeconds: number | null }>;
}

function print(rows: readonly Row[], planned: readonly { sentence: string }[]): void {
  console.log(
    "found (of those not stopped before by a false alarm), median minutes until then; (n false) = stopped before\n",
  );
  printTable(
    rows.map(({ stream, factor, runs, methods: by }) => ({
      stream,
      errors: `x${factor}`,
      ...Object.fromEntries(
        Object.entries(by).map(([name, { found, falseAlarms, medianSeconds }]) => {
          const left = runs - falseAlarms;
          const time = medianSeconds === null ? "" : `, ${(medianSeconds / 60).toFixed(0)} min`;
          return [
            name,
            `${left > 0 ? `${Math.round((100 * found) / left)} %` : "-"}${time}${falseAlarms ? ` (${falseAlarms} false)` : ""}`,
          ];
        }),
      ),
    })),
  );
  console.log("\nas planned beforehand, for the steady stream and a regression from the start:");
  for (const { sentence } of planned) console.log(`  ${sentence}`);
}
