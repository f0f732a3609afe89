import type { AllowedSigner } from "./allowed-signers.ts";
import type { Evidence } from "./evidence-file.ts";
import { EvidenceError, type Refusal, type RefusalCode } from "./refusal.ts";
import { fingerprint } from "./ssh-key.ts";
import { parseSignature, signatureHolds } from "./ssh-signature.ts";
import { evidenceNamespace, instantOf, instantToSeconds, type Statement, statementBytes } from "./statement.ts";

/** What a rule needs to be told about, and by whom. */
export interface Expectation {
  system: string;
  stack: string;
  artifact: string;
  /** Undefined, and said so, where the claim is about another stack's history: that one counts for itself. */
  revision: string | undefined;
  planDigest: string | undefined;
  phase: string;
  attempt: number | undefined;
  /** Ids that the statement has to cover; it may cover more. */
  items: readonly string[];
  /** Any one of these roles will do. */
  roles: readonly string[];
  /** Who made the change or the measurement that is vouched for: none of them may sign for it. */
  authors?: readonly string[];
  /** Seconds since 1970; the claim's window has to begin after this, normally the phase's start. */
  windowAfter?: number;
  /** A statement may not be made for longer than this. */
  longestLife?: number;
  /** Whether a signed "not applicable" is taken. */
  notApplicable?: boolean;
}

export interface Clock {
  /** Seconds since 1970. */
  now: number;
  /** The newest time that is known for sure: of the log's head, the last commit, the API server. */
  notBefore?: number;
}

/** How far two honest clocks may differ, in seconds. */
const skew = 60;

/** Empty when the evidence holds; otherwise every reason why it doesn't, the first being the one to mend first. */
export function verifyEvidence(
  evidence: Evidence,
  expected: Expectation,
  signers: readonly AllowedSigner[],
  clock: Clock,
  file: string,
): Refusal[] {
  const broken = signatureRefusal(evidence, signers, file);
  if (broken) return [broken];
  const { statement } = evidence;
  return [
    ...signerRefusals(statement, expected, signerOf(evidence, signers)!),
    ...bindingRefusals(statement, expected),
    ...timeRefusals(statement, expected, clock),
    ...resultRefusals(statement, expected),
  ].map(([code, message]) => ({ code, message: `${file}: ${message}` }));
}

type Finding = [RefusalCode, string];

function signerOf(evidence: Evidence, signers: readonly AllowedSigner[]): AllowedSigner | undefined {
  const { key } = parseSignature(evidence.signature);
  return signers.find((signer) => signer.key.blob.equals(key.blob));
}

function signatureRefusal(evidence: Evidence, signers: readonly AllowedSigner[], file: string): Refusal | undefined {
  const refuse = (code: RefusalCode, message: string): Refusal => ({ code, message: `${file}: ${message}` });
  try {
    const signature = parseSignature(evidence.signature);
    if (signature.namespace !== evidenceNamespace) {
      const got = JSON.stringify(signature.namespace);
      return refuse(
        "wrong-namespace",
        `signed for the namespace ${got}; sign with ssh-keygen -Y sign -n ${evidenceNamespace}`,
      );
    }
    if (!signatureHolds(signature, statementBytes(evidence.statement))) {
      return refuse("bad-signature", "the signature doesn't fit the statement; one of them was changed, sign again");
    }
    if (signerOf(evidence, signers)) return undefined;
    const print = fingerprint(signature.key);
    return refuse("unknown-signer", `nobody in allowed_signers has the key ${print}; the platform team adds keys`);
  } catch (error) {
    if (error instanceof EvidenceError) return refuse(error.code, error.message);
    throw error;
  }
}

function signerRefusals(statement: Statement, expected: Expectation, signer: AllowedSigner): Finding[] {
  const findings: Finding[] = [];
  const { principal, role } = statement.signer;
  const issued = instantToSeconds(statement.issuedAt)!;
  if (signer.principal !== principal) {
    findings.push(["wrong-principal", `it says ${principal} signed, but the key is that of ${signer.principal}`]);
  }
  if (!signer.roles.includes(role)) {
    findings.push(["wrong-role", `${signer.principal} may sign as ${signer.roles.join(" or ")}, not as ${role}`]);
  } else if (!expected.roles.includes(role)) {
    findings.push([
      "wrong-role",
      `signed as ${role}; needed is ${expected.roles.join(" or ") || "a role that the plan doesn't name"}`,
    ]);
  }
  if (signer.validAfter !== undefined && issued < signer.validAfter) {
    findings.push([
      "key-not-yet-valid",
      `signed at ${statement.issuedAt}; the key is valid from ${instantOf(signer.validAfter)}`,
    ]);
  }
  if (signer.validBefore !== undefined && issued >= signer.validBefore) {
    findings.push([
      "key-expired",
      `signed at ${statement.issuedAt}; the key was valid until ${instantOf(signer.validBefore)}`,
    ]);
  }
  if (expected.authors?.includes(signer.principal)) {
    findings.push(["self-approved", `${signer.principal} made what is approved here; somebody else has to sign`]);
  }
  return findings;
}

function bindingRefusals(statement: Statement, expected: Expectation): Finding[] {
  const findings: Finding[] = [];
  const compare = (code: RefusalCode, what: string, got: string, needed: string | undefined): void => {
    if (needed !== undefined && got !== needed)
      findings.push([code, `made for ${what} ${got}, this is ${needed}; evidence can't be carried over`]);
  };
  compare("wrong-system", "the system", statement.system, expected.system);
  compare("wrong-stack", "the stack", statement.stack, expected.stack);
  compare("wrong-artifact", "the artifact", statement.artifact, expected.artifact);
  compare("wrong-revision", "the revision", statement.revision, expected.revision);
  compare("wrong-plan", "the plan", statement.planDigest, expected.planDigest);
  compare("wrong-phase", "the phase", statement.phase, expected.phase);
  const { attempt } = expected;
  if (attempt !== undefined && statement.attempt !== attempt) {
    findings.push([
      "replayed",
      `replayed: made for attempt ${statement.attempt}, this is attempt ${attempt}; every attempt earns its own`,
    ]);
  }
  const open = expected.items.filter((item) => !statement.items.includes(item));
  if (open.length > 0) findings.push(["not-covered", `says nothing about ${open.join(", ")}; add and sign again`]);
  return findings;
}

function timeRefusals(statement: Statement, expected: Expectation, { now, notBefore }: Clock): Finding[] {
  const findings: Finding[] = [];
  const issued = instantToSeconds(statement.issuedAt)!;
  const expires = instantToSeconds(statement.expires)!;
  const [from, to] = [instantToSeconds(statement.window.from)!, instantToSeconds(statement.window.to)!];
  if (notBefore !== undefined && now < notBefore - skew) {
    findings.push([
      "clock-set-back",
      `this clock says ${instantOf(now)}, but ${instantOf(notBefore)} is known to be past; set the clock right`,
    ]);
  }
  if (issued > now + skew)
    findings.push(["not-yet-valid", `issued at ${statement.issuedAt}; now it's ${instantOf(now)}`]);
  if (expires <= issued) {
    findings.push(["expired", `expires at ${statement.expires}, not after it was issued (${statement.issuedAt})`]);
  } else if (expires <= now) {
    findings.push([
      "expired",
      `expired at ${statement.expires}; now it's ${instantOf(now)}; do it again and sign again`,
    ]);
  }
  if (expected.longestLife !== undefined && expires - issued > expected.longestLife) {
    const days = Number((expected.longestLife / 86_400).toFixed(2));
    findings.push([
      "lives-too-long",
      `valid from ${statement.issuedAt} to ${statement.expires}; allowed are ${days} days at most`,
    ]);
  }
  if (from > to || to > issued + skew) {
    findings.push([
      "wrong-window",
      `its window ${statement.window.from} to ${statement.window.to} has to lie in order and before ${statement.issuedAt}`,
    ]);
  }
  if (expected.windowAfter !== undefined && from < expected.windowAfter) {
    const start = instantOf(expected.windowAfter);
    findings.push(["wrong-window", `its window begins at ${statement.window.from}; it may not begin before ${start}`]);
  }
  return findings;
}

function resultRefusals(statement: Statement, expected: Expectation): Finding[] {
  if (statement.result === "passed") return [];
  if (statement.result === "failed") return [["not-passed", "it says that it failed"]];
  if (!expected.notApplicable)
    return [["not-passed", `it says "not applicable", which is not taken for ${expected.items.join(", ")}`]];
  return statement.reason ? [] : [["not-passed", 'it says "not applicable" and gives no reason']];
}
