// Every rule of the Rollout's kind: where it refuses, and the legal neighbour that passes.
import type { DesiredRollout, LiveRollout, RolloutStatus } from "../../../rollout/transitions/model.ts";
import { ladder, phase } from "../../unit/transitions/fixture.ts";
import { changed, rendered, type Walk } from "./support.ts";

/** Where rollouts stand in these tests; nothing below moves them. */
export const places = {
  nowhere: async () => {},
  first: (walk: Walk) => walk.go(),
  retried: (walk: Walk) => walk.go({ retry: 1 }),
  shadow: async (walk: Walk) => {
    await walk.go();
    await walk.climbTo("shadow");
  },
  canary: async (walk: Walk) => {
    await walk.go();
    await walk.climbTo("canary-5");
    await walk.pass();
  },
  held: async (walk: Walk) => {
    await walk.go();
    await walk.climbTo("canary-5");
    await walk.go({ hold: true });
    await walk.pass();
  },
  leaving: async (walk: Walk) => {
    await walk.go();
    await walk.go({ decommission: true });
    await walk.pass();
  },
  aborted: async (walk: Walk) => {
    await walk.go();
    await walk.climbTo("half");
    await walk.pass();
    await walk.abort(5);
  },
  last: async (walk: Walk) => {
    await walk.go();
    await walk.climbTo("watch");
    await walk.pass();
  },
  settled: async (walk: Walk) => {
    await walk.go();
    await walk.climbTo("watch");
    await walk.pass();
    await walk.go({ stable: "B", phase: undefined });
  },
};

export type Change = Partial<DesiredRollout>;
export interface Case {
  rule: string;
  at: keyof typeof places;
  refused: Change | ((live: LiveRollout) => object);
  passes: Change | ((live: LiveRollout) => object);
  /** Other rules that refuse the same write. */
  also?: string[];
  status?: Partial<RolloutStatus>;
}

export const first = (over: Change = {}, counters: { step?: number } = {}) => {
  const wish = {
    system: "wdbx",
    stable: "A",
    artifact: "B",
    revision: "r1",
    retry: 0,
    phase: "prep",
    ladder: "normal",
  };
  const rest = { planDigest: "p1", phases: ladder, hold: false, extendSeconds: 0, decommission: false };
  return () => rendered({ ...wish, ...rest, attempt: 1, step: 1, ...over, ...counters });
};
const raw =
  (over: object, change: Change = { extendSeconds: 5 }) =>
  (live: LiveRollout) => ({ ...rendered(changed(live, change)), ...over });
const versioned = (phases: DesiredRollout["phases"]): Change => ({ planDigest: "p2", phases });
const up = { phase: "half" };

export const cases: Case[] = [
  { rule: "settled-phase", at: "settled", refused: { phase: "watch" }, passes: { hold: true } },
  {
    rule: "known-phase",
    at: "first",
    refused: raw({ phase: "x" }),
    passes: { hold: true },
  },
  { rule: "percent", at: "canary", refused: raw({ percent: 50 }), passes: raw({ percent: 5 }) },
  { rule: "exposure", at: "canary", refused: raw({ exposure: { all: 50 } }), passes: raw({ exposure: { all: 5 } }) },
  {
    rule: "distinct-phases",
    at: "nowhere",
    refused: first({ phases: [...ladder, phase("full", 100)] }),
    passes: first({ phases: [...ladder, phase("longer", 100)] }),
  },
  {
    rule: "first-phase-zero",
    at: "nowhere",
    refused: first({ phases: [phase("prep", 0, { exposure: { all: 1 } }), ...ladder.slice(1)] }),
    passes: first({ phases: [phase("prep", 0, { exposure: { all: 0, beta: 0 } }), ...ladder.slice(1)] }),
  },
  {
    rule: "last-phase-full",
    at: "nowhere",
    refused: first({ phases: ladder.slice(0, 4) }),
    passes: first({ phases: ladder.slice(0, 5) }),
  },
  {
    rule: "create-place",
    at: "nowhere",
    refused: first({ phase: "canary-5" }),
    passes: first({ artifact: "A", phase: undefined }),
  },
  { rule: "create-step", at: "nowhere", refused: first({}, { step: 7 }), passes: first() },
  { rule: "create-decommission", at: "nowhere", refused: first({ decommission: true }), passes: first() },
  { rule: "same-system", at: "first", refused: { system: "other", hold: true }, passes: { hold: true } },
  { rule: "counters-step", at: "first", refused: raw({ step: 3 }), passes: raw({ step: 2 }) },
  { rule: "counters-step", at: "first", refused: raw({ step: 2 }, {}), passes: raw({ step: 1 }, {}) },
  { rule: "counters-step", at: "first", refused: raw({ step: 1 }), passes: raw({ step: 2 }) },
  { rule: "counters-attempt", at: "first", refused: raw({ attempt: 2 }), passes: raw({ attempt: 1 }) },
  {
    rule: "counters-attempt",
    at: "first",
    refused: raw({ attempt: 1 }, { artifact: "C" }),
    passes: raw({ attempt: 2 }, { artifact: "C" }),
  },
  { rule: "unknown-change", at: "first", refused: { stable: "C" }, passes: { artifact: "C" } },
  {
    rule: "one-thing-at-a-time-up",
    at: "canary",
    refused: { ...up, extendSeconds: 5 },
    passes: up,
  },
  {
    rule: "one-thing-at-a-time-up",
    at: "canary",
    refused: { ...up, ...versioned(ladder.map((one) => ({ ...one, soakSeconds: 90 }))) },
    passes: up,
  },
  {
    rule: "one-thing-at-a-time-down",
    at: "canary",
    refused: { phase: "prep", planDigest: "p2" },
    passes: { phase: "prep", hold: true, extendSeconds: 5 },
    status: { observedStep: 0, onTarget: false, passed: [] },
  },
  {
    rule: "one-thing-at-a-time-settle",
    at: "last",
    refused: { stable: "B", phase: undefined, revision: "r2" },
    passes: { stable: "B", phase: undefined },
  },
  {
    rule: "one-thing-at-a-time-removal",
    at: "first",
    refused: { decommission: true, hold: true },
    passes: { decommission: true },
  },
  {
    rule: "drain-kept",
    at: "canary",
    refused: raw({ drain: [{ name: "route", kind: "patch", to: "zero", target: "wdbx" }] }),
    passes: raw({}),
  },
  { rule: "one-phase-at-a-time", at: "canary", refused: { phase: "full" }, passes: up },
  {
    rule: "passed",
    at: "shadow",
    refused: { phase: "canary-5" },
    passes: { phase: "prep" },
    status: { observedStep: 2, onTarget: true },
  },
  { rule: "passed", at: "canary", refused: up, passes: { phase: "shadow" }, status: { passed: [] } },
  {
    rule: "passed",
    at: "canary",
    refused: up,
    passes: { phase: "shadow" },
    status: { passed: ladder.map(({ name }) => ({ phase: name, revision: "r1", attempt: 2 })) },
  },
  {
    rule: "passed",
    at: "canary",
    refused: up,
    passes: { phase: "shadow" },
    status: { passed: ladder.map(({ name }) => ({ phase: name, revision: "r2", attempt: 1 })) },
  },
  {
    rule: "passed",
    at: "last",
    refused: { stable: "B", phase: undefined },
    passes: { phase: "full" },
    status: { passed: ladder.slice(1).map(({ name }) => ({ phase: name, revision: "r1", attempt: 1 })) },
  },
  { rule: "aborted", at: "aborted", refused: { phase: "full" }, passes: { phase: "prep" } },
  { rule: "held", at: "held", refused: up, passes: { hold: false } },
  { rule: "decommission", at: "leaving", refused: { phase: "shadow" }, passes: { decommission: false } },
  { rule: "observed", at: "canary", refused: up, passes: { phase: "prep" }, status: { observedStep: 2 } },
  {
    rule: "observed",
    at: "aborted",
    refused: { artifact: "C", phase: "prep" },
    passes: { phase: "prep" },
    status: { observedStep: 2 },
  },
  { rule: "on-target", at: "canary", refused: up, passes: { phase: "prep" }, status: { onTarget: false } },
  {
    rule: "on-target",
    at: "aborted",
    refused: { artifact: "A", phase: undefined },
    passes: { phase: "shadow" },
    status: { onTarget: false },
  },
  {
    rule: "last-phase",
    at: "canary",
    refused: { stable: "B", phase: undefined },
    passes: up,
  },
  {
    rule: "last-phase-undone",
    at: "settled",
    refused: { stable: "A", phase: "full" },
    passes: { stable: "A", phase: "watch" },
  },
  { rule: "landing-place", at: "aborted", refused: { artifact: "C" }, passes: { artifact: "C", phase: "prep" } },
  { rule: "landing-place", at: "settled", refused: { revision: "r2" }, passes: { artifact: "C", phase: "prep" } },
  { rule: "landing-place", at: "aborted", refused: { retry: 1, phase: "shadow" }, passes: { retry: 1, phase: "prep" } },
  { rule: "landing-start", at: "canary", refused: { artifact: "C", phase: "prep" }, passes: { phase: "prep" } },
  { rule: "landing-start", at: "canary", refused: { artifact: "A", phase: undefined }, passes: { phase: "prep" } },
  { rule: "landing-start", at: "canary", refused: { ladder: "expedited", phase: "prep" }, passes: { phase: "prep" } },
  { rule: "retry-grows", at: "retried", refused: { retry: 0 }, passes: { retry: 2 } },
  {
    rule: "landing-held",
    at: "held",
    refused: { artifact: "C", phase: "prep" },
    passes: { phase: "prep" },
    also: ["landing-start"],
  },
  {
    rule: "landing-held",
    at: "settled",
    refused: { artifact: "C", phase: "prep", hold: true },
    passes: { artifact: "C", phase: "prep" },
  },
  {
    rule: "landing-decommission",
    at: "leaving",
    refused: { artifact: "C" },
    passes: { artifact: "C", decommission: false },
  },
  { rule: "decommission-start", at: "canary", refused: { decommission: true }, passes: { phase: "prep" } },
  { rule: "decommission-start", at: "aborted", refused: { decommission: true }, passes: { phase: "prep" } },
  {
    rule: "plan-in-place",
    at: "canary",
    refused: versioned(ladder.filter(({ name }) => name !== "half")),
    passes: versioned([...ladder.slice(0, 3), phase("quarter", 25), ...ladder.slice(3)]),
  },
  {
    rule: "plan-in-place-reached",
    at: "canary",
    refused: versioned([ladder[0]!, phase("new", 0), ...ladder.slice(1)]),
    passes: versioned([...ladder.slice(0, 3), phase("new", 5), ...ladder.slice(3)]),
  },
  {
    rule: "plan-in-place-looser",
    at: "canary",
    refused: versioned(ladder.map((one) => ({ ...one, soakSeconds: 59 }))),
    passes: versioned(ladder.map((one) => ({ ...one, soakSeconds: 61 }))),
  },
  {
    rule: "plan-in-place-looser",
    at: "canary",
    refused: versioned(ladder.map((one) => (one.name === "half" ? { ...one, exposure: { all: 60 } } : one))),
    passes: versioned(ladder.map((one) => (one.name === "half" ? { ...one, exposure: { all: 40 } } : one))),
  },
  {
    rule: "plan-in-place-looser",
    at: "canary",
    refused: versioned(ladder.map((one) => ({ ...one, digest: "other" }))),
    passes: versioned(ladder),
  },
];
