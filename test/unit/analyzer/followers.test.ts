import assert from "node:assert/strict";
import { Analyzer } from "../../../analyzer/analyzer.ts";
import { planBook } from "../../../analyzer/plan-book.ts";
import type { ClusterPort } from "../../../analyzer/ports.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { spec } from "../verdict/fixture.ts";
import { FakeCluster, portsOf } from "./fake.ts";

const needed = "dwcp-manager";
const follower = "dwcp-compression";

/** Two systems, each with an object of its own, and one list of what was done to whom. */
function twoSystems() {
  const clusters = new Map([needed, follower].map((system) => [system, new FakeCluster()]));
  const deeds: string[] = [];
  const of = (namespace: string): FakeCluster => clusters.get(namespace)!;
  for (const [system, cluster] of clusters) cluster.spec = { ...spec(), system };
  const port = Object.assign(new FakeCluster(), {
    systems: async () =>
      Object.fromEntries(
        [...clusters].map(([namespace, one]) => [namespace, { namespace, rollout: one.live(), listedPlans: [] }]),
      ),
    rollout: (namespace: string) => of(namespace).rollout(),
    exposed: (namespace: string) => of(namespace).exposed(),
    writeStatus: (namespace, ...rest) => of(namespace).writeStatus(namespace, ...rest),
    latch: async (namespace, ...rest) => {
      await of(namespace).latch(namespace, ...rest);
      deeds.push(`latch ${namespace}`);
    },
    drain: (namespace, actions) => {
      deeds.push(`drain ${namespace}`);
      return of(namespace).drain(namespace, actions);
    },
  } satisfies Partial<ClusterPort>);
  const analyzer = new Analyzer(portsOf(port), planBook(plans), { stack: "rehearsal", isRehearsal: true });
  return { analyzer, deeds, of };
}

const alert = {
  ...{ system: needed, trigger: "errors", reason: "7 % failed", action: "zero" as const },
  ...{ attempt: "2", revision: "r1", phases: ["canary-5"] },
};

describe("a system that others may not be above", () => {
  it("is latched first, then the others lose their users, and then it loses its own", async () => {
    const { analyzer, deeds, of } = twoSystems();
    await analyzer.look();
    await analyzer.onAlerts([alert], "webhook");
    assert.deepEqual(deeds, [`latch ${needed}`, `latch ${follower}`, `drain ${follower}`, `drain ${needed}`]);
    assert.equal(of(follower).status.aborted?.trigger, `down-with-${needed}`);
    await analyzer.look();
    assert.equal(deeds.length, 4, "and nothing is done twice");
  });

  it("goes down though one of the others can't", async () => {
    const { analyzer, deeds, of } = twoSystems();
    await analyzer.look();
    of(follower).latch = () => Promise.reject(new Error("refused"));
    await analyzer.onAlerts([alert], "webhook");
    assert.deepEqual(deeds.at(-1), `drain ${needed}`);
  });

  it("takes them down by the next look of anybody, where whoever ended it died in between", async () => {
    const { analyzer, deeds, of } = twoSystems();
    const at = "2026-03-01T00:00:00Z";
    of(needed).status = { aborted: { attempt: 2, at, trigger: "errors", reason: "7 %", to: { all: 0 } } };
    of(needed).exposure = { effective: { all: 0 }, isProgrammed: true };
    await analyzer.look();
    assert.deepEqual(deeds, [`latch ${follower}`, `drain ${follower}`]);
  });

  it("leaves them where they are when it is one of them that is ended", async () => {
    const { analyzer, deeds } = twoSystems();
    await analyzer.look();
    await analyzer.onAlerts([{ ...alert, system: follower }], "webhook");
    assert.deepEqual(deeds, [`latch ${follower}`, `drain ${follower}`]);
  });
});
