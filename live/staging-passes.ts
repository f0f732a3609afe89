import type { Environment } from "../rollout/config/model.ts";
import { stagingPass } from "../rollout/evidence/staging-pass.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { signedFiles, signersIn, signersText } from "./signed-files.ts";

/** Whether staging has passed an artifact of a plan's system, by the signed statements of the project. Only production asks. */
export function stagingPasses(root: string, environment: Environment): (plan: Plan, artifact: string) => boolean {
  if (environment !== "production" || signersText(root) === undefined) return () => false;
  const signers = signersIn(root);
  return (plan, artifact) =>
    stagingPass(plan, artifact, signedFiles(root, "staging", plan.system), signers, { now: Date.now() / 1000 }).met;
}
