import { signersIn, signedFor as statementsFor, type Waivers, waiversFor as waiversIn } from "../live/signed-files.ts";
import type { AllowedSigner } from "../rollout/evidence/allowed-signers.ts";
import type { SignedFiles } from "../rollout/guard/approvals.ts";
import { CliError } from "./output.ts";

/** A list of signers that can't be read is the user's to mend. */
function told<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

export const signersOf = (directory: string): AllowedSigner[] => told(() => signersIn(directory));

export const signedFor = (directory: string, stack: string): SignedFiles => told(() => statementsFor(directory, stack));

export const waiversFor = (directory: string, stack: string): Waivers => told(() => waiversIn(directory, stack));
