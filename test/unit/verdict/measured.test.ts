import assert from "node:assert/strict";
import fc from "fast-check";
import { criterion, from, proposed } from "../../../rollout/plan/builders.ts";
import { phasesOf } from "../../../rollout/plan/ladder.ts";
import type { Phase } from "../../../rollout/plan/model.ts";
import { abortOf, abortTarget, drainsTo, whyNot } from "../../../rollout/verdict/abort.ts";
import { bySystem, countedSeries, type Sample } from "../../../rollout/verdict/answers.ts";
import { isProgrammed } from "../../../rollout/verdict/effective.ts";
import { instantOf } from "../../../rollout/verdict/model.ts";
import { baselinesOnRecord } from "../../../rollout/verdict/on-record.ts";
import { gaugeQuestions, minuteQuestions, questionName } from "../../../rollout/verdict/questions.ts";
import { grown, uncounted } from "../../../rollout/verdict/series.ts";
import { isMisshared, soaked, soakWindow } from "../../../rollout/verdict/soak.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { phase, start, watched } from "./fixture.ts";

const expected = { shareOf: () => 0.05, hasCanary: true, hasStable: true };
const minutes = { from: start, through: start + 60 };
const sample = (track: string, value: number, more: Record<string, string> = {}): Sample => ({
  labels: { system: "wdbx", track, ...more },
  at: start + 60,
  value,
});
const counted = (over: Partial<Pick<Phase, "criteria" | "triggers">>, answers: Record<string, Sample[]>, known = {}) =>
  countedSeries(
    { system: "wdbx", phase: { ...phase, ...over } },
    new Map(Object.entries(answers).map(([name, samples]) => [name, bySystem(samples)])),
    minutes,
    expected,
    known,
  );

describe("a minute of a phase", () => {
  const served = (canary: number, stable: number, segment = "") => [
    { segment, track: "canary", count: canary },
    { segment, track: "stable", count: stable },
  ];
  const good = { through: 60, up: { canary: true, stable: true }, requests: served(50, 950) };
  const counts = (facts: Partial<typeof good> | object) => soaked([soakWindow({ ...good, ...facts }, expected)]);

  it("counts when both tracks answer and the requests are shared as the weight says", () => {
    assert.equal(counts({}), 60);
    assert.equal(counts({ requests: [] }), 60);
  });

  it("doesn't count when a track is silent or unknown, or has another share", () => {
    assert.equal(counts({ up: { canary: false, stable: true } }), 0);
    assert.equal(counts({ up: { stable: true } }), 0);
    assert.equal(counts({ up: { canary: true } }), 0);
    assert.equal(counts({ requests: served(0, 5000) }), 0);
    assert.equal(counts({ requests: served(500, 500) }), 0);
  });

  it("doesn't count when one segment has another share than its own, however the whole looks", () => {
    const shares: Record<string, number> = { "": 0.05, premium: 0.1, internal: 1 };
    const inSegments = { ...expected, shareOf: (segment: string) => shares[segment] };
    const minuteOf = (...requests: ReturnType<typeof served>[]) =>
      soaked([soakWindow({ ...good, requests: requests.flat() }, inSegments)]);
    assert.equal(minuteOf(served(50, 950), served(100, 900, "premium"), served(100, 0, "internal")), 60);
    assert.equal(minuteOf(served(50, 950), served(500, 500, "premium"), served(100, 0, "internal")), 0);
    assert.equal(minuteOf(served(50, 950), served(100, 900, "premium"), served(50, 50, "internal")), 0);
    assert.equal(minuteOf(served(7, 93, "nobody knows it")), 60);
  });

  it("is mis-shared only where chance can't have done it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 99 }), (all, percent) => {
        assert.equal(isMisshared(Math.round((all * percent) / 100), all, percent / 100), false);
      }),
    );
    assert.equal(isMisshared(2, 2, 0.05), false);
    assert.equal(isMisshared(0, 0, 0.05), false);
  });

  it("is asked for once it is over, whole, after the warm-up, and not twice", () => {
    assert.equal(uncounted([], start, start + 139), undefined);
    assert.deepEqual(uncounted([], start, start + 140), { from: start + 60, through: start + 120 });
    const known = [{ through: start + 120, n: 60, k: 60 }];
    assert.equal(uncounted(known, start, start + 199), undefined);
    assert.deepEqual(uncounted(known, start, start + 500), { from: start + 120, through: start + 480 });
  });

  it("finds no room for more series than a status has", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`s${index}`, []]));
    assert.equal(Object.keys(grown(many, {}, start, start)).length, 64);
  });
});

describe("what Prometheus has counted", () => {
  it("is soaked only where somebody answered, also when no question had an answer", () => {
    assert.deepEqual(counted({}, {}).soak, [{ through: start + 60, n: 60, k: 0 }]);
  });

  it("turns failures into good requests for metrics about those, view by view", () => {
    const series = counted(
      {},
      {
        [questionName("success-ratio", "trials", "proxy")]: [sample("canary", 100), sample("stable", 900)],
        [questionName("success-ratio", "failures", "proxy")]: [sample("canary", 7)],
      },
    );
    assert.deepEqual(series["success-ratio:canary:proxy"], [{ through: start + 60, n: 100, k: 93 }]);
    assert.deepEqual(series["success-ratio:stable:proxy"], [{ through: start + 60, n: 900, k: 900 }]);
    assert.equal(series["success-ratio:canary:app"], undefined);
  });

  it("keeps impossible figures within bounds, and leaves out what is no figure or another system's", () => {
    const series = counted(
      {},
      {
        [questionName("success-ratio", "trials", "app")]: [
          sample("canary", 100),
          sample("stable", Number.NaN),
          { ...sample("canary", 5), labels: { system: "dwcp-v3", track: "canary" } },
        ],
        [questionName("success-ratio", "failures", "app")]: [sample("canary", 103)],
      },
    );
    assert.deepEqual(series["success-ratio:canary:app"], [{ through: start + 60, n: 100, k: 0 }]);
    assert.equal(series["success-ratio:stable:app"], undefined);
  });

  it("tells segments apart where a condition is kept by each, and only of the canary", () => {
    const success = criterion("success", "success-ratio", ">", 0.99, { bySegment: true, ...from("S0-58") });
    const answers = {
      [questionName("success-ratio", "trials by segment")]: [
        sample("", 100, { segment: "premium" }),
        sample("", 40, { segment: "internal" }),
      ],
      [questionName("success-ratio", "failures by segment")]: [sample("", 7, { segment: "premium" })],
    };
    const series = counted({ criteria: [success] }, answers);
    assert.deepEqual(series["success-ratio:canary:proxy@premium"], [{ through: start + 60, n: 100, k: 93 }]);
    assert.deepEqual(series["success-ratio:canary:proxy@internal"], [{ through: start + 60, n: 40, k: 40 }]);
    assert.deepEqual(Object.keys(counted({}, answers)), ["soak"]);
  });

  const bounds = ["0.0005", "0.001", "0.002", "0.005", "0.01", "0.1", "+Inf"];
  const histogram = (track: string) =>
    bounds.map((le, index) => sample(track, [1, 80, 95, 99, 100, 100, 100][index]!, { le }));
  const buckets = { [questionName("latency-p95", "buckets")]: [...histogram("canary"), ...histogram("stable")] };
  const keptBounds = (value: number, against?: { of: "stable"; as: "ratio" }, known = {}) => {
    const latency = criterion("latency", "latency-p95", "<", value, { ...(against && { against }), ...from("S0-57") });
    const names = Object.keys(counted({ criteria: [latency], triggers: [] }, buckets, known));
    return names.filter((name) => name.startsWith("latency-p95:canary:")).map((name) => name.split(":")[2]);
  };

  it("keeps of a histogram the bounds that decide", () => {
    assert.deepEqual(keptBounds(1), ["0.001"]);
    assert.deepEqual(keptBounds(3), ["0.002", "0.005"]);
    assert.deepEqual(keptBounds(1.5, { of: "stable", as: "ratio" }), [
      "0.0005",
      "0.001",
      "0.002",
      "0.005",
      "0.01",
      "0.1",
    ]);
  });

  it("stays with the bounds that it has begun with", () => {
    assert.deepEqual(keptBounds(1.5, { of: "stable", as: "ratio" }, { "latency-p95:canary:0.01": [] }), ["0.01"]);
  });
});

describe("the questions to Prometheus", () => {
  it("can be asked of every phase of every plan, and grow with metrics, not with systems", () => {
    const every = plans.flatMap((plan) =>
      (["staging", "production"] as const).flatMap((environment) =>
        phasesOf(plan, environment, "normal").map((one) => ({ system: plan.system, phase: one })),
      ),
    );
    const [canary] = every.filter(({ system, phase: one }) => system === "wdbx" && one.percent === 5);
    const ofOne = minuteQuestions([canary!]).size;
    assert.equal(minuteQuestions([canary!, canary!, canary!]).size, ofOne);
    for (const text of [...minuteQuestions(every).values(), ...gaugeQuestions(every).values()]) {
      assert.doesNotMatch(text, /undefined|\[object/);
    }
  });

  it("compare by what the plan holds against the stable track", () => {
    const compared = criterion("cpu", "memory", "<", 1.1, {
      against: { of: "stable", as: "ratio" },
      ...proposed("X-87"),
    });
    const asked = gaugeQuestions([{ system: "wdbx", phase: { ...phase, criteria: [compared] } }]);
    assert.ok([...asked.keys()].includes("memory 1m"));
  });
});

describe("what stable was like beside the last canary", () => {
  const counted = (n: number, k: number) =>
    Array.from({ length: 30 }, (_, index) => ({ through: start + 60 * index, n, k }));
  const on = (windows: Record<string, ReturnType<typeof counted>>) =>
    Object.fromEntries(
      baselinesOnRecord(
        watched({
          windows: Object.fromEntries(Object.entries(windows).map(([name, one]) => [`2/recorded/${name}`, one])),
        }),
      ),
    );

  it("is a share as the proxy saw it, a mean, or a quantile that is surely no lower", () => {
    assert.deepEqual(on({ "error-ratio:stable:app": counted(100, 5), "error-ratio:stable:proxy": counted(200, 4) }), {
      "error-ratio": 0.02,
    });
    assert.deepEqual(on({ "error-ratio:stable:app": counted(100, 5) }), { "error-ratio": 0.05 });
    assert.deepEqual(on({ "throughput:stable": counted(60, 6000) }), { throughput: 100 });
    const latency = on({
      "latency-p95:stable:0.001": counted(10_000, 9_000),
      "latency-p95:stable:0.002": counted(10_000, 9_990),
      "latency-p95:stable:+Inf": counted(10_000, 10_000),
    })["latency-p95"]!;
    assert.ok(latency > 1 && latency <= 2, `${latency} ms`);
  });

  it("isn't known of another attempt, or where nothing was counted", () => {
    assert.deepEqual(on({}), {});
    assert.deepEqual(on({ "error-ratio:stable:app": counted(0, 0) }), {});
    const other = watched({ windows: { "1/recorded/error-ratio:stable:app": counted(100, 5) } });
    assert.equal(baselinesOnRecord(other).size, 0);
  });
});

describe("the end of an attempt", () => {
  const alert = {
    ...{ system: "wdbx", trigger: "t", reason: "r", action: "zero" as const },
    ...{ attempt: "2", revision: "r1", phases: ["canary-5"] },
  };

  it("is nobody's but that of the attempt, the revision and the phase that the alert names", () => {
    assert.equal(whyNot(alert, watched()), undefined);
    assert.match(whyNot({ ...alert, attempt: "1" }, watched())!, /about attempt 1, this is 2/);
    assert.match(whyNot({ ...alert, revision: "" }, watched())!, /about revision unknown/);
    assert.match(whyNot({ ...alert, phases: ["half"] }, watched())!, /isn't armed/);
    assert.match(whyNot(alert, watched({}, { stable: "B", phase: undefined }))!, /settled/);
  });

  it("may be that of an alert that names no attempt, if it began in the phase", () => {
    const nameless = { ...alert, attempt: "", revision: "" };
    const begun = watched({ phaseStartedAt: instantOf(start) });
    assert.equal(whyNot({ ...nameless, since: start + 30 }, begun), undefined);
    assert.match(whyNot({ ...nameless, since: start - 1 }, begun)!, /about attempt unknown/);
    assert.match(whyNot(nameless, begun)!, /about attempt unknown/);
    assert.match(whyNot({ ...nameless, since: start + 30 }, watched())!, /about attempt unknown/);
    assert.match(whyNot({ ...alert, attempt: "", since: start + 30 }, begun)!, /about attempt unknown/);
    assert.match(whyNot({ ...nameless, since: start + 30, phases: ["half"] }, begun)!, /isn't armed/);
  });

  it("leads to nobody, or to the phase before, and only ever further down", () => {
    const half = watched({}, { phase: "half" });
    assert.deepEqual(abortTarget(half, "zero"), { all: 0 });
    assert.deepEqual(abortTarget(half, "previous-phase"), { all: 5 });
    const ending = { trigger: "t", reason: "r", action: "previous-phase" as const };
    const first = abortOf(half, start, ending)!;
    const lower = abortOf(watched({ aborted: first }, { phase: "half" }), start + 9, { ...ending, action: "zero" })!;
    assert.deepEqual([first.to, lower.to, lower.at], [{ all: 5 }, { all: 0 }, first.at]);
    const again = abortOf(watched({ aborted: lower }, { phase: "half" }), start + 19, ending)!;
    assert.deepEqual([again.to, drainsTo(first.to), drainsTo(again.to)], [{ all: 0 }, "previous", "zero"]);
  });
});

describe("a route", () => {
  const route = (status: string, observedGeneration: number) => ({
    metadata: { generation: 4 },
    spec: {},
    status: { parents: [{ conditions: [{ type: "Accepted", status, observedGeneration }] }] },
  });
  it("counts as programmed when the gateway has taken up its last change", () => {
    assert.equal(isProgrammed(route("True", 4)), true);
    assert.equal(isProgrammed(route("True", 3)), false);
    assert.equal(isProgrammed(route("False", 4)), false);
    assert.equal(isProgrammed({ metadata: { generation: 4 }, spec: {} }), false);
  });
});
