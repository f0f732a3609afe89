import assert from "node:assert/strict";
import { sceneOf, sceneSchema } from "../../../rollout/verdict/scene.ts";

const pod = (name: string, track: string, state: object = {}) => ({
  metadata: { name, labels: { "rampart.dev/track": track } },
  spec: { containers: [{ name: "app", image: "r/wdbx@sha256:b" }] },
  status: { phase: "Running", containerStatuses: [{ name: "app", ready: false, restartCount: 4, ...state }] },
});
const event = (minute: number, message = "Back-off restarting failed container") => ({
  metadata: {},
  lastTimestamp: `2026-03-01T09:${String(minute).padStart(2, "0")}:00Z`,
  involvedObject: { kind: "Pod", name: "wdbx-canary-1" },
  ...{ reason: "BackOff", message, count: 7 },
});

describe("what an attempt leaves behind", () => {
  it("shows the canary's pods first, and why they fell", () => {
    const crash = { state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: { exitCode: 1 } } };
    const { pods } = sceneOf([pod("a", "stable"), pod("b", "canary", crash)], [], "there");
    assert.deepEqual(
      pods.map(({ name, restarts, trouble }) => [name, restarts, trouble]),
      [
        ["b", 4, "CrashLoopBackOff"],
        ["a", 4, undefined],
      ],
    );
    const killed = sceneOf(
      [pod("c", "canary", { lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } } })],
      [],
      "",
    );
    assert.equal(killed.pods[0]!.trouble, "OOMKilled with code 137");
  });

  it("stays small, and keeps the newest events", () => {
    const events = Array.from({ length: 400 }, (_, index) => event(index % 60, "x".repeat(9000)));
    const scene = sceneOf(
      Array.from({ length: 300 }, (_, index) => pod(`p${index}`, "canary")),
      events,
      "there",
    );
    assert.ok(JSON.stringify(scene).length < 60_000);
    assert.match(scene.events[0]!.at, /09:59/);
    assert.ok(sceneSchema.safeParse(scene).success);
  });
});
