import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Environment } from "../rollout/config/model.ts";
import { parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
import { stagingPass } from "../rollout/evidence/staging-pass.ts";
import type { Plan } from "../rollout/plan/model.ts";

/** Whether staging has passed an artifact of a plan's system, by the signed statements of the project. Only production asks. */
export function stagingPasses(root: string, environment: Environment): (plan: Plan, artifact: string) => boolean {
  const signersFile = join(root, "evidence/allowed_signers");
  if (environment !== "production" || !existsSync(signersFile)) return () => false;
  const signers = parseAllowedSigners(readFileSync(signersFile, "utf8"), relative(root, signersFile));
  return (plan, artifact) => {
    const files = globSync(join(root, "evidence/staging", plan.system, "*.json")).map((file) => ({
      file: relative(root, file),
      text: readFileSync(file, "utf8"),
    }));
    return stagingPass(plan, artifact, files, signers, { now: Date.now() / 1000 }).met;
  };
}
