import * as pulumi from "@pulumi/pulumi";
import { signersText } from "../live/signed-files.ts";
import { parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";

/** Who may sign as what, as the project has it; what the analyzer couldn't read isn't brought to it. */
export function readSigners(): string | undefined {
  const text = signersText(pulumi.getRootDirectory());
  try {
    if (text !== undefined) parseAllowedSigners(text, "evidence/allowed_signers");
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
  return text;
}
