import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { exec } from "../../../local/exec.ts";
import { toolPath } from "../../../local/tools/tools.ts";
import { isAlert, type Rule, type RuleGroup } from "../../../rollout/monitoring/rule.ts";
import type { Series } from "./simulated.ts";

export interface RuleTest {
  readonly name: string;
  readonly groups: readonly RuleGroup[];
  /** Seconds between scrapes, and between evaluations. */
  readonly step: number;
  readonly series: readonly Series[];
  /** Expressions that have to give this one number at this second, or nothing. */
  readonly expect: readonly { readonly at: number; readonly expr: string; readonly value?: number }[];
}

/** Runs the tests in one go; gives what each of them that failed said. */
export async function runRuleTests(tests: readonly RuleTest[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rules-"));
  try {
    const files = await Promise.all(tests.map((test, index) => writeTest(folder, test, index)));
    return await exec(await toolPath("promtool"), ["test", "rules", ...files]).then(
      () => "",
      (error: Error) => error.message,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeTest(folder: string, test: RuleTest, index: number): Promise<string> {
  const rules = join(folder, `${index}-rules.yml`);
  await writeFile(rules, stringify({ groups: test.groups }));
  const file = join(folder, `${index}-${test.name.replaceAll(/[^a-zA-Z0-9]+/g, "-")}.yml`);
  await writeFile(
    file,
    stringify({
      rule_files: [rules],
      evaluation_interval: `${test.step}s`,
      tests: [
        {
          interval: `${test.step}s`,
          input_series: test.series,
          promql_expr_test: test.expect.map(({ at, expr, value }) => ({
            expr,
            eval_time: `${at}s`,
            exp_samples: value === undefined ? [] : [{ labels: "{}", value }],
          })),
        },
      ],
    }),
  );
  return file;
}

/** Series under which an alert stays away, and under which it fires and then is over. */
export interface Case {
  readonly well: Readonly<Record<string, string>>;
  readonly ill: Readonly<Record<string, string>>;
  /** Minutes until it fires, and until it is over. */
  readonly after?: number;
  readonly over?: number;
}

/** Tries each alert of a table, also without any series: what nobody could measure is nobody's fault. */
export function runCases(cases: Readonly<Record<string, Case>>, groups: readonly RuleGroup[]): Promise<string> {
  const tests = Object.entries(cases).flatMap(([alert, { well, ill, after = 12, over = 60 }]) => {
    const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`;
    const early = { at: after * 60, expr };
    const late = { at: over * 60, expr };
    const test = (how: string, given: Readonly<Record<string, string>>, expect: RuleTest["expect"]) => ({
      name: `${alert} ${how}`,
      groups: neededFor([alert], groups),
      step: 15,
      series: Object.entries(given).map(([series, values]) => ({ series, values })),
      expect,
    });
    return [
      test("well", well, [early]),
      test("ill", ill, [{ ...early, value: 1 }, late]),
      test("no data", {}, [early]),
    ];
  });
  return runRuleTests(tests);
}

/** Some alerts with the recording rules it stands on. */
export function neededFor(names: readonly string[], groups: readonly RuleGroup[]): RuleGroup[] {
  const all = groups.flatMap(({ rules }) => rules);
  const kept = new Set<Rule>(all.filter((rule) => isAlert(rule) && names.includes(rule.alert)));
  for (const rule of kept) {
    for (const one of all) {
      if (isAlert(one) || kept.has(one)) continue;
      if (new RegExp(`(?<![\\w:])${one.record}(?![\\w:])`).test(rule.expr)) kept.add(one);
    }
  }
  return [{ name: "needed", interval: "15s", rules: all.filter((rule) => kept.has(rule)) }];
}
