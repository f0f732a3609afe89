import { existsSync, readFileSync } from "node:fs";
import { publicKeyTextOf, signWithPem } from "../rollout/evidence/ssh-signature.ts";
import { evidenceNamespace, statementBytes } from "../rollout/evidence/statement.ts";
import type { Signer } from "./ports.ts";

/** The analyzer's own key, in PEM; undefined where the platform has given it none. */
export function signerFrom(file: string, stack: string): Signer | undefined {
  if (!existsSync(file)) return undefined;
  const pem = readFileSync(file, "utf8");
  try {
    publicKeyTextOf(pem);
  } catch (error) {
    throw new Error(
      `${file}: not an ed25519 key in PEM (${(error as Error).message}); openssl genpkey -algorithm ed25519`,
    );
  }
  return {
    principal: `analyzer@${stack}`,
    sign: (statement) => ({ statement, signature: signWithPem(statementBytes(statement), pem, evidenceNamespace) }),
  };
}
