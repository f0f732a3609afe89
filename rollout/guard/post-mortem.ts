import { meets, type Requirement } from "../evidence/required.ts";
import type { Plan } from "../plan/model.ts";
import { currentAbort } from "../transitions/model.ts";
import { type Reason, when } from "../transitions/reason.ts";
import type { SignedFiles } from "./approvals.ts";
import { isOpenRise, type Judged } from "./judge.ts";

/** What a statement names when it says what happened in an attempt that was ended; its reason says where that stands. */
export const postMortemItem = "post-mortem";

/** Why the next attempt can't begin yet: where a plan asks for it, somebody has to have looked into how the last one ended. */
export function againstMissingPostMortem(judged: Judged, plan: Plan | undefined, signed: () => SignedFiles): Reason[] {
  const asked = plan?.rollback.postMortem;
  if (!asked || !isOpenRise(judged) || judged.kind !== "landing" || !judged.args.live) return [];
  const { spec, status } = judged.args.live;
  const abort = currentAbort({ spec, status });
  if (!abort) return [];
  const mend =
    `rampart sign ${spec.system} --item ${postMortemItem} --attempt ${spec.attempt} --phase ${spec.phase} ` +
    `--revision ${spec.revision} --reason WHERE-IT-STANDS`;
  const because = (why: string) =>
    `attempt ${spec.attempt} was ended by ${abort.trigger} (${abort.reason}), and ${why}`;
  try {
    const { files, signers, clock, stack } = signed();
    // The config may have followed the abort down meanwhile, so any phase of the attempt will do.
    const findings = spec.phases.map(({ name }) => {
      const requirement: Requirement = {
        ...{
          system: spec.system,
          stack,
          artifact: spec.artifact,
          revision: spec.revision,
          planDigest: spec.planDigest,
        },
        ...{ phase: name, attempt: spec.attempt, items: [postMortemItem], approvals: [asked.anyOf] },
      };
      return { name, ...meets(requirement, files, signers, clock) };
    });
    if (findings.some(({ met }) => met)) return [];
    const { refusals } = findings.find(({ name }) => name === spec.phase) ?? findings[0]!;
    const said = refusals.map(({ message }) => message).join("; ");
    return when(
      true,
      "post-mortem",
      because(`nobody has signed yet what happened: ${said}`),
      mend,
      asked.anyOf.join(" or "),
    );
  } catch (error) {
    return when(true, "post-mortem", because((error as Error).message), "mend the file");
  }
}
