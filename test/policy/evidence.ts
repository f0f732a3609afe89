// Signed files in a folder of their own, by people who exist only here.
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatEvidence } from "../../rollout/evidence/evidence-file.ts";
import { publicKeyTextOf, signWithPem } from "../../rollout/evidence/ssh-signature.ts";
import {
  evidenceNamespace,
  instantOf,
  itemSet,
  type Statement,
  statementBytes,
} from "../../rollout/evidence/statement.ts";
import type { RolloutSpec } from "../../rollout/transitions/model.ts";

const pem = (): string => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export interface Person {
  principal: string;
  roles: readonly string[];
  key: string;
}

export const person = (name: string, ...roles: string[]): Person => ({
  principal: `${name}@example.com`,
  roles,
  key: pem(),
});

export const writeSigners = (folder: string, people: readonly Person[]): void => {
  mkdirSync(folder, { recursive: true });
  const lines = people.map(
    ({ principal, roles, key }) =>
      `${principal} namespaces="${evidenceNamespace}" ${publicKeyTextOf(key)} roles=${roles.join(",")}`,
  );
  writeFileSync(join(folder, "allowed_signers"), `${lines.join("\n")}\n`);
};

/** What a person claims about a rollout; now, for a day, that it has passed, unless said otherwise. */
export function claim(
  spec: RolloutSpec,
  phase: string,
  items: readonly string[],
  over: Partial<Statement> = {},
): Statement {
  const now = Date.now() / 1000;
  return {
    format: "rampart-evidence/v1",
    system: spec.system,
    stack: "production",
    artifact: spec.artifact,
    revision: spec.revision,
    planDigest: spec.planDigest,
    phase,
    attempt: spec.attempt,
    items: itemSet(items),
    result: "passed",
    window: { from: instantOf(now - 3600), to: instantOf(now - 60) },
    issuedAt: instantOf(now - 60),
    expires: instantOf(now + 86_400),
    signer: { principal: "", role: "" },
    ...over,
  };
}

/** A signed statement as it lies in a file. */
export function signedText(statement: Statement, { principal, key }: Person, role: string): string {
  const said = { ...statement, signer: { principal, role } };
  return formatEvidence({ statement: said, signature: signWithPem(statementBytes(said), key, evidenceNamespace) });
}

export function writeEvidence(folder: string, name: string, statement: Statement, by: Person, role: string): void {
  const place = join(folder, statement.stack, statement.system);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `${name}.json`), signedText(statement, by, role));
}
