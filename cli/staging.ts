import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../rollout/config/model.ts";
import { parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
import { stagingPass } from "../rollout/evidence/staging-pass.ts";
import { evidenceFiles, readText, signersFile } from "./evidence-files.ts";
import { findPlan } from "./plans.ts";

/** Whether staging has passed an artifact, by the signed statements of this project. Only production asks. */
export function hasStagingPassed(
  directory: string,
  environment: Environment,
  system: string,
  artifact: string,
): boolean {
  const signersPath = join(directory, signersFile);
  if (environment !== "production" || !existsSync(signersPath)) return false;
  const signers = parseAllowedSigners(readText(signersPath), signersFile);
  const files = evidenceFiles(directory)
    .filter((file) => file.startsWith(`evidence/staging/${system}/`))
    .map((file) => ({ file, text: readText(join(directory, file)) }));
  return stagingPass(findPlan(system), artifact, files, signers, { now: Date.now() / 1000 }).met;
}
