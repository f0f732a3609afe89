// All that has to be signed before a phase of a system is left, piece by piece.
import { declared } from "../../rollout/checklist/declared.ts";
import { planned } from "../../rollout/checklist/planned.ts";
import { instantOf, type Statement } from "../../rollout/evidence/statement.ts";
import { approvalItem, choiceItem, noticeItem } from "../../rollout/guard/approvals.ts";
import { toSeconds } from "../../rollout/plan/duration.ts";
import type { Phase } from "../../rollout/plan/model.ts";
import { roles } from "../../rollout/plan/roles.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import type { RolloutSpec } from "../../rollout/transitions/model.ts";
import { claim, person, writeEvidence } from "./evidence.ts";

/** One signed file, and how a refusal names it once it's gone. */
export interface Piece {
  name: string;
  items: string[];
  role: string;
  over: Partial<Statement>;
  named: string;
}

/** Somebody for every role, so that nobody is missing. */
export const people = roles.map((role, index) => person(`person${index}`, role));
const ago = (seconds: number): string => instantOf(Date.now() / 1000 - seconds);

/** Everything that has to be signed before a phase of a system is left. */
export function piecesOf(system: string, { name, approvals, requires }: Phase): Piece[] {
  const own = itemsOf(system, name).filter(
    ({ id, class: first, and }) => !(first === "D" && !and && (id in declared || id in planned)),
  );
  return [
    ...own.map(({ id, role = "platform-engineering", validity = "30d" }) => ({
      ...{ name: id, items: [id], role, named: id },
      over: { expires: ago(-Math.min(3600, toSeconds(validity))) },
    })),
    ...approvals.map(({ anyOf: [role] }) => ({
      ...{ name: `approval-${role}`, items: [approvalItem(name)], role, named: approvalItem(name) },
      over: {},
    })),
    ...requires.flatMap((need) => {
      if (need.need === "data-loss-choice")
        return {
          name: "choice",
          items: [choiceItem(name)],
          role: approvals[0]!.anyOf[0],
          named: choiceItem(name),
          over: { reason: "writes since the cutover are replicated back" },
        };
      if (need.need !== "notice") return [];
      const told = { issuedAt: ago(toSeconds(need.before) + 60), window: { from: ago(400_000), to: ago(400_000) } };
      return {
        name: "notice",
        items: [noticeItem(name)],
        role: approvals[0]!.anyOf[0],
        named: noticeItem(name),
        over: told,
      };
    }),
  ];
}

/** Writes one piece into `folder`, for the phase that a rollout is in. */
export function signPiece(folder: string, spec: RolloutSpec, { name, items, role, over }: Piece): void {
  const by = people.find((one) => one.roles.includes(role))!;
  writeEvidence(folder, name, claim(spec, spec.phase!, items, over), by, role);
}
