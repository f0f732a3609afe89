import { measureOf } from "../monitoring/measures/measures.ts";
import { metrics } from "../plan/metrics.ts";
import type { Condition, Phase, Trigger } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { usualAlpha } from "../statistics/alpha.ts";
import { isOutbreak, looked, noOutbreak, type Outbreak } from "../statistics/outbreak.ts";
import type { Counts } from "../statistics/windows.ts";
import { isMeasured } from "./conditions.ts";

/** What the proxy counted between two looks: requests, and how many of them failed. */
export interface Slice {
  readonly canary: Counts;
  readonly stable: Counts;
}

/** By trigger, and by segment where it is kept by each. */
export type Outbreaks = Readonly<Record<string, Outbreak>>;

/** Four looks a second for 28 days, the longest that a phase is watched. */
const looks = 4 * 86_400 * 28;
/** Half of what all triggers may have; the other half is for what is counted by the minute. */
const alpha = usualAlpha / 2;
/** A promise of all or nothing would make one failure infinitely bad. */
const lowestLimit = 0.0005;

type Watched = Extract<Trigger, Condition>;

/** Triggers about requests that fail, as the proxy sees them, with a limit of their own. */
export const watchedByLooks = ({ triggers }: Phase, system: SystemName): Watched[] =>
  triggers.filter(isMeasured).filter(({ metric, against }) => {
    const measure = measureOf(metric, system);
    return !against && measure.kind === "proportion" && measure.views.some(({ seenBy }) => seenBy === "proxy");
  });

/** The share of failures that a trigger allows. */
export function limitOf({ metric, value }: Condition): number {
  const share = metrics[metric].worse === "higher" ? value : 1 - value;
  return Math.max(lowestLimit, share);
}

interface Test extends Slice {
  readonly trigger: Watched;
  readonly segment?: string;
}

/** What a trigger says of everybody, and of each segment by itself where the plan asks for that. */
function testsOf(trigger: Watched, all: Slice, segments: Readonly<Record<string, Slice>>): Test[] {
  const apart = Object.entries(trigger.bySegment ? segments : {}).map(([segment, { canary, stable }]) => ({
    ...{ trigger, segment, canary },
    // All of a segment may have the canary; then stable is what the others meet.
    stable: stable.n > 0 ? stable : all.stable,
  }));
  return [{ trigger, ...all }, ...apart];
}

/** What is known after one more look, and which trigger that pulls. */
export function nextOutbreaks(
  triggers: readonly Watched[],
  known: Outbreaks,
  all: Slice,
  segments: Readonly<Record<string, Slice>> = {},
): { outbreaks: Outbreaks; pulled?: { trigger: Watched; reason: string } } {
  const outbreaks: Record<string, Outbreak> = {};
  const tests = triggers.flatMap((trigger) => testsOf(trigger, all, segments));
  for (const { trigger, segment, canary, stable } of tests) {
    const limit = limitOf(trigger);
    const name = segment ? `${trigger.id}@${segment}` : trigger.id;
    const before = known[name] ?? noOutbreak;
    // What stable suffers as well isn't the new version's doing; if it lasts, the plan's rules end the attempt.
    const isShared = stable.n > 0 && stable.k / stable.n > limit;
    const after = isShared ? before : looked(before, canary, limit);
    outbreaks[name] = after;
    const { n, k } = after.counts;
    const { trials = 0, events = 0 } = trigger.minimum ?? {};
    if (n < trials || k < events || !isOutbreak(after, looks, alpha / tests.length)) continue;
    const allowed = `${Number((100 * limit).toFixed(2))} %`;
    const whose = segment ? `${segment}: ` : "";
    const reason = `${whose}${k} of the last ${n} requests failed; ${allowed} may`;
    return { outbreaks, pulled: { trigger, reason } };
  }
  return { outbreaks };
}
