import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnalyzedResource, type Pack, rootResource, startPack, unknownText, type Violation } from "./pack.ts";
import { component, factsFor, image, liveAt, type Told, wishFor } from "./rollouts.ts";

const mandatory = (found: readonly Violation[]) => found.filter(({ level }) => level === "mandatory");
const rules = (found: readonly Violation[]) => [...new Set(mandatory(found).map(({ policy }) => policy))];
const withoutFreezes = "freezes: []\nwindows: []\n";

describe("the guard pack", () => {
  let pack: Pack;
  let folder: string;
  const calendar = (text: string) => writeFileSync(join(folder, "calendar.yaml"), text);
  const files = () => ({ files: { calendar: join(folder, "calendar.yaml"), evidence: join(folder, "evidence") } });
  const withFiles = () => ({ "rollout-calendar": files(), "rollout-approvals": files() });
  const judge = (told: Told, of = {}) => pack.analyze(component(told, of));
  const refused = async (told: Told, message: RegExp, of = {}) => {
    const found = mandatory(await judge(told, of));
    assert.ok(
      found.some((one) => message.test(one.message)),
      JSON.stringify(found, null, 1),
    );
  };
  const allowed = async (told: Told, of = {}) => assert.deepEqual(mandatory(await judge(told, of)), []);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "guard-"));
    pack = await startPack("guard");
  });
  beforeEach(async () => {
    calendar(withoutFreezes);
    await pack.configure(withFiles());
  });
  after(async () => {
    await pack.end();
    rmSync(folder, { recursive: true });
  });

  it("lets a system go to the next phase when the one before has passed", () =>
    allowed({ wish: wishFor("canary-25"), live: liveAt(wishFor("canary-5")) }));

  it("lets the first install in, settled or at the first phase, and nowhere else", async () => {
    await allowed({ wish: wishFor(undefined), facts: factsFor({ record: null }) });
    await allowed({ wish: wishFor("infrastructure") });
    await refused({ wish: wishFor("canary-5") }, /a new Rollout doesn't start at canary-5 \(5 %\); start settled/);
  });

  it("refuses to skip a phase, and says which one comes before it and who can go there", () =>
    refused(
      { wish: wishFor("canary-50"), live: liveAt(wishFor("canary-5")) },
      /^wdbx: advance from canary-5 \(5 %\) to canary-50 \(50 %\): canary-25 comes before it; go to canary-25 \(25 %\) first \(whoever changes the config\)$/,
    ));

  it("refuses to go on while the phase hasn't passed, is held, isn't observed or isn't on target", async () => {
    const wish = wishFor("canary-25");
    const now = wishFor("canary-5");
    await refused({ wish, live: liveAt(now, { passed: [] }) }, /has not passed for this revision in attempt 1/);
    await refused({ wish, live: liveAt({ ...now, hold: true }) }, /the rollout is held/);
    await refused({ wish, live: liveAt(now, { observedStep: 6 }) }, /the analyzer has seen step 6/);
    await refused({ wish, live: liveAt(now, { onTarget: false }) }, /exposure isn't yet what the Rollout asks for/);
  });

  it("refuses to leave 0 % in production without a pass of staging", () =>
    refused(
      {
        wish: wishFor("canary-5"),
        live: liveAt(wishFor("infrastructure")),
        facts: factsFor({ stagingPassed: false }),
      },
      /there is no signed pass of staging for this artifact; walk the staging ladder/,
    ));

  it("refuses to go above a system that is needed", () =>
    refused(
      {
        wish: wishFor("canary-25"),
        live: liveAt(wishFor("canary-5")),
        facts: factsFor({ unmetNeeds: ["wdbx at 25 % needs x at 25 % or settled, and it is at 5 %"] }),
      },
      /needs x at 25 %.*move the needed system first/,
    ));

  it("refuses to change two things at once", () =>
    refused(
      { wish: wishFor("canary-25", {}, { hold: true }), live: liveAt(wishFor("canary-5")) },
      /it also changes hold; change only one thing/,
    ));

  it("refuses a new artifact in the middle of a rollout", () =>
    refused(
      { wish: wishFor("infrastructure", {}, { artifact: image("c") }), live: liveAt(wishFor("canary-5")) },
      /is still at canary-5 \(5 %\); go down to infrastructure \(0 %\) first/,
    ));

  it("lets every way down pass: unmet needs, a freeze, unpassed phases, no analyzer, doubts about facts", async () => {
    calendar(`freezes: [{ name: now, from: "2020-01-01T00:00Z", length: 9999d }]\nwindows: []\n`);
    for (const to of ["canary-25", "canary-5", "infrastructure"]) {
      await allowed({
        wish: wishFor(to),
        live: liveAt(wishFor("canary-50"), { passed: [], observedStep: 0, onTarget: false }),
        facts: to === "canary-5" ? null : unknownText,
      });
    }
  });

  it("lets steady state pass, also in a freeze and with nothing known about it but where it stands", async () => {
    calendar("not a calendar");
    await allowed({ wish: wishFor("canary-50"), live: liveAt(wishFor("canary-50")), facts: unknownText });
    await allowed({ wish: wishFor(undefined), live: liveAt(wishFor(undefined)), facts: null });
  });

  it("refuses a rise of which something isn't known or is missing, and names it", async () => {
    const live = liveAt(wishFor("canary-5"));
    const wish = wishFor("canary-25");
    await refused({ wish, live, facts: unknownText }, /facts isn't known yet/);
    await refused({ wish, live, facts: factsFor({ stagingPassed: null }) }, /facts.stagingPassed: Invalid input/);
    await refused({ wish: { ...wish, revision: unknownText }, live }, /wish.revision isn't known yet; hand it/);
    await refused({ wish, live: unknownText }, /live isn't known yet/);
    await refused({ wish, live: { ...live, status: unknownText } }, /live.status isn't known yet/);
    await refused({ wish: unknownText, live }, /wish isn't known yet/);
    await refused({ wish: { ...wish, phase: 25 }, live }, /wish.phase: Invalid input/);
    await refused({ wish, live, facts: factsFor({ environment: unknownText }) }, /facts.environment isn't known yet/);
  });

  it("can't tell a rise from steady state when the wish's revision isn't known, and lets only the way down pass", async () => {
    const live = liveAt(wishFor("canary-25"));
    await refused({ wish: wishFor("canary-25", {}, { revision: unknownText }), live }, /wish.revision/);
    await allowed({ wish: wishFor("canary-5", {}, { revision: unknownText }), live });
  });

  it("tells of a drained rollout whose config is still higher, and stops nobody for it", async () => {
    const aborted = { attempt: 1, trigger: "errors", reason: "5 % failed", to: { all: 0 } };
    const found = await judge({ wish: wishFor("canary-50"), live: liveAt(wishFor("canary-25"), { aborted }) });
    assert.deepEqual(mandatory(found), []);
    assert.match(found.map(({ message }) => message).join(), /attempt 1 was aborted by errors \(5 % failed\)/);
  });

  it("refuses a rise in a freeze and outside of a window, and says when it is possible", async () => {
    const rise = { wish: wishFor("canary-25"), live: liveAt(wishFor("canary-5")) };
    calendar(`freezes: [{ name: fair, from: "2020-01-01T00:00Z", length: 9999d }]\nwindows: []\n`);
    await refused(rise, /frozen by fair until 2047-05-18T00:00Z/);
    calendar(`freezes: []\nwindows: [{ name: later, from: "2040-01-01T00:00Z", length: 1h, systems: [wdbx] }]\n`);
    await refused(rise, /outside of later; the next one opens at 2040-01-01T00:00Z/);
    calendar(
      `freezes: [{ name: theirs, from: "2020-01-01T00:00Z", length: 9999d, systems: [dwcp-v3] }]\nwindows: []\n`,
    );
    await allowed(rise);
  });

  it("refuses every rise while the calendar is gone or can't be read", async () => {
    const rise = { wish: wishFor("canary-25"), live: liveAt(wishFor("canary-5")) };
    calendar("freezes: []\n");
    await refused(rise, /the calendar can't be read: .*calendar.yaml: windows: /);
    calendar("freezes: [");
    await refused(rise, /the calendar can't be read/);
    rmSync(join(folder, "calendar.yaml"));
    await refused(rise, /the calendar can't be read: ENOENT/);
  });

  it("refuses to enter a phase outside of the maintenance window that its plan asks for", async () => {
    const of = { system: "distributed-postgres" };
    const phases = wishFor(undefined, of).phases.map(({ name }) => name);
    const rises = phases.slice(1).map((name, index) => [phases[index]!, name] as const);
    const found = await Promise.all(
      rises.map(([from, to]) => judge({ wish: wishFor(to, of), live: liveAt(wishFor(from, of)) }, of)),
    );
    assert.match(
      found
        .flat()
        .map(({ message }) => message)
        .join(),
      /is entered only in a maintenance window/,
    );
  });

  it("refuses phases that aren't those of the plan in the checkout", async () => {
    const live = liveAt(wishFor("canary-5"));
    const short = wishFor("infrastructure").phases.map((phase) => ({ ...phase, soakSeconds: 1 }));
    await refused({ wish: wishFor("canary-25", {}, { planDigest: "sha256:0" }), live }, /this checkout's is sha256:/);
    await refused(
      { wish: wishFor("infrastructure", {}, { phases: short }) },
      /its phases aren't those that stand behind/,
    );
    await refused({ wish: wishFor("canary-25", {}, { phases: short }), live }, /it also changes plan/);
  });

  it("warns of a phase that couldn't see its own thresholds, and stops nobody for it where the plan only warns", async () => {
    const rise = (expectedRps: number) =>
      judge({
        wish: wishFor("canary-25"),
        live: liveAt(wishFor("canary-5")),
        facts: factsFor({ expectedRps }),
      });
    const blind = await rise(0.01);
    assert.deepEqual(mandatory(blind), []);
    assert.ok(blind.some(({ policy, level }) => policy === "rollout-sight" && level === "advisory"));
    assert.deepEqual(await rise(5000), []);
  });

  it("refuses an object of which nobody has spoken, or that is above what was judged", async () => {
    const object = (spec: object) =>
      pack.analyze({ type: "kubernetes:rampart.dev/v1alpha1:Rollout", props: { spec }, name: "rollout" });
    const place = (phase: string, system = "wdbx") => ({ system, stable: image("a"), artifact: image("b"), phase });
    assert.match((await object(place("canary-5", "dwcp-v3")))[0]!.message, /no component of this program speaks for/);
    await judge({ wish: wishFor("canary-25"), live: liveAt(wishFor("canary-5")) });
    assert.deepEqual(await object(place("canary-25")), []);
    assert.deepEqual(await object(place("infrastructure")), []);
    assert.match((await object(place("canary-50")))[0]!.message, /asks for canary-50 .* may be written is canary-25/);
    await judge({ wish: wishFor("canary-50"), live: liveAt(wishFor("canary-5")) });
    assert.match((await object(place("canary-25")))[0]!.message, /may be written is canary-5/);
  });

  it("refuses an object whose place isn't known", async () => {
    const props = { spec: { system: "wdbx", stable: image("a"), artifact: image("b"), phase: unknownText } };
    const type = "kubernetes:rampart.dev/v1alpha1:Rollout";
    assert.match((await pack.analyze({ type, props }))[0]!.message, /phase isn't known; hand them over/);
    assert.match(
      (await pack.analyze({ type, props: { spec: unknownText } }))[0]!.message,
      /isn't known; hand them over/,
    );
  });

  it("refuses a component that writes more than it was judged for", async () => {
    const live = liveAt(wishFor("canary-5"));
    const spec = { ...wishFor("canary-50"), attempt: 1, step: 8 };
    await refused({ wish: wishFor("canary-25"), live, spec }, /asks for canary-50 .*may be written is canary-25/);
  });

  describe("keeps what everybody falls back on", () => {
    const track = (name: string, replicas: number, label = name): AnalyzedResource => {
      const spec = {
        replicas,
        template: { metadata: { labels: { "rampart.dev/track": label } }, spec: { containers: [] } },
      };
      return { type: "kubernetes:apps/v1:Deployment", name: `wdbx-${name}-deployment`, props: { spec } };
    };
    const at = (from: string, to: string) => judge({ wish: wishFor(to), live: liveAt(wishFor(from)) });

    it("refuses a stable track that is scaled to nothing, but never on the way down", async () => {
      await at("canary-50", "canary-50");
      assert.deepEqual(await pack.analyze(track("stable", 6)), []);
      assert.deepEqual(await pack.analyze(track("canary", 0)), []);
      const [found] = await pack.analyze(track("stable", 0));
      assert.deepEqual([found!.policy, found!.level], ["rollout-baseline", "mandatory"]);
      assert.match(found!.message, /wdbx-stable-deployment: .* is scaled to nothing; keep it at its size/);
      await at("canary-50", "canary-5");
      assert.deepEqual(await pack.analyze(track("stable", 0)), []);
    });

    it("refuses a program that no longer declares it beside a canary", async () => {
      await at("canary-50", "canary-50");
      assert.deepEqual(await pack.analyzeStack([track("stable", 6), track("canary", 2)]), []);
      assert.deepEqual(await pack.analyzeStack([]), [], "a stack that shows none of its workloads");
      const [found] = await pack.analyzeStack([track("canary", 2), track("stable", 6, "canary")]);
      assert.match(found!.message, /^wdbx: its stable track isn't declared any more/);
      await at("canary-50", "canary-5");
      assert.deepEqual(await pack.analyzeStack([track("canary", 2)]), []);
    });
  });

  it("refuses a config with a key that it doesn't know", async () => {
    const another = await startPack("guard");
    try {
      await another.configure({ "rollout-calendar": { file: { calendar: "x" } } });
      const found = (await another.analyze(rootResource)).filter(({ level }) => level === "mandatory");
      assert.match(found[0]!.message, /the pack's config has file; allowed are: files/);
    } finally {
      await another.end();
    }
  });

  it("says its version and which of its rules are at work, and that a rule was switched off", async () => {
    const told = await pack.analyze(rootResource);
    assert.ok(told.every(({ level, message }) => level === "advisory" && message.startsWith("set by config: ")));
    await pack.printed(/guard 0\.1\.0: 7 of 7 rules at work, all mandatory/);
    const another = await startPack("guard");
    try {
      await another.configure({ "rollout-calendar": { enforcementLevel: "disabled" } });
      const [banner] = await another.analyze(rootResource);
      assert.match(banner!.message, /switched off by its config: rollout-calendar/);
    } finally {
      await another.end();
    }
  });

  it("can be switched off, but not weakened", async () => {
    await pack.configure({ ...withFiles(), "rollout-step": { enforcementLevel: "advisory" } });
    const skip = { wish: wishFor("canary-50"), live: liveAt(wishFor("canary-5")) };
    assert.deepEqual(rules(await judge(skip)), ["rollout-step"]);
  });

  it("doesn't look at other resources", async () => {
    const pod = { type: "kubernetes:core/v1:Pod", props: { spec: { containers: [] } } };
    assert.deepEqual(await pack.analyze(pod), []);
  });
});
