import { parseDocument } from "yaml";
import { z } from "zod";
import { environments } from "../config/model.ts";
import { isDuration, toSeconds } from "../plan/duration.ts";
import { phaseByName, phasesOf } from "../plan/ladder.ts";
import type { Plan } from "../plan/model.ts";
import { systems } from "../plan/systems.ts";
import { formatInstant } from "../schedule/instant.ts";
import { mayRise } from "../schedule/may-rise.ts";
import { type Period, parsePeriod } from "../schedule/period.ts";
import { type Reason, when } from "../transitions/reason.ts";
import { isOpenRise, type Judged, planPlace } from "./judge.ts";

const scope = {
  environments: z.array(z.enum(environments)).min(1).optional(),
  systems: z.array(z.enum(systems)).min(1).optional(),
};

const period = z
  .strictObject({
    name: z.string().min(1),
    from: z.string(),
    length: z.string().refine(isDuration, "a duration like 12h or 5d"),
    rule: z.string().optional(),
    ...scope,
  })
  .transform(({ length, rule, ...rest }) => ({ ...rest, length: toSeconds(length), ...(rule ? { rule } : {}) }));

const calendarSchema = z.strictObject({ freezes: z.array(period), windows: z.array(period) });

/** For whom a period counts; without a scope, for everybody. */
type Scoped = Period & { environments?: readonly string[] | undefined; systems?: readonly string[] | undefined };

/** When nothing rises, and when alone something may: for all, or for the environments and systems that are named. */
export interface SharedCalendar {
  freezes: readonly Scoped[];
  windows: readonly Scoped[];
}

/** Throws with the file's name: a calendar that can't be read is no calendar without freezes. */
export function parseCalendar(text: string, file: string): SharedCalendar {
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: true });
  const [broken] = document.errors;
  if (broken) throw new RangeError(`${file}: ${broken.message.split("\n")[0]}`);
  const result = calendarSchema.safeParse(document.toJS());
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join(".") || "the document"}: ${message}`);
    throw new RangeError(`${file}: ${faults.join("; ")}; it needs the lists freezes and windows, also when empty`);
  }
  for (const one of [...result.data.freezes, ...result.data.windows]) {
    try {
      parsePeriod(one);
    } catch (error) {
      throw new RangeError(`${file}: ${(error as Error).message}`);
    }
  }
  return result.data;
}

/** Why a rise can't happen now by the calendar; `read` throws where there is none. */
export function againstCalendar(
  judged: Judged,
  plan: Plan | undefined,
  read: () => SharedCalendar,
  now: number,
): Reason[] {
  if (!isOpenRise(judged)) return [];
  const { args } = judged;
  let calendar: SharedCalendar;
  try {
    calendar = read();
  } catch (error) {
    return when(true, "calendar", `the calendar can't be read: ${(error as Error).message}`, "mend it", platformTeam);
  }
  const counts = (one: Scoped): boolean =>
    (one.environments?.includes(args.facts.environment) ?? true) &&
    (one.systems?.some((name) => name === args.system) ?? true);
  const { environment, ladder } = planPlace(args);
  const entered = plan && phaseByName(phasesOf(plan, environment, ladder), args.wish.phase ?? "");
  const windows = calendar.windows.filter(counts);
  const { reasons, next } = mayRise({ freezes: calendar.freezes.filter(counts), windows }, undefined, now);
  const wait = next === undefined ? "ask whoever keeps the calendar" : `it is possible from ${formatInstant(next)}`;
  return [
    ...reasons.flatMap((because) => when(true, "calendar", because, wait, platformTeam)),
    ...when(
      entered?.inWindow === true && windows.length === 0,
      "maintenance-window",
      `${entered?.name} is entered only in a maintenance window, and the calendar has none for ${args.system}`,
      "have one written into the calendar",
      platformTeam,
    ),
  ];
}

const platformTeam = "whoever keeps the calendar";
