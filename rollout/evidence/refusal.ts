/** Every way in which evidence can be no good; one word each, for scripts, tests and the matrix of guards. */
export const refusalCodes = [
  "missing",
  "unreadable",
  "duplicate-key",
  "several-documents",
  "unknown-field",
  "malformed",
  "bad-signature",
  "wrong-namespace",
  "unknown-signer",
  "wrong-principal",
  "key-not-yet-valid",
  "key-expired",
  "wrong-role",
  "self-approved",
  "wrong-system",
  "wrong-stack",
  "wrong-artifact",
  "wrong-revision",
  "wrong-plan",
  "wrong-phase",
  "replayed",
  "not-covered",
  "not-yet-valid",
  "expired",
  "lives-too-long",
  "wrong-window",
  "clock-set-back",
  "not-passed",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  code: RefusalCode;
  /** With the file, what was got, what is needed, and how to mend it. */
  message: string;
}

export class EvidenceError extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "EvidenceError";
    this.code = code;
  }
}
