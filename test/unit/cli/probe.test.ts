import assert from "node:assert/strict";
import { judgeCapacity } from "../../../cli/probes/capacity.ts";
import { judgeCount, judgeSize, usableNodes } from "../../../cli/probes/nodes.ts";
import { judgePods, lookAtPods } from "../../../cli/probes/pods.ts";
import { probes } from "../../../cli/probes/probes.ts";
import { readinessItems } from "../../../rollout/readiness/readiness.ts";
import { wdbx } from "../../../stacks/systems/wdbx/plan.ts";
import { rampart } from "./run.ts";

const node = (
  name: string,
  over: { cpu?: string; memory?: string; version?: string; ready?: string; out?: true } = {},
) => {
  const { cpu = "16", memory = "64Gi", version = "v1.36.4", ready = "True", out } = over;
  return {
    metadata: { name },
    spec: out ? { unschedulable: true } : {},
    status: {
      ...{ capacity: { cpu, memory }, allocatable: { cpu, memory }, nodeInfo: { kubeletVersion: version } },
      conditions: [{ type: "Ready", status: ready }],
    },
  };
};
const nodes = (...items: ReturnType<typeof node>[]) => usableNodes({ items });
const three = nodes(node("a"), node("b"), node("c"));
const many = nodes(...Array.from({ length: 8 }, (_, index) => node(`n${index}`)));

describe("what probes make of nodes", () => {
  it("counts only those that take pods now", () => {
    assert.deepEqual(
      nodes(node("a"), node("b", { ready: "Unknown" }), node("c", { out: true })).map(({ name }) => name),
      ["a"],
    );
  });

  it("wants as many as the plan, each with a Kubernetes that is new enough", () => {
    assert.ok(judgeCount(three, wdbx.capacity).holds);
    assert.ok(!judgeCount(three.slice(1), wdbx.capacity).holds);
    for (const version of ["v1.27.9", "v0.40.0", "nonsense"])
      assert.ok(!judgeCount(nodes(node("a"), node("b"), node("c", { version })), wdbx.capacity).holds, version);
    assert.ok(judgeCount(nodes(node("a"), node("b"), node("c", { version: "v1.28.0" })), wdbx.capacity).holds);
  });

  it("wants every one of them large enough, and takes none for no proof", () => {
    assert.ok(judgeSize(three, wdbx.capacity).holds);
    assert.ok(!judgeSize(nodes(node("a"), node("b", { cpu: "8" })), wdbx.capacity).holds);
    assert.ok(!judgeSize(nodes(node("a", { memory: "16Gi" })), wdbx.capacity).holds);
    assert.ok(!judgeSize([], wdbx.capacity).holds);
  });

  it("packs the plan's pods onto them one by one", () => {
    const none = { items: [] };
    assert.ok(
      !judgeCapacity(three, none, wdbx.capacity).holds,
      "eight pods of 8 cores don't fit on three nodes with 16",
    );
    assert.ok(judgeCapacity(many, none, wdbx.capacity).holds);
    const { stable: _stable, canary: _canary, ...silent } = wdbx.capacity;
    assert.ok(!judgeCapacity(many, none, silent).holds, "a plan that asks for nothing proves nothing");
  });

  it("wants the namespace's quota to take them all, and not to be full", () => {
    const quota = (hard: object, used: object = {}) => ({
      items: [{ metadata: { name: "quota" }, status: { hard, used } }],
    });
    const judge = (hard: object, used?: object) => judgeCapacity(many, quota(hard, used), wdbx.capacity);
    const enough = judge({ "requests.cpu": "64", "requests.memory": "128Gi", pods: "8" }, { "requests.cpu": "48" });
    assert.ok(enough.holds, enough.said);
    assert.equal(enough.figures["quota quota requests.cpu"], "48 used of 64");
    assert.match(judge({ "requests.cpu": "63500m" }).said, /its quota is too small: quota requests.cpu of 63500m$/);
    assert.ok(!judge({ pods: "7" }).holds);
    assert.ok(!judge({ configmaps: "5" }, { configmaps: "6" }).holds);
    assert.ok(judge({ configmaps: "5" }, { configmaps: "5" }).holds);
  });
});

describe("what probes make of pods", () => {
  const pod = (name: string, ready: string, restartCount = 0, more: object = {}) => ({
    metadata: { name, ...more },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready }], containerStatuses: [{ restartCount }] },
  });
  const look = (...items: ReturnType<typeof pod>[]) => lookAtPods({ items });

  it("wants all of them ready at every look, and none started again meanwhile", () => {
    const good = look(pod("a", "True", 3), pod("b", "True"));
    assert.ok(judgePods([good, good]).holds, "old restarts are history");
    assert.ok(!judgePods([good, look(pod("a", "False", 3), pod("b", "True"))]).holds);
    assert.ok(!judgePods([good, look(pod("a", "True", 4), pod("b", "True"))]).holds);
    assert.match(judgePods([look(pod("x", "False"))]).said, /not ready: x/);
  });

  it("takes no pods for no proof, and doesn't count one that is asked to end", () => {
    assert.ok(!judgePods([look()]).holds);
    assert.ok(!judgePods([]).holds);
    assert.equal(look(pod("a", "False", 0, { deletionTimestamp: "2026-01-01T00:00:00Z" })).pods, 0);
  });

  it("signs every look as a figure of its own", () => {
    assert.deepEqual(judgePods([look(pod("a", "True")), look(pod("a", "True"))]).figures, {
      "look-1": "1 of 1 ready, 0 restarts so far",
      "look-2": "1 of 1 ready, 0 restarts so far",
    });
  });
});

describe("rampart probe", function () {
  this.timeout(60_000);

  it("has probes for items of the catalogue only, and one for each at most", () => {
    const claimed = probes.flatMap(({ items }) => items);
    assert.equal(new Set(claimed).size, claimed.length);
    assert.deepEqual(
      claimed.filter((id) => !readinessItems.some((item) => item.id === id)),
      [],
    );
  });

  it("says of every item to be proven what proves it, or who has to", () => {
    const { code, stdout } = rampart(["probe", "wdbx", "--list"]);
    assert.equal(code, 0);
    assert.match(stdout, /^WDBX-POST-01 +day-1 +pods /m);
    for (const { id, systems, class: first } of readinessItems)
      if (first === "P" && systems.includes("wdbx")) assert.match(stdout, new RegExp(`^${id} `, "m"));
    assert.match(stdout, /^(\d\d) of \d+ have a probe$/m);
  });

  it("wants a stack, a probe that exists, and a key for a signature", () => {
    const said = (...args: string[]) => rampart(["probe", ...args]).stderr;
    assert.match(said("wdbx"), /name the stack/);
    assert.match(said("wdbx", "--stack", "staging", "--only", "luck"), /no probe luck; there are: nodes, node-size/);
    assert.match(said("wdbx", "--stack", "staging", "--as", "x"), /--as and --key go together/);
  });
});
