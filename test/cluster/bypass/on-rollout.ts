import { planPath } from "../../../live/paths.ts";
import { type Attempt, type Place, policy, rollout, system } from "./attempt.ts";

export const onRollout = ({ stable, artifact, attempt, step, revision, phases }: Place): readonly Attempt[] => {
  const spec = (change: object, over: object = {}) => ({ spec: { step: step + 1, ...change, ...over } });
  const [next, later] = [phases[2]!.name, phases[3]!.name];
  const exposureOf = (percent: number) => ({ percent, exposure: { all: percent } });
  const shorter = phases.map((phase) => ({ ...phase, soakSeconds: 1 }));
  const pass = { phase: phases[1]!.name, revision, attempt };
  const made = { apiVersion: "rampart.dev/v1alpha1", kind: "Rollout" };
  const list: Attempt[] = [
    {
      what: "the next phase without a pass",
      path: rollout,
      by: "merge",
      body: spec({ phase: next, ...exposureOf(25) }),
      refusal: /passed: /,
    },
    {
      what: "the next phase, as who moves the systems",
      who: "systems",
      path: rollout,
      by: "merge",
      body: spec({ phase: next, ...exposureOf(25) }),
      refusal: /passed: /,
    },
    {
      what: "a phase skipped",
      path: rollout,
      by: "merge",
      body: spec({ phase: later, ...exposureOf(50) }),
      refusal: /one-phase-at-a-time: /,
    },
    { what: "percent alone", path: rollout, by: "merge", body: spec({ percent: 100 }), refusal: /percent: / },
    {
      what: "exposure alone",
      path: rollout,
      by: "merge",
      body: spec({ exposure: { all: 100 } }),
      refusal: /exposure: /,
    },
    {
      what: "a shorter soak",
      path: rollout,
      by: "merge",
      body: spec({ phases: shorter }),
      refusal: /plan-in-place-looser|phases, ladder and drain/,
    },
    {
      what: "a phase dropped",
      path: rollout,
      by: "merge",
      body: spec({ phases: phases.filter((_, index) => index !== 2) }),
      refusal: /plan-in-place|phases, ladder and drain/,
    },
    {
      what: "a version of the plan that nobody lists",
      path: rollout,
      by: "merge",
      body: spec({ planDigest: "sha256:other" }),
      refusal: /lists no version/,
    },
    {
      what: "an emptied drain",
      path: rollout,
      by: "merge",
      body: spec({ drain: null }),
      refusal: /drain-kept|phases, ladder and drain/,
    },
    {
      what: "another artifact in mid-climb",
      path: rollout,
      by: "merge",
      body: spec({ artifact: stable.replace(/.{4}$/, "0000") }),
      refusal: /landing|counters/,
    },
    {
      what: "a settle before its time",
      path: rollout,
      by: "merge",
      body: { spec: { stable: artifact, phase: null, exposure: null, percent: 100, step: step + 1 } },
      refusal: /last-phase: |passed: /,
    },
    {
      what: "another attempt",
      path: rollout,
      by: "merge",
      body: spec({ attempt: attempt + 1 }),
      refusal: /counters-attempt|counters-step/,
    },
    {
      what: "steps left out",
      path: rollout,
      by: "merge",
      body: { spec: { step: step + 5 } },
      refusal: /counters-step/,
    },
    {
      what: "a retry in mid-climb",
      path: rollout,
      by: "merge",
      body: spec({ retry: 1, attempt: attempt + 1 }),
      refusal: /landing/,
    },
    {
      what: "the hotfix lane in mid-climb",
      path: rollout,
      by: "merge",
      body: spec({ ladder: "expedited", attempt: attempt + 1 }),
      refusal: /landing|phases, ladder and drain/,
    },
    {
      what: "another system's name",
      path: rollout,
      by: "merge",
      body: spec({ system: "dwcp-manager" }),
      refusal: /same-system|name of its system/,
    },
    {
      what: "a forged pass",
      path: `${rollout}/status`,
      by: "merge",
      body: { status: { passed: [pass] } },
      refusal: policy("status-writer"),
    },
    {
      what: "a forged pass, as who moves the systems",
      who: "systems",
      path: `${rollout}/status`,
      by: "merge",
      body: { status: { passed: [pass] } },
      refusal: /cannot patch resource "rollouts\/status"/,
    },
    {
      what: "a step that nobody has observed",
      path: `${rollout}/status`,
      by: "merge",
      body: { status: { observedStep: step + 1 } },
      refusal: /observed-ahead: /,
    },
    { what: "deleted, to come again", path: rollout, by: "delete", refusal: policy("keep-rollout") },
    {
      what: "deleted, as who moves the systems",
      who: "systems",
      path: rollout,
      by: "delete",
      refusal: policy("keep-rollout"),
    },
    {
      what: "a second one",
      path: rollout.replace(/\/rollout$/, ""),
      body: {
        ...made,
        metadata: { name: "second" },
        spec: {
          system,
          stable: artifact,
          artifact,
          revision,
          attempt: 1,
          step: 1,
          percent: 100,
          planDigest: "x",
          phases,
        },
      },
      refusal: /name: there is one Rollout|lists no version/,
    },
    {
      what: "a person's abort taken for a rise",
      who: "previewer",
      path: rollout,
      by: "merge",
      body: { metadata: { annotations: { "rampart.dev/abort": "99" } } },
      refusal: policy("previewers"),
    },
    {
      what: "the plan's phases changed",
      path: planPath(system),
      by: "merge",
      body: { spec: { versions: { x: { ladder: "normal", phases: [] } } } },
      refusal: /phases/,
    },
    {
      what: "the plan edited by who moves the systems",
      who: "systems",
      path: planPath(system),
      by: "merge",
      body: { spec: { artifactKind: "version" } },
      refusal: /cannot patch resource "rolloutplans"/,
    },
    {
      what: "the plan's record forged",
      path: `${planPath(system)}/status`,
      by: "merge",
      body: { status: { settled: { artifact, attempt: 9 } } },
      refusal: policy("status-writer"),
    },
    { what: "the plan deleted", path: planPath(system), by: "delete", refusal: policy("keep-plan") },
  ];
  return list.map((one) => ({ ...one, what: `rollout: ${one.what}` }));
};
