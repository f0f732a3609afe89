import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declared } from "../../rollout/checklist/declared.ts";
import { planned } from "../../rollout/checklist/planned.ts";
import { instantOf, type Statement } from "../../rollout/evidence/statement.ts";
import { toSeconds } from "../../rollout/plan/duration.ts";
import { roles } from "../../rollout/plan/roles.ts";
import type { ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf, readinessItems } from "../../rollout/readiness/readiness.ts";
import type { LiveRollout } from "../../rollout/transitions/model.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { change, good } from "./baseline-fixtures.ts";
import { claim, person, writeEvidence, writeSigners } from "./evidence.ts";
import { type AnalyzedResource, type Pack, rootResource, startPack, type Violation } from "./pack.ts";
import { type Case, component, image, liveAt, wishFor } from "./rollouts.ts";

const mandatory = (found: readonly Violation[]) => found.filter(({ level }) => level === "mandatory");

/** Somebody for every role, so that nobody is missing. */
const people = roles.map((role, index) => person(`person${index}`, role));
const signerOf = (role: string) => people.find((one) => one.roles.includes(role))!;
const roleOf = ({ role }: ReadinessItem) => role ?? "platform-engineering";

describe("the readiness pack", function () {
  this.timeout(60_000);
  let pack: Pack;
  let folder: string;

  const sign = (item: ReadinessItem, { spec }: LiveRollout, over: Partial<Statement> = {}) => {
    const hour = Math.min(3600, toSeconds(item.validity ?? "30d"));
    const statement = claim(spec, item.phase, [item.id], { expires: instantOf(Date.now() / 1000 + hour), ...over });
    writeEvidence(folder, item.id, statement, signerOf(roleOf(item)), roleOf(item));
  };
  const rise = (from: string, to: string, of: Case = {}) =>
    component({ wish: wishFor(to, of), live: liveAt(wishFor(from, of)) }, of);
  const report = async (resource: AnalyzedResource) =>
    mandatory(await pack.analyze(resource))
      .map(({ message }) => message)
      .join("\n");

  before(async () => {
    pack = await startPack("readiness");
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "readiness-"));
    writeSigners(folder, people);
    await pack.configure({ "readiness-evidence": { files: { evidence: folder } } });
    await pack.analyze(rootResource);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => pack.end());

  it("knows only items of the catalogue, and rules only for what a rule can decide", () => {
    const ids = [...Object.keys(planned), ...Object.keys(declared)];
    const known = new Map(readinessItems.map((item) => [item.id, item.class]));
    assert.deepEqual(
      ids.filter((id) => known.get(id) !== "D"),
      [],
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it("finds that the ten plans hold what the checklists ask of them", () => {
    const said = plans.flatMap((plan) =>
      itemsOf(plan.system).flatMap(({ id }) => {
        const problem = planned[id]?.(plan);
        return problem ? [`${plan.system} ${id}: ${problem}`] : [];
      }),
    );
    assert.deepEqual(said, []);
  });

  it("has rules that a plan can break", () => {
    const bare = plans.map((plan) => ({
      ...plan,
      alerts: [],
      dashboards: [],
      objectives: [],
      responses: [],
      dependencies: [],
      windows: [],
      cohort: undefined,
      scrapeInterval: { ...plan.scrapeInterval, value: "60s" as const },
      ladders: { ...plan.ladders, production: { normal: [] } },
    }));
    const unbroken = Object.keys(planned).filter((id) => {
      const [system] = readinessItems.find((item) => item.id === id)!.systems;
      return planned[id]!(bare.find((plan) => plan.system === system) as never) === undefined;
    });
    assert.deepEqual(unbroken, ["DWCP-ORD-01"]); // it asks that something is absent
    assert.ok(planned["DWCP-ORD-01"]!(plans.find(({ system }) => system === "dwcp-probft")!));
  });

  it("reports in one paragraph how many items hold, and what is missing by class and role", async () => {
    const text = await report(rise("infrastructure", "canary-5"));
    assert.match(text, /^wdbx, checklist of infrastructure: \d+ of \d+ items hold\n/);
    assert.match(text, /to be proven by platform-engineering: .*WDBX-RDY-01/);
    assert.match(text, /to be attested by technical-lead: .*WDBX-APR-01/);
    assert.ok(text.split("\n").length < 20);
  });

  it("takes one signature for a set of items, and no signature for what it doesn't name", async () => {
    const live = liveAt(wishFor("canary-50"));
    const items = itemsOf("wdbx", "canary-50");
    const measured = items.filter(({ class: first }) => first === "P").map(({ id }) => id);
    const statement = claim(live.spec, "canary-50", measured);
    const role = "platform-engineering";
    writeEvidence(folder, "all", { ...statement, expires: instantOf(Date.now() / 1000 + 3600) }, signerOf(role), role);
    const text = await report(component({ wish: wishFor("full"), live }));
    assert.match(text, /4 of 5 items hold\n {2}to be attested by incident-commander: WDBX-CAN-05$/);
  });

  it("is mandatory for a rise in production only: staging, steady state and the way down are told at most", async () => {
    const staging = { environment: "staging" } as const;
    const settled = wishFor(undefined, staging, { stable: image("b"), artifact: image("b") });
    const live = liveAt(wishFor("staging-validation", staging));
    const told = await pack.analyze(component({ wish: settled, live }, staging));
    assert.deepEqual(mandatory(told), []);
    assert.match(told[0]!.message, /checklist of staging-validation: /);
    const steady = await pack.analyze(rise("infrastructure", "infrastructure"));
    assert.deepEqual(mandatory(steady), []);
    assert.match(steady[0]!.message, /checklist of infrastructure: /);
    assert.deepEqual(await pack.analyze(rise("canary-5", "infrastructure")), []);
    assert.deepEqual(await pack.analyze(component({ wish: wishFor(undefined), live: liveAt(wishFor(undefined)) })), []);
  });

  const live = liveAt(wishFor("canary-50"));
  const item = itemsOf("wdbx", "canary-50").find(({ id }) => id === "WDBX-CAN-01")!;
  const now = () => Date.now() / 1000;
  const bad: [string, Partial<Statement>, RegExp][] = [
    ["is of another attempt", { attempt: 9 }, /replayed: made for attempt 9/],
    ["is of another artifact", { artifact: "other" }, /made for the artifact other/],
    ["is of another system", { system: "dwcp-v3" }, /to be proven by platform-engineering: WDBX-CAN-01/],
    ["has expired", { issuedAt: instantOf(now() - 7200), expires: instantOf(now() - 60) }, /expired at/],
    ["lives longer than its item allows", { expires: instantOf(now() + 5 * 86_400) }, /allowed are 1 days at most/],
    ["says that it failed", { result: "failed" }, /it says that it failed/],
    ["says without a reason that it isn't applicable", { result: "not-applicable" }, /gives no reason/],
  ];
  for (const [what, over, message] of bad) {
    it(`doesn't take a statement that ${what}`, async () => {
      sign(item, live, over);
      assert.match(await report(component({ wish: wishFor("full"), live })), message);
    });
  }

  it("doesn't take what was measured before the phase began", async () => {
    const started = liveAt(wishFor("canary-50"), { phaseStartedAt: instantOf(now() - 600) } as object);
    sign(item, started);
    const text = await report(component({ wish: wishFor("full"), live: started }));
    assert.match(text, /its window begins at .*; it may not begin before/);
  });

  it("refuses a rise of which it can't see enough", async () => {
    assert.match(
      await report(component({ wish: wishFor("full"), live: "nonsense" })),
      /the checklist can't be looked at/,
    );
  });

  describe("over the resources of a system", () => {
    const rest = { requests: { cpu: "8", memory: "16Gi" }, limits: { cpu: "16", memory: "32Gi" } };
    const env = { WDBX_THREADS: "32", WDBX_CONNECTION_POOL_SIZE: "5000", WDBX_MEMORY_LIMIT: "4096" };
    const track = (name: "stable" | "canary", replicas: number) => {
      const labels = { "rampart.dev/track": name };
      let workload: AnalyzedResource = { ...good.deployment(), name: `wdbx-${name}-deployment` };
      workload = change(workload, "spec.replicas", replicas);
      workload = change(workload, "spec.template.metadata.labels", labels);
      workload = change(workload, "spec.template.spec.containers.#.resources", rest);
      const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
      return change(workload, "spec.template.spec.containers.#.env", variables);
    };
    const judge = async (from: string, to: string | undefined, resources: readonly AnalyzedResource[]) => {
      const wish = to ? wishFor(to) : wishFor(undefined, {}, { stable: image("b"), artifact: image("b") });
      await pack.analyze(component({ wish, live: liveAt(wishFor(from)) }));
      const found = mandatory(await pack.analyzeStack(resources));
      return found.map(({ message }) => message).join("\n");
    };

    it("lets a rise pass when they are what the checklist asks for", async () => {
      assert.equal(await judge("canary-5", "canary-25", [track("stable", 6), track("canary", 2)]), "");
      assert.equal(await judge("full", undefined, [track("stable", 6)]), "");
    });

    const path = "spec.template.spec.containers.#";
    const wrong: [string, string, string | undefined, AnalyzedResource][] = [
      ["WDBX-CC-01", "canary-5", "canary-25", track("canary", 1)],
      ["WDBX-CC-02", "canary-5", "canary-25", change(track("canary", 2), `${path}.resources.requests.cpu`, "100m")],
      ["WDBX-CFG-01", "full", undefined, track("stable", 2)],
      ["WDBX-CFG-02", "full", undefined, change(track("stable", 6), `${path}.resources.requests.memory`, "1Gi")],
      ["WDBX-CFG-03", "full", undefined, change(track("stable", 6), `${path}.resources.limits.cpu`, undefined)],
      [
        "WDBX-CFG-04",
        "full",
        undefined,
        change(track("stable", 6), `${path}.env`, [{ name: "WDBX_MEMORY_LIMIT", value: "4096" }]),
      ],
      [
        "WDBX-CFG-05",
        "full",
        undefined,
        change(
          track("stable", 6),
          `${path}.env`,
          Object.entries({ ...env, WDBX_MEMORY_LIMIT: "1" }).map(([name, value]) => ({ name, value })),
        ),
      ],
    ];
    for (const [id, from, to, resource] of wrong) {
      it(`refuses when ${id} doesn't hold`, async () => {
        assert.match(
          await judge(from, to, [resource]),
          new RegExp(`to be mended by whoever changes plan or program: (.*, )?${id}\\b`),
        );
      });
    }
  });
});
