import { type Reason, when } from "../transitions/reason.ts";
import { isOpenRise, type Judged } from "./judge.ts";

const fields = ["stable", "artifact", "phase", "ladder", "retry"] as const;

/** Against a rise that the reviewed stack file doesn't ask for: its config came from a flag, or from another file. */
export function againstUnwritten(judged: Judged): Reason[] {
  if (!isOpenRise(judged)) return [];
  const { wish, facts, system } = judged.args;
  const { written } = facts;
  if (written === undefined) return [];
  const mend = "write it into the stack's file, have it reviewed, and run it without --config and --config-file";
  if (written === "nothing")
    return when(true, "written", `the stack's file in this checkout doesn't name ${system}`, mend);
  const others = fields.filter((field) => written[field] !== wish[field]);
  const says = others.map((field) => `${field} ${written[field] ?? "(settled)"}, not ${wish[field] ?? "(settled)"}`);
  return when(others.length > 0, "written", `the stack's file in this checkout says ${says.join("; ")}`, mend);
}
