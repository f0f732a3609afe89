import { ladder, proposed } from "../../rollout/plan/builders.ts";
import type { Approval, Criterion, Phase, Plan, Trigger } from "../../rollout/plan/model.ts";
import type { Role } from "../../rollout/plan/roles.ts";
import { isMeasured } from "../../rollout/plan/rules.ts";

export const everybody: Plan["segments"] = [
  { name: "all", title: "everybody", share: 100, customers: true, ...proposed("X-86") },
];

/** Nothing is known yet about these, so the figures that need hours of it have to wait for the normal ladder. */
const hasNoWindow = (criterion: Criterion): boolean => criterion.window === undefined && !criterion.against;

const isAbsolute = (trigger: Trigger): boolean => !isMeasured(trigger) || trigger.against === undefined;

/** The hotfix lane of production: short soaks and two signers, every absolute trigger armed. */
export function expedited(
  rungs: readonly number[],
  from: { criteria: readonly Criterion[]; triggers: readonly Trigger[] },
  signers: readonly [Role, Role],
  more: (percent: number) => Partial<Pick<Phase, "exposure" | "nodes">> = () => ({}),
): Phase[] {
  const criteria = from.criteria.filter(hasNoWindow);
  const triggers = from.triggers.filter(isAbsolute).map((one): Trigger => ({ ...one, action: "zero" }));
  const approvals: Approval[] = signers.map((role) => ({ anyOf: [role], ...proposed("X-81") }));
  return ladder("production", [
    {
      name: "hotfix-preflight",
      title: "Hotfix: two people agree",
      percent: 0,
      minDuration: "5m",
      requires: [{ need: "staging-pass", ...proposed("X-81") }],
      approvals,
      ...more(0),
      ...proposed("X-81"),
    },
    ...rungs.map((percent) => ({
      name: percent === 100 ? "hotfix-full" : `hotfix-${percent}`,
      title: `Hotfix: ${percent} %`,
      percent,
      minDuration: percent === 100 ? ("2h" as const) : ("30m" as const),
      criteria,
      triggers,
      ...more(percent),
      ...proposed("X-81"),
    })),
  ]);
}

/** Staging where a seed names none: everything at once, an hour of proof, all of production's triggers. */
export function plainStaging(criteria: readonly Criterion[], triggers: readonly Trigger[]): Phase[] {
  return ladder("staging", [
    {
      name: "preflight",
      title: "Deployed, nobody on it",
      percent: 0,
      minDuration: "5m",
      ...proposed("X-82"),
    },
    {
      name: "canary",
      title: "Half of staging",
      percent: 50,
      minDuration: "30m",
      criteria: criteria.filter(hasNoWindow),
      triggers,
      ...proposed("X-82"),
    },
    {
      name: "full",
      title: "All of staging",
      percent: 100,
      minDuration: "24h",
      criteria: criteria.filter((one) => !one.against),
      triggers: triggers.filter(isAbsolute),
      ...proposed("X-82"),
    },
  ]);
}

/** The same for a hotfix. */
export const expeditedStaging = (criteria: readonly Criterion[], triggers: readonly Trigger[]): Phase[] =>
  ladder("staging", [
    { name: "hotfix-preflight", title: "Hotfix: deployed", percent: 0, minDuration: "5m", ...proposed("X-81") },
    {
      name: "hotfix-full",
      title: "Hotfix: all of staging",
      percent: 100,
      minDuration: "30m",
      criteria: criteria.filter(hasNoWindow),
      triggers: triggers.filter(isAbsolute),
      ...proposed("X-81"),
    },
  ]);
