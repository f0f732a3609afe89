import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../rollout/config/model.ts";
import { parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
import { stagingPass } from "../rollout/evidence/staging-pass.ts";
import { plans } from "./systems/plans.ts";
import type { Reality } from "./systems.ts";

/** What staging has passed, from the signed statements beside the program. Only production asks. */
export function stagingPasses(config: StackConfig): Reality["stagingPassed"] {
  if (config.environment !== "production") return () => false;
  const root = pulumi.getRootDirectory();
  const folder = join(root, "evidence");
  const signersFile = join(folder, "allowed_signers");
  const signers = existsSync(signersFile) ? parseAllowedSigners(readFileSync(signersFile, "utf8"), signersFile) : [];
  return (system, artifact) => {
    const plan = plans.find((one) => one.system === system)!;
    const files = globSync(join(folder, "staging", system, "*.json")).map((file) => ({
      file: relative(root, file),
      text: readFileSync(file, "utf8"),
    }));
    return stagingPass(plan, artifact, files, signers, { now: Date.now() / 1000 }).met;
  };
}
