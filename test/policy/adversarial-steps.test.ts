import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseConfigValues, parseStackFile } from "../../rollout/config/parse.ts";
import { instantOf } from "../../rollout/evidence/statement.ts";
import { reasonsAgainstPass } from "../../rollout/transitions/phase-end.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { attempt, from, frozen, Guarded } from "./attempts.ts";
import { claim, person, writeEvidence, writeSigners } from "./evidence.ts";
import { unknownText } from "./pack.ts";
import { factsFor, image, liveAt, wishFor } from "./rollouts.ts";

describe("attempts to take a step that isn't due", () => {
  const guarded = new Guarded();

  describe("steps", () => {
    attempt([1], "5 to 50 %", () =>
      guarded.blocked({ wish: wishFor("canary-50"), live: from("canary-5") }, /go to canary-25 \(25 %\) first/),
    );
    attempt([2], "0 to 100 %", () =>
      guarded.blocked({ wish: wishFor("full"), live: from("infrastructure") }, /canary-5 comes before it/),
    );
    attempt([3], "down from anywhere, without evidence and in a freeze, is allowed", async () => {
      guarded.calendar(frozen);
      for (const [high, low] of [
        ["canary-25", "canary-5"],
        ["canary-50", "infrastructure"],
        ["full", "infrastructure"],
      ] as const) {
        await guarded.allowed({
          wish: wishFor(low),
          live: from(high, { passed: [] }),
          facts: factsFor({ stagingPassed: false }),
        });
      }
    });
    attempt([4], "the same again is allowed, without evidence", () =>
      guarded.allowed({ wish: wishFor("canary-25"), live: from("canary-25", { passed: [] }) }),
    );
    attempt([5], "a first deploy at 0 is allowed, at 5 and 100 % it isn't", async () => {
      await guarded.allowed({ wish: wishFor("infrastructure") });
      await guarded.blocked({ wish: wishFor("canary-5") }, /doesn't start at canary-5/);
      await guarded.blocked({ wish: wishFor("full") }, /doesn't start at full/);
    });
    attempt([13], "a percent and an image in one update", () =>
      guarded.blocked(
        { wish: wishFor("canary-50", {}, { artifact: image("c"), revision: "r2" }), live: from("canary-25") },
        /go down to infrastructure|start.* at the bottom/,
      ),
    );
    attempt([12], "an image that isn't known in the preview", () =>
      guarded.blocked(
        { wish: wishFor("canary-25", {}, { artifact: unknownText }), live: from("canary-5") },
        /wish.artifact isn't known/,
      ),
    );
    attempt([32], "production while staging hasn't passed this artifact", () =>
      guarded.blocked(
        { wish: wishFor("canary-5"), live: from("infrastructure"), facts: factsFor({ stagingPassed: false }) },
        /no signed pass of staging/,
      ),
    );
    attempt([33], "nothing known of staging: no way up, and a way down", async () => {
      const facts = factsFor({ stagingPassed: unknownText });
      await guarded.blocked(
        { wish: wishFor("canary-5"), live: from("infrastructure"), facts },
        /facts.stagingPassed isn't known/,
      );
      await guarded.allowed({ wish: wishFor("infrastructure"), live: from("canary-5"), facts });
    });
    attempt([34], "before the system that is needed", () =>
      guarded.blocked(
        {
          wish: wishFor("canary-25"),
          live: from("canary-5"),
          facts: factsFor({ unmetNeeds: ["x has to be at 25 %"] }),
        },
        /x has to be at 25 %; move the needed system first/,
      ),
    );
    attempt([53], "the old version is given up before it was watched for four weeks", async () => {
      const of = { system: "dwcp-v3" };
      const live = liveAt(wishFor("nodes-100", of));
      const wish = wishFor(undefined, of, { stable: "1.1.0", artifact: "1.1.0" });
      await guarded.blocked(
        { wish, live },
        /nodes-100 \(100 %\) isn't the last phase; climb to deprecate-v1 first/,
        of,
      );
    });
    attempt([15], "a soak that is a second short, exact, and longer; and every other verdict than Passed", () => {
      const live = from("canary-5", { passed: [] });
      const needed = live.spec.phases[1]!.soakSeconds;
      const rules = (soakedSeconds: number, verdict: "Passed" | "Running" | "Error" | "Inconclusive" | "Failed") =>
        reasonsAgainstPass(live, { verdict, soakedSeconds, missingEvidence: [] }).map(({ rule }) => rule);
      assert.deepEqual(rules(needed - 1, "Passed"), ["soak"]);
      assert.deepEqual(rules(needed, "Passed"), []);
      assert.deepEqual(rules(needed + 1, "Passed"), []);
      for (const verdict of ["Running", "Error", "Inconclusive", "Failed"] as const)
        assert.deepEqual(rules(needed, verdict), ["verdict"]);
    });
  });

  describe("config", () => {
    const entry = { stable: image("a"), artifact: image("b"), percent: 25 };
    const problems = (over: object) => {
      const values = { "rampart:environment": "production", "rampart:layer": "systems" };
      const system = JSON.stringify({ ...entry, ...over });
      return (parseConfigValues({ ...values, "rampart:wdbx": system }, plans).problems ?? []).map(
        ({ path, message }) => `${path.join(".")} ${message}`,
      );
    };
    const refuses = (...values: unknown[]) => {
      for (const percent of values)
        assert.match(problems({ percent }).join(), /rampart:wdbx\.percent/, JSON.stringify(percent));
    };
    it("reads what is right", () => assert.deepEqual(problems({}), []));
    attempt([6], "NaN, nothing, null, true, a list, a map", () => refuses("NaN", "", null, true, [25], { p: 25 }));
    attempt([7], "-5, 101, 5e400, Infinity", () => {
      refuses(-5, 101, "Infinity");
      const text = `config:\n  rampart:environment: production\n  rampart:layer: systems\n  rampart:wdbx: { stable: "${image("a")}", artifact: "${image("b")}", percent: 5e400 }\n`;
      assert.ok(parseStackFile(text, "Pulumi.x.yaml", plans).problems);
    });
    attempt([8], "a number as text, with blanks, line breaks, NUL or other digits", () =>
      refuses("25", "25 ", " 25", "25\n", "\t25", "25\u0000", "２５", "٢٥"),
    );
    attempt([9], "no percent at all", () => refuses(undefined));
    attempt([10], "a percent that is a secret: refused, and not repeated", () => {
      const values = { "rampart:environment": "production", "rampart:layer": "systems" };
      const { problems: found } = parseConfigValues({ ...values, "rampart:wdbx": JSON.stringify(entry) }, plans, [
        "rampart:wdbx",
      ]);
      assert.deepEqual(
        found?.map(({ message }) => message),
        ["is a secret; Rampart shows and compares this value, so it has to be plain"],
      );
    });
    attempt([14], "a tag, which can change behind everyone's back", () => {
      assert.match(problems({ artifact: "registry.example/app:1.2" }).join(), /rampart:wdbx\.artifact/);
    });
    attempt([54], "break-glass, by config or by what the program says: there is no such way up", async () => {
      assert.match(problems({ breakGlass: true }).join(), /breakGlass/);
      const facts = factsFor({ breakGlass: { signers: ["a", "b"], expires: "2999-01-01T00:00:00Z" } });
      await guarded.blocked({ wish: wishFor("canary-50"), live: from("canary-5"), facts }, /go to canary-25/);
    });
    attempt([49], "a word that says it is only a rollback", () => {
      assert.match(problems({ intent: "rollback" }).join(), /intent/);
    });
  });

  describe("time", () => {
    attempt(
      [16],
      "a clock that is a week ahead doesn't prolong anything: what was signed has expired then",
      async () => {
        const live = from("infrastructure");
        const dora = person("dora", "technical-lead", "platform-engineering", "devops");
        writeSigners(guarded.folder, [dora]);
        const now = Date.now() / 1000;
        const statement = claim(live.spec, "infrastructure", ["approval:infrastructure"], {
          issuedAt: instantOf(now - 8 * 86_400),
          expires: instantOf(now - 86_400),
          window: { from: instantOf(now - 9 * 86_400), to: instantOf(now - 8 * 86_400) },
        });
        writeEvidence(guarded.folder, "old", statement, dora, "devops");
        await guarded.blocked({ wish: wishFor("canary-5"), live }, /expired at/);
      },
    );
    attempt([30], "a freeze stops the way up, not the way down, not steady state", async () => {
      guarded.calendar(frozen);
      await guarded.blocked({ wish: wishFor("canary-25"), live: from("canary-5") }, /frozen by fair/);
      await guarded.allowed({ wish: wishFor("canary-5"), live: from("canary-25") });
      await guarded.allowed({ wish: wishFor("canary-25"), live: from("canary-25") });
    });
    attempt([31], "a calendar that is gone or broken", async () => {
      for (const spoil of [() => guarded.calendar("freezes: {"), () => rmSync(join(guarded.folder, "calendar.yaml"))]) {
        spoil();
        await guarded.blocked({ wish: wishFor("canary-25"), live: from("canary-5") }, /the calendar can't be read/);
        await guarded.allowed({ wish: wishFor("canary-5"), live: from("canary-25") });
      }
    });
  });
});
