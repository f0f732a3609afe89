import assert from "node:assert/strict";
import { planBook } from "../../../analyzer/plan-book.ts";
import type { ProxyCount } from "../../../analyzer/ports.ts";
import { countsIn } from "../../../analyzer/proxy.ts";
import { QuickLook } from "../../../analyzer/quick-look.ts";
import type { LiveObject } from "../../../live/model.ts";
import { segmentPorts } from "../../../rollout/exposure/segments.ts";
import { rolloutPhases } from "../../../rollout/transitions/desired.ts";
import { limitOf, watchedByLooks } from "../../../rollout/verdict/outbreaks.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { spec } from "../verdict/fixture.ts";

const phases = rolloutPhases(plans.find(({ system }) => system === "wdbx")!, "normal", {
  environment: "production",
  scale: { time: 1, size: 1 },
});

const rollout = (over: Partial<LiveObject["spec"]> = {}, status: Partial<LiveObject["status"]> = {}): LiveObject => ({
  ...{ uid: "u", generation: 1, resourceVersion: "1", annotations: {} },
  spec: spec({ phase: "canary-5", phases, ...over }),
  status: { observedStep: 3, onTarget: true, passed: [], complete: false, ...status },
});

/** A proxy that counts what it is told to. */
class FakeProxy {
  replica = "envoy-1";
  readonly #counts = {
    canary: { requests: 1000, failed: 0 },
    stable: { requests: 9000, failed: 0 },
  };

  sends(track: "canary" | "stable", requests: number, failed = 0): void {
    this.#counts[track].requests += requests;
    this.#counts[track].failed += failed;
  }

  restarts(): void {
    for (const one of Object.values(this.#counts)) Object.assign(one, { requests: 0, failed: 0 });
  }

  async counts(): Promise<ProxyCount[]> {
    const { replica } = this;
    return (["canary", "stable"] as const).map((track) => ({
      ...{ replica, system: "wdbx", track, port: 80 },
      ...this.#counts[track],
    }));
  }
}

describe("the quick look at the proxy", () => {
  let proxy: FakeProxy;
  let look: QuickLook;
  beforeEach(async () => {
    proxy = new FakeProxy();
    look = new QuickLook(proxy, planBook(plans));
    await look.look([rollout()]);
  });

  it("pulls the plan's trigger when everything fails on the canary, and says whose attempt it is", async () => {
    proxy.sends("canary", 12, 12);
    proxy.sends("stable", 200);
    const [alert] = await look.look([rollout()]);
    const { trigger, action, attempt, phases: where, revision, reason } = alert!;
    assert.deepEqual([trigger, action, attempt, where], ["success-lost", "zero", "2", ["canary-5"]]);
    assert.equal(revision, rollout().spec.revision);
    assert.equal(reason, "12 of the last 12 requests failed; 1 % may");
  });

  it("pulls nothing by one failure, or by as many as may be", async () => {
    proxy.sends("canary", 100, 1);
    assert.deepEqual(await look.look([rollout()]), []);
    proxy.sends("canary", 100, 1);
    assert.deepEqual(await look.look([rollout()]), []);
  });

  it("leaves alone what stable suffers as well", async () => {
    proxy.sends("canary", 50, 50);
    proxy.sends("stable", 200, 100);
    assert.deepEqual(await look.look([rollout()]), []);
  });

  it("doesn't count what was there before it looked, nor a proxy's new start", async () => {
    proxy.sends("canary", 500, 500);
    const another = new QuickLook(proxy, planBook(plans));
    assert.deepEqual(await another.look([rollout()]), []);
    proxy.restarts();
    proxy.sends("canary", 500, 500);
    assert.deepEqual(await another.look([rollout()]), []);
    proxy.sends("canary", 1000);
    assert.deepEqual(await another.look([rollout()]), []);
    proxy.replica = "envoy-2";
    proxy.sends("canary", 500, 500);
    assert.deepEqual(await another.look([rollout()]), []);
  });

  it("takes nothing of an earlier attempt or phase for this one's", async () => {
    proxy.sends("canary", 6, 6);
    assert.deepEqual(await look.look([rollout()]), []);
    proxy.sends("canary", 6, 6);
    assert.deepEqual(await look.look([rollout({ attempt: 3 })]), []);
  });

  it("says no more of an attempt that is over", async () => {
    proxy.sends("canary", 50, 50);
    const aborted = { attempt: 2, at: "2026-01-01T00:00:00Z", trigger: "t", reason: "r", to: { all: 0 } };
    assert.deepEqual(await look.look([rollout({}, { aborted })]), []);
  });

  it("rejects when the proxy can't be asked", async () => {
    const dead = { counts: () => Promise.reject(new Error("nobody answers")) };
    await assert.rejects(new QuickLook(dead, planBook(plans)).look([rollout()]), /nobody answers/);
  });
});

describe("the quick look at a system with segments", () => {
  const plan = plans.find(({ system }) => system === "dwcp-manager")!;
  const ladder = rolloutPhases(plan, "normal", { environment: "production", scale: { time: 1, size: 1 } });
  const ports = segmentPorts(plan.segments.map(({ name }) => name));
  const manager = (phase: string) => rollout({ system: plan.system, phase, phases: ladder });

  /** Every segment sends a thousand requests to the canary; how many of them fail. */
  async function alertsOf(failed: Readonly<Record<string, number>>, phase = "canary-5", stableFails = false) {
    let looks = 0;
    const counts = async (): Promise<ProxyCount[]> => {
      looks += 1;
      return [...ports].flatMap(([segment, port]) =>
        (["canary", "stable"] as const).map((track) => {
          const isBad = looks > 1 && (track === "canary" || stableFails);
          const of = { replica: "envoy-1", system: plan.system, track, port };
          return { ...of, requests: looks * 1000, failed: isBad ? (failed[segment] ?? 0) : 0 };
        }),
      );
    };
    const look = new QuickLook({ counts }, planBook(plans));
    await look.look([manager(phase)]);
    return look.look([manager(phase)]);
  }

  it("sees what is bad for one of them alone, and says for whom", async () => {
    const [alert] = await alertsOf({ enterprise: 200 });
    assert.deepEqual([alert!.trigger, alert!.action], ["t3-success", "zero"]);
    assert.equal(alert!.reason, "enterprise: 200 of the last 1000 requests failed; 5 % may");
    assert.deepEqual(await alertsOf({ enterprise: 20, premium: 20, standard: 20 }), []);
  });

  it("leaves alone what that segment's stable suffers as well, and those that have no canary", async () => {
    assert.deepEqual(await alertsOf({ enterprise: 200 }, "canary-5", true), []);
    assert.deepEqual(await alertsOf({ enterprise: 200 }, "shadow"), []);
  });
});

it("the proxy's counters are read by system, track and port, other clusters' left out", () => {
  const row = (name: string, answers: number, value: number) =>
    `envoy_cluster_upstream_rq_xx{envoy_response_code_class="${answers}",envoy_cluster_name="${name}"} ${value}`;
  const text = [
    "# TYPE envoy_cluster_upstream_rq_xx counter",
    row("wdbx_wdbx-canary_80", 2, 90),
    row("wdbx_wdbx-canary_80", 5, 10),
    row("wdbx_wdbx-canary_8001", 2, 3),
    row("dwcp-v3_dwcp-v3-stable_80", 4, 7),
    row("contour", 2, 5),
  ].join("\n");
  assert.deepEqual(countsIn(text, "envoy-1"), [
    { replica: "envoy-1", system: "wdbx", track: "canary", port: 80, requests: 100, failed: 10 },
    { replica: "envoy-1", system: "wdbx", track: "canary", port: 8001, requests: 3, failed: 0 },
    { replica: "envoy-1", system: "dwcp-v3", track: "stable", port: 80, requests: 7, failed: 0 },
  ]);
});

it("every plan's triggers about failing requests with a limit of their own are watched by looks", () => {
  const limits = Object.fromEntries(
    plans.map((plan) => [
      plan.system,
      [...plan.ladders.production.normal].flatMap((phase) => watchedByLooks(phase, plan.system)).map(limitOf),
    ]),
  );
  assert.ok(limits.wdbx!.length > 0 && limits.wdbx!.every((limit) => Math.abs(limit - 0.01) < 1e-9));
  assert.ok(limits["dwcp-manager"]!.every((limit) => Math.abs(limit - 0.05) < 1e-9));
});
