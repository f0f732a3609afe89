import assert from "node:assert/strict";
import fc from "fast-check";
import { parseConfigValues, parseStackFile } from "../../../rollout/config/parse.ts";
import { formatProblem } from "../../../rollout/config/problem.ts";
import { plans, stackFile } from "./fixture.ts";

const numRuns = Number(process.env.RAMPART_FUZZ_RUNS ?? 300);

const fragment = fc.constantFrom(
  ..."config: |rampart:wdbx:|rampart:environment: |production|&a |*a|!!int |<<: |---\n|? |- |{|}|[|]|\"|'|percent: |25|\n|\n    |\t|#|: |, |__proto__: |constructor: |secure: |\u2028|\r|>-\n|%YAML 1.1\n|null|~|1e999|-0|phase: ".split(
    "|",
  ),
);

/** A sound file with a few of its pieces replaced, doubled or cut: nearer to the truth than noise. */
const mutated = fc
  .array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 12 }), fc.oneof(fragment, fc.string({ maxLength: 4 }))), {
    maxLength: 5,
  })
  .map((edits) =>
    edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), stackFile({ hold: "true" })),
  );
const text = fc.oneof(
  { weight: 5, arbitrary: mutated },
  { weight: 3, arbitrary: fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
);

describe("the config parser, fed with anything", () => {
  it("never throws, and gives either values or problems with a place", function () {
    this.timeout(0);
    fc.assert(
      fc.property(text, (input) => {
        const { config, problems } = parseStackFile(input, "f.yaml", plans);
        if (config) return assert.equal(problems, undefined);
        assert.ok(problems && problems.length > 0);
        const lines = input.split("\n").length;
        for (const problem of problems) {
          assert.match(formatProblem(problem), /^f\.yaml(:\d+:\d+)?: ./);
          if (problem.line !== undefined) assert.ok(problem.line >= 1 && problem.line <= lines && problem.column! >= 1);
        }
      }),
      { numRuns },
    );
  });

  it("takes nothing from a file that it wouldn't take from the engine", function () {
    this.timeout(0);
    fc.assert(
      fc.property(mutated, (input) => {
        const { config } = parseStackFile(input, "f.yaml", plans);
        if (!config) return;
        for (const system of Object.values(config.systems)) {
          assert.ok([0, 5, 10, 25, 50, 100].includes(system.percent));
          assert.equal(system.settled, system.phase === undefined);
        }
      }),
      { numRuns },
    );
  });

  it("never throws on what an engine could hand over", function () {
    this.timeout(0);
    const entries = fc.dictionary(
      fc.oneof(fc.constantFrom("rampart:wdbx", "rampart:environment", "rampart:layer", "rampart:scale"), fc.string()),
      fc.oneof(fc.anything(), fc.json()),
    );
    fc.assert(
      fc.property(entries, (values) => {
        const { config, problems } = parseConfigValues(values, plans);
        assert.ok((config === undefined) !== (problems === undefined));
      }),
      { numRuns },
    );
  });
});
