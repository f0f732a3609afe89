import assert from "node:assert/strict";
import fc from "fast-check";
import { isWithin } from "../../../rollout/exposure/exposure.ts";
import { criterion, from } from "../../../rollout/plan/builders.ts";
import { targetOf } from "../../../rollout/verdict/effective.ts";
import type { AnalyzerStatus, KnownStatus, Seen } from "../../../rollout/verdict/model.ts";
import { nextStatus } from "../../../rollout/verdict/next-status.ts";
import { goodMinute, seen, spec, start, stored, watched } from "./fixture.ts";

const minutes = (count: number, from = 2) => Array.from({ length: count }, (_, index) => start + (index + from) * 60);

/** Looks once for each minute; every status goes through the API server. */
function run(looks: readonly Partial<Seen>[], first: Partial<KnownStatus> = {}): AnalyzerStatus {
  let status = nextStatus(watched(first), seen());
  for (const look of looks) status = nextStatus(watched(stored(status)), seen(look));
  return status;
}

const goodLooks = (count: number): Partial<Seen>[] =>
  minutes(count).map((through) => ({ now: through + 25, windows: goodMinute(through) }));

describe("the status after a look", function () {
  this.timeout(20_000);
  it("sees a step at once, but begins to watch only when the gateway carries it", () => {
    const early = nextStatus(watched(), seen({ effective: { all: 0 } }));
    assert.deepEqual([early.observedStep, early.onTarget, early.phaseStartedAt], [3, false, undefined]);
    const unread = nextStatus(watched(), seen({ isProgrammed: false }));
    assert.deepEqual([unread.onTarget, unread.phaseStartedAt], [false, undefined]);
    const begun = nextStatus(watched(stored(unread)), seen({ now: start + 7 }));
    assert.deepEqual([begun.onTarget, Date.parse(begun.phaseStartedAt!) / 1000], [true, start + 7]);
    const later = nextStatus(watched(stored(begun)), seen({ now: start + 99 }));
    assert.equal(later.phaseStartedAt, begun.phaseStartedAt);
  });

  it("passes a phase that was watched long enough and held everything", () => {
    const status = run(goodLooks(8));
    assert.equal(status.verdict?.outcome, "Passed", status.verdict?.reason);
    assert.deepEqual(status.passed.at(-1), {
      ...{ phase: "canary-5", revision: "r1", attempt: 2 },
      ...{ from: status.phaseStartedAt, to: status.passed.at(-1)?.to },
    });
    assert.equal(status.complete, false);
  });

  it("says how much of the soak is left, and doesn't call it passed before", () => {
    const once = nextStatus(watched({}, { extendSeconds: 600 }), seen());
    const status = nextStatus(
      watched(stored(once), { extendSeconds: 600 }),
      seen({ now: start + 145, windows: goodMinute(start + 120) }),
    );
    assert.equal(status.verdict?.outcome, "Running");
    assert.match(status.verdict!.reason!, /10 min of 11 min still have to be watched/);
  });

  it("counts no time that was blind, unhealthy or mis-shared", () => {
    const looks = minutes(8).map((through) => ({ now: through + 25, windows: goodMinute(through, { soak: 0 }) }));
    assert.match(run(looks).verdict!.reason!, /1 min of 1 min still have to be watched/);
  });

  it("leaves the first seconds after a step out", () => {
    const status = run([{ now: start + 85, windows: { ...goodMinute(start + 60) } }]);
    assert.deepEqual(status.windows!["2/canary-5/soak"], []);
  });

  it("never passes without data, however long it waits", () => {
    const partial = fc.subarray(Object.keys(goodMinute(0)).filter((name) => !name.startsWith("soak")));
    const cuts = fc.record({ names: partial, gauge: fc.boolean(), count: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(cuts, ({ names, gauge, count }) => {
        const needed = ["success-ratio:canary:proxy", "success-ratio:canary:app", "integrity-violations:canary"];
        const isWhole = gauge && needed.every((name) => name === needed[1] || names.includes(name));
        fc.pre(!isWhole);
        const looks = minutes(count).map((through) => {
          const all: Record<string, unknown> = goodMinute(through);
          const windows = Object.fromEntries(["soak", ...names].map((name) => [name, all[name]]));
          return { now: through + 25, windows: windows as Seen["windows"], readings: gauge ? seen().readings : {} };
        });
        const status = run(looks);
        assert.notEqual(status.verdict?.outcome, "Passed");
        assert.ok(!status.passed.some((pass) => pass.phase === "canary-5"));
      }),
      { numRuns: 40 },
    );
  });

  it("doesn't take the canary's own word where the proxy stands before it", () => {
    const isOwnWord = (name: string): boolean => !(name.startsWith("success-ratio:") && name.endsWith(":proxy"));
    const looks = minutes(8).map((through) => {
      const kept = Object.entries(goodMinute(through)).filter(([name]) => isOwnWord(name));
      return { now: through + 25, windows: Object.fromEntries(kept) as Seen["windows"] };
    });
    assert.match(run(looks).verdict!.reason!, /success: no data; no data never passes/);
  });

  it("fails on a single violation where none is allowed, and takes a pass back", () => {
    const good = run(goodLooks(8));
    const late = start + 11 * 60;
    const bad = nextStatus(watched(stored(good)), seen({ now: late + 25, windows: goodMinute(late, { events: 1 }) }));
    assert.equal(bad.verdict?.outcome, "Failed");
    assert.ok(!bad.passed.some((pass) => pass.phase === "canary-5"));
  });

  it("keeps a pass through a time without Prometheus, and earns none in it", () => {
    const blind = "nothing can be measured: refused";
    assert.equal(run([{ now: start + 999, blind }]).verdict?.outcome, "Error");
    const passed = nextStatus(watched(stored(run(goodLooks(8)))), seen({ now: start + 999, blind, readings: {} }));
    assert.ok(passed.passed.some((pass) => pass.phase === "canary-5"));
  });

  it("waits for signatures", () => {
    const looks = goodLooks(8).map((look) => ({ ...look, missingEvidence: ["WDBX-CC-03"] }));
    assert.match(run(looks).verdict!.reason!, /evidence is missing for WDBX-CC-03/);
  });

  it("passes nothing whose plan nobody knows", () => {
    const looks = goodLooks(8).map((look) => ({ ...look, phase: undefined }));
    assert.equal(run(looks).verdict?.outcome, "Error");
  });

  it("loses no pass when Rampart is upgraded under it, and the new platform has other plans", () => {
    const passed = run(goodLooks(8));
    const names = (status: AnalyzerStatus) => status.passed.map((pass) => pass.phase);
    const unknown = nextStatus(watched(stored(passed)), seen({ phase: undefined, now: start + 700 }));
    assert.equal(unknown.verdict?.outcome, "Error");
    assert.deepEqual(names(unknown), names(passed));
    const known = nextStatus(watched(stored(unknown)), seen({ now: start + 705 }));
    assert.equal(known.verdict?.outcome, "Passed", known.verdict?.reason);
    assert.deepEqual(known.passed, passed.passed, "the same pass, earned when it was earned");
  });

  it("takes everybody back to stable from a watch after 100 %, whose end alone makes the rollout complete", () => {
    const watch = { ...spec().phases.at(-1)!, name: "watch", percent: 100 };
    const at = (name: string) => ({ phase: name, phases: [...spec().phases.slice(0, -1), watch] });
    const below = at("watch")
      .phases.slice(0, -1)
      .map(({ name }) => ({ phase: name, revision: "r1", attempt: 2 }));
    const everybody = { effective: { all: 100 } };
    const full = nextStatus(watched({ passed: below }, at("watch")), seen(everybody));
    assert.deepEqual([full.onTarget, full.complete], [true, false]);
    const asked = { attempt: 2, trigger: "a person", reason: "asked", to: {} };
    const ended = nextStatus(watched({ ...stored(full), aborted: asked }, at("watch")), seen(everybody));
    assert.deepEqual(ended.aborted?.to, { all: 0 });
    assert.deepEqual([ended.onTarget, ended.complete], [false, false]);
  });

  it("pulls a trigger by its own counts, latches it, and stays so", () => {
    const looks = minutes(4).map((through) => ({ now: through + 25, windows: goodMinute(through, { failed: 200 }) }));
    const status = run(looks);
    assert.deepEqual(status.aborted?.to, { all: 0 });
    assert.equal(status.aborted?.trigger, "errors");
    const after = nextStatus(watched(stored(status)), seen({ now: start + 600, effective: { all: 0 } }));
    assert.deepEqual(after.aborted, status.aborted);
    assert.deepEqual([after.onTarget, after.verdict?.outcome], [true, "Failed"]);
  });

  it("turns a person's wish into a latch that means everybody", () => {
    const wish = { attempt: 2, trigger: "a person", reason: "annotation", to: {} };
    const status = nextStatus(watched({ aborted: wish }), seen());
    assert.deepEqual(status.aborted, { ...wish, at: new Date(start * 1000).toISOString(), to: { all: 0 } });
  });

  it("forgets an abort, passes and counts with the attempt that they belong to", () => {
    const aborted = { attempt: 2, at: "2026-01-01T00:00:00Z", trigger: "errors", reason: "7 %", to: { all: 0 } };
    const old = stored({ ...run(goodLooks(8)), aborted });
    const next = { spec: spec({ attempt: 3, step: 4 }), status: old, generation: 8 };
    const status = nextStatus(next, seen({ now: start + 9000 }));
    assert.equal(status.aborted, undefined);
    assert.deepEqual(status.passed, []);
    assert.deepEqual(Object.keys(status.windows!), ["3/canary-5/soak"]);
  });

  it("voids what lies at and above where a step down lands, and begins anew there", () => {
    const passes = ["prep", "shadow", "canary-5", "half"].map((name) => ({ phase: name, revision: "r1", attempt: 2 }));
    const status = nextStatus(watched({ phase: "full", passed: passes }), seen());
    assert.deepEqual(
      status.passed.map((pass) => pass.phase),
      ["prep", "shadow"],
    );
  });

  it("is complete with the last phase, and only then", () => {
    const passes = ["prep", "shadow", "canary-5", "half", "full"].map((name) => ({
      ...{ phase: name, revision: "r1", attempt: 2 },
    }));
    const last = { ...seen().phase!, percent: 100, criteria: [], triggers: [] };
    let status = nextStatus(
      watched({ passed: passes }, { phase: "watch" }),
      seen({ phase: last, effective: { all: 100 } }),
    );
    assert.equal(status.complete, false);
    for (const through of minutes(3)) {
      const look = seen({
        now: through + 25,
        phase: last,
        effective: { all: 100 },
        windows: { soak: [{ through, n: 60, k: 60 }] },
      });
      status = nextStatus(watched(stored(status), { phase: "watch" }), look);
    }
    assert.equal(status.complete, true);
  });

  it("holds everybody against what stable had beside the last canary, once no stable traffic is left", () => {
    const compared = criterion("latency", "latency-p95", "<", 1.5, {
      against: { of: "stable", as: "ratio" },
      ...from("S0-57"),
    });
    const rung = { ...seen().phase!, criteria: [compared], triggers: [] };
    const full = { ...rung, percent: 100 };
    const buckets = (track: string, through: number, late: number) =>
      Object.fromEntries(
        [
          ["0.005", 9000],
          ["0.006", 9900 - late],
          ["0.009", 9990 - late],
        ].map(([le, k]) => [`latency-p95:${track}:${le}`, [{ through, n: 10_000, k: k as number }]]),
      );
    const soak = (through: number) => ({ soak: [{ through, n: 60, k: 60 }] });
    const climbed = (late: number) => {
      let status = nextStatus(watched({}, { phase: "half" }), seen({ phase: rung, effective: { all: 50 } }));
      for (const through of minutes(5)) {
        const windows = { ...soak(through), ...buckets("canary", through, 0), ...buckets("stable", through, 0) };
        const look = seen({ now: through + 25, phase: rung, effective: { all: 50 }, windows });
        status = nextStatus(watched(stored(status), { phase: "half" }), look);
      }
      const at = start + 3600;
      status = nextStatus(
        watched(stored(status), { phase: "full" }),
        seen({ now: at, phase: full, effective: { all: 100 } }),
      );
      for (let through = at + 120; through < at + 600; through += 60) {
        const windows = { ...soak(through), ...buckets("canary", through, late) };
        const look = seen({ now: through + 25, phase: full, effective: { all: 100 }, windows });
        status = nextStatus(watched(stored(status), { phase: "full" }), look);
      }
      return status.verdict!;
    };
    assert.equal(climbed(0).outcome, "Passed", climbed(0).reason);
    assert.notEqual(climbed(5000).outcome, "Passed");
    assert.doesNotMatch(climbed(5000).reason!, /no baseline/);
  });

  it("comes to the same whoever looks, how often, and in between which restarts", () => {
    const failures = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 15 });
    fc.assert(
      fc.property(failures, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (counts, restarts) => {
        const at = minutes(counts.length);
        const look = (index: number): Partial<Seen> => ({
          now: at[index]! + 25,
          windows: goodMinute(at[index]!, { failed: counts[index]! }),
        });
        const plainly = run(counts.map((_, index) => look(index)));
        // Others repeat looks, come late, and see again what was counted before.
        const crowded = counts.flatMap((_, index) => {
          const again = restarts.next().value;
          const old = { ...look(Math.max(0, index - again)), now: at[index]! + 25 };
          return [look(index), old, look(index)];
        });
        const { verdict, ...rest } = run(crowded);
        const { verdict: alone, ...expected } = plainly;
        assert.deepEqual(rest, expected);
        assert.deepEqual([verdict?.outcome, verdict?.reason], [alone?.outcome, alone?.reason]);
      }),
      { numRuns: 12 },
    );
  });

  it("stays small for months", () => {
    let status = nextStatus(watched(), seen());
    for (let day = 1; day <= 60; day += 1) {
      const added = Array.from({ length: 24 * 60 }, (_, index) => start + day * 86_400 + index * 60);
      const windows = { soak: added.map((through) => ({ through, n: 60, k: 60 })) };
      status = nextStatus(watched(stored(status)), seen({ now: added.at(-1)! + 25, windows }));
    }
    const soak = status.windows!["2/canary-5/soak"]!;
    assert.ok(soak.length <= 256, String(soak.length));
    assert.equal(
      soak.reduce((sum, { k }) => sum + k, 0),
      60 * 86_400,
    );
  });

  it("never allows more than the phase did, whatever it sees", () => {
    const effects = fc.integer({ min: 0, max: 100 });
    const aborts = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined });
    fc.assert(
      fc.property(effects, aborts, fc.integer({ min: 0, max: 1200 }), (all, to, failed) => {
        const at = "2026-01-01T00:00:00Z";
        const aborted = to === undefined ? undefined : { attempt: 2, at, trigger: "t", reason: "r", to: { all: to } };
        const before = watched({ aborted });
        const windows = goodMinute(start + 120, { failed });
        const first = nextStatus(before, seen({ effective: { all } }));
        const after = nextStatus(watched(stored(first)), seen({ now: start + 145, effective: { all }, windows }));
        assert.ok(isWithin(targetOf({ spec: spec(), status: after }), targetOf(before)));
      }),
    );
  });
});
