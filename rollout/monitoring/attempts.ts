import { type Duration, toSeconds } from "../plan/duration.ts";
import { metrics } from "../plan/metrics.ts";
import type { Condition } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { holds } from "./condition.ts";
import { measureOf } from "./measures/measures.ts";
import { of } from "./promql.ts";
import { readingOf } from "./records.ts";

type Lasting = Condition & { readonly for: Duration };

/** The longest of these that is shorter than a window tells what is new in it. */
const shortWindows: readonly (readonly [longerThan: number, Duration])[] = [
  [6 * 3600, "1h"],
  [1800, "5m"],
  [60, "1m"],
];

/**
 * True where the condition holds, with the attempt that it is about as far as that is known: the alert of the last
 * attempt can't end the next. As long as the window reaches back to before the attempt, the condition has to hold of its
 * last part too, so that what the attempt before did isn't laid at this one's door.
 */
export function holdsInAttempt(condition: Lasting, system: SystemName): string {
  const attempt = of("system:attempt:info", system);
  const found = `(${holds(condition, system, "canary")})\n* on (system) group_left (attempt, revision) ${attempt}`;
  const reach = reachOf(condition, system);
  if (reach === 0) return found;
  const isYoung = `${attempt} unless on (system, attempt, revision) (${attempt} offset ${reach}s)`;
  const recent = recently(condition, system);
  if (!recent) return `${found}\nunless on (system) (${isYoung})`;
  return `${found}\nunless on (system) ((${isYoung})\n  unless on (system) (${holds(recent, system, "canary")}))`;
}

/** How many seconds before its attempt an alert may look: it starts anew with the attempt, and then has to last. */
function reachOf(condition: Lasting, system: SystemName): number {
  if (measureOf(condition.metric, system).kind === "level") return 0;
  return Math.max(0, toSeconds(readingOf(condition).window) - toSeconds(condition.for));
}

/** The same of a short time, at the same pace; undefined where it isn't needed, or there is none shorter. */
export function recently<C extends Lasting>(condition: C, system: SystemName): C | undefined {
  const { metric, value, minimum } = condition;
  const long = toSeconds(readingOf(condition).window);
  const window = shortWindows.find(([longerThan]) => long > longerThan)?.[1];
  if (!window || reachOf(condition, system) === 0) return undefined;
  const paced = (count: number) => (count * toSeconds(window)) / long;
  const isCount = metrics[metric].statistic === "count";
  return {
    ...condition,
    window,
    value: isCount ? paced(value) : value,
    ...(minimum && { minimum: { ...minimum, trials: Math.ceil(paced(minimum.trials)) } }),
  };
}
