import { criterion, from, none, trigger } from "../../../rollout/plan/builders.ts";
import type { Phase } from "../../../rollout/plan/model.ts";
import type { Window } from "../../../rollout/statistics/windows.ts";
import type { DrainAction, RolloutSpec } from "../../../rollout/transitions/model.ts";
import type { KnownStatus, Seen, Watched } from "../../../rollout/verdict/model.ts";
import { desired } from "../transitions/fixture.ts";

/** A whole minute. */
export const start = 1_800_000_000;

export const phase: Phase = {
  name: "canary-5",
  title: "5 %",
  environment: "production",
  percent: 5,
  minDuration: "5m",
  criteria: [
    criterion("success", "success-ratio", ">", 0.99, from("S0-58")),
    none("integrity", "integrity-violations", from("S0-58")),
    criterion("memory", "memory", "<", 24, from("S0-59")),
  ],
  triggers: [
    trigger("errors", "error-ratio", ">", 1.5, "30s", { against: { of: "stable", as: "ratio" }, ...from("S0-87") }),
  ],
  requires: [],
  approvals: [],
  ...from("S0-35"),
};

export const drain: readonly DrainAction[] = [
  {
    name: "everybody-to-stable",
    kind: "patch",
    to: "zero",
    apiVersion: "gateway.networking.k8s.io/v1",
    resource: "httproutes",
    target: "wdbx",
    body: "{}",
  },
];

export const spec = (over: Partial<RolloutSpec> = {}): RolloutSpec => ({
  ...desired({ phase: "canary-5", planDigest: `sha256:${"1".repeat(64)}`, drain }),
  attempt: 2,
  step: 3,
  ...over,
});

const below = ["prep", "shadow"].map((name) => ({ phase: name, revision: "r1", attempt: 2 }));

export const watched = (status: Partial<KnownStatus> = {}, over: Partial<RolloutSpec> = {}): Watched => ({
  spec: spec(over),
  status: { observedStep: 0, onTarget: false, passed: below, ...status },
  generation: 7,
});

export const seen = (over: Partial<Seen> = {}): Seen => ({
  now: start,
  effective: { all: 5 },
  isProgrammed: true,
  phase,
  windows: {},
  readings: { "memory 1m:canary": 12 },
  baselines: {},
  missingEvidence: [],
  accepted: [],
  isRehearsal: false,
  ...over,
});

/** What a minute of a good canary counts, at 20 requests a second of the canary's. */
export function goodMinute(through: number, over: { failed?: number; soak?: number; events?: number } = {}) {
  const { failed = 0, soak = 60, events = 0 } = over;
  const canary: Window = { through, n: 1200, k: 1200 - failed };
  const stable: Window = { through, n: 22_800, k: 22_799 };
  const errors = (one: Window): Window => ({ ...one, k: one.n - one.k });
  return {
    soak: [{ through, n: 60, k: soak }],
    "success-ratio:canary:proxy": [canary],
    "success-ratio:canary:app": [canary],
    "success-ratio:stable:proxy": [stable],
    "error-ratio:canary:proxy": [errors(canary)],
    "error-ratio:stable:proxy": [errors(stable)],
    "integrity-violations:canary": [{ through, n: 60, k: events }],
  };
}

/** As the API server gives it back. */
export const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value));
