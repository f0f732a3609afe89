import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseCalendar, type SharedCalendar } from "../../rollout/guard/calendar.ts";
import { checkout } from "../checkout.ts";
import type { Settings } from "../signed-files.ts";

export function readCalendar({ files }: Settings): SharedCalendar {
  const file = files?.calendar ?? "policies/guard/calendar.yaml";
  return parseCalendar(readFileSync(resolve(checkout, file), "utf8"), file);
}
