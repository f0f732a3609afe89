import { generateKeyPairSync } from "node:crypto";
import { parseAllowedSigners } from "../../../rollout/evidence/allowed-signers.ts";
import type { Evidence } from "../../../rollout/evidence/evidence-file.ts";
import { publicKeyTextOf, signWithPem } from "../../../rollout/evidence/ssh-signature.ts";
import {
  evidenceNamespace,
  instantToSeconds,
  type Statement,
  statementBytes,
} from "../../../rollout/evidence/statement.ts";
import type { Clock, Expectation } from "../../../rollout/evidence/verify.ts";

export const pem = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export const keys = { anna: pem(), bert: pem(), cleo: pem() };

export const signersText = [
  "# who may sign as what",
  `anna@example.com namespaces="rampart-evidence",valid-after="20260101Z",valid-before="20270101Z" ${publicKeyTextOf(keys.anna)} roles=sre-lead,engineering-lead`,
  `bert@example.com namespaces="rampart-evidence" ${publicKeyTextOf(keys.bert)} roles=security-lead,sre-lead`,
  "",
].join("\n");
export const signers = parseAllowedSigners(signersText);

export const statement: Statement = {
  format: "rampart-evidence/v1",
  system: "wdbx",
  stack: "production",
  artifact: `registry.example/wdbx@sha256:${"b".repeat(64)}`,
  revision: "7c9d1e",
  planDigest: `sha256:${"1".repeat(64)}`,
  phase: "canary-5",
  attempt: 3,
  items: ["S0-71", "S0-72"],
  result: "passed",
  window: { from: "2026-03-01T00:00:00Z", to: "2026-03-03T00:00:00Z" },
  issuedAt: "2026-03-03T08:00:00Z",
  expires: "2026-03-10T08:00:00Z",
  signer: { principal: "anna@example.com", role: "sre-lead" },
};

export const expectation: Expectation = {
  system: "wdbx",
  stack: "production",
  artifact: statement.artifact,
  revision: statement.revision,
  planDigest: statement.planDigest,
  phase: "canary-5",
  attempt: 3,
  items: ["S0-71"],
  roles: ["sre-lead"],
};

export const clock: Clock = { now: instantToSeconds("2026-03-04T00:00:00Z")! };

export function signed(change: Partial<Statement> = {}, key = keys.anna, namespace = evidenceNamespace): Evidence {
  const changed = { ...statement, ...change };
  return { statement: changed, signature: signWithPem(statementBytes(changed), key, namespace) };
}
