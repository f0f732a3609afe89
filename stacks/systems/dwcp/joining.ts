import { from, ladder, proposed, signedBy } from "../../../rollout/plan/builders.ts";
import type { Criterion, Need, Phase, RequirementId, Slot } from "../../../rollout/plan/model.ts";
import { criteria, criteriaAtFull, triggers, triggersAtFull } from "./criteria.ts";

/** First day of each rung in the seed's calendar; all six keep step from the rung at which they join. */
export const calendar = { 5: 14, 25: 28, 50: 42, 75: 56, 90: 70, 100: 84 } as const;
export type Rung = keyof typeof calendar;

const rungs = [5, 25, 50, 75, 90, 100] as const;
const shadowDays = 7;
const firstRungDays = 4;
const middleRungDays = 3;

/** The rungs below the one to join at have to be walked before its first day; the seed forbids to skip them. */
export function climbBefore(reach: Rung): { percent: Rung; fromDay: number; toDay: number }[] {
  const climb: { percent: Rung; fromDay: number; toDay: number }[] = [];
  let toDay: number = calendar[reach];
  for (const percent of rungs.filter((one) => one < reach).reverse()) {
    const fromDay = toDay - (percent === 5 ? firstRungDays : middleRungDays);
    climb.unshift({ percent, fromDay, toDay });
    toDay = fromDay;
  }
  return climb;
}

/** Until the next rung of the calendar; the last one goes on. */
function slotOf(percent: Rung): Slot {
  const next = rungs[rungs.indexOf(percent) + 1];
  return { fromDay: calendar[percent], ...(next ? { toDay: calendar[next] } : {}) };
}

const checked: readonly Need[] = [{ need: "readiness", ...proposed("X-91") }];

/** What one of the systems that join later brings along. */
export interface Joining {
  reach: Rung;
  own: readonly Criterion[];
  /** The seed's row about its joining, and about its order. */
  joins: RequirementId;
}

/** A ladder of its own, computed backwards from the day on which the system has to be at the seed's percent. */
export function joiningLadder({ reach, own, joins }: Joining): Phase[] {
  const climb = climbBefore(reach);
  const shadowEnds = climb[0]!.fromDay;
  const measured = { criteria: [...criteria, ...own], triggers };
  return ladder("production", [
    {
      name: "prep",
      title: "Deployed, nobody on it",
      percent: 0,
      minDuration: "1d",
      slot: { fromDay: shadowEnds - 2 * shadowDays, toDay: shadowEnds - shadowDays },
      requires: [
        { need: "staging-pass", ...proposed("X-84", "S1-142") },
        { need: "readiness", ...proposed("X-84", "S1-014") },
      ],
      approvals: signedBy(proposed("X-38"), "sre", "engineering-lead"),
      ...proposed("X-84"),
    },
    {
      name: "shadow",
      title: "Shadow of live requests",
      percent: 0,
      mirror: true,
      minDuration: "7d",
      slot: { fromDay: shadowEnds - shadowDays, toDay: shadowEnds },
      ...measured,
      requires: checked,
      approvals: signedBy(proposed("X-38"), "sre", "engineering-lead"),
      ...proposed("X-84", "S1-109"),
    },
    ...climb.map(({ percent, fromDay, toDay }) => ({
      name: percent === 5 ? "canary-5" : `climb-${percent}`,
      title: percent === 5 ? "Canary, 5 %" : `On the way, ${percent} %`,
      percent,
      minDuration: percent === 5 ? ("4d" as const) : ("3d" as const),
      slot: { fromDay, toDay },
      ...measured,
      requires: percent === 5 ? checked : [],
      ...proposed("X-84", percent === 5 ? "S1-111" : "S1-074"),
    })),
    ...rungs
      .filter((percent) => percent >= reach)
      .map((percent) => ({
        name: percent === 100 ? "full" : `progressive-${percent}`,
        title: percent === 100 ? "Full production" : `Together with the others, ${percent} %`,
        percent,
        minDuration: "7d" as const,
        slot: slotOf(percent),
        requires: percent === reach || percent === 100 ? checked : [],
        ...(percent === 100 ? { criteria: [...criteriaAtFull, ...own], triggers: triggersAtFull } : measured),
        approvals: percent === 100 ? [] : signedBy(proposed("X-38"), "sre", "engineering-lead"),
        ...(percent === reach ? from(joins) : proposed("X-92", "S1-021")),
      })),
  ]);
}
