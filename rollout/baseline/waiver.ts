import { z } from "zod";
import type { AllowedSigner } from "../evidence/allowed-signers.ts";
import { canonicalJson } from "../evidence/canonical.ts";
import { parseSignature, signatureHolds } from "../evidence/ssh-signature.ts";
import { evidenceNamespace, instantOf, instantToSeconds } from "../evidence/statement.ts";

const instant = z
  .string()
  .refine((text) => instantToSeconds(text) !== undefined, "UTC to the second, like 2026-03-01T09:00:00Z");

const waiverSchema = z.strictObject({
  format: z.literal("rampart-waiver/v1"),
  stack: z.string().min(1),
  check: z.string().regex(/^(KB|AB)-\d{2}$/, "like KB-05"),
  /** The name of one resource in the program; there is no waiver for all. */
  resource: z.string().min(1),
  reason: z.string().min(10),
  issuedAt: instant,
  expires: instant,
  signer: z.strictObject({ principal: z.string().min(1), role: z.string().min(1) }),
});
export type Waiver = z.infer<typeof waiverSchema>;

const signedSchema = z.strictObject({ waiver: waiverSchema, signature: z.string().max(16_384) });

/** Who may let something pass that a check forbids. */
export const waivingRoles = ["ciso", "security-team-lead", "security-reviewer"];
const longestLife = 30 * 86_400;

/** What gets signed. */
export const waiverBytes = (waiver: Waiver): Buffer => Buffer.from(canonicalJson(waiver), "utf8");

export interface WaiverFile {
  file: string;
  text: string;
}

/** A waiver that counts, or every reason why a file is none. */
export function readWaiver(
  { file, text }: WaiverFile,
  signers: readonly AllowedSigner[],
  stack: string,
  now: number,
): { waiver: Waiver; problems?: undefined } | { waiver?: undefined; problems: string[] } {
  const refuse = (...problems: string[]) => ({ problems: problems.map((problem) => `${file}: ${problem}`) });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return refuse("is not JSON");
  }
  const parsed = signedSchema.safeParse(content);
  if (!parsed.success)
    return refuse(...parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
  const { waiver, signature } = parsed.data;
  const signer = signerOf(waiver, signature, signers);
  if (typeof signer === "string") return refuse(signer);
  const problems = [...againstSigner(waiver, signer), ...againstTime(waiver, signer, now)];
  if (waiver.stack !== stack) problems.push(`is for the stack ${waiver.stack}, this is ${stack}`);
  return problems.length > 0 ? refuse(...problems) : { waiver };
}

function signerOf(waiver: Waiver, text: string, signers: readonly AllowedSigner[]): AllowedSigner | string {
  try {
    const signature = parseSignature(text);
    if (signature.namespace !== evidenceNamespace)
      return `is signed for ${signature.namespace}, not for ${evidenceNamespace}`;
    if (!signatureHolds(signature, waiverBytes(waiver))) return "the signature doesn't fit the waiver; sign again";
    return signers.find(({ key }) => key.blob.equals(signature.key.blob)) ?? "nobody in allowed_signers has its key";
  } catch (error) {
    return (error as Error).message;
  }
}

function againstSigner({ signer: { principal, role } }: Waiver, signer: AllowedSigner): string[] {
  if (signer.principal !== principal) return [`says ${principal} signed, but the key is that of ${signer.principal}`];
  if (!signer.roles.includes(role)) return [`${principal} may sign as ${signer.roles.join(" or ")}, not as ${role}`];
  return waivingRoles.includes(role) ? [] : [`is signed as ${role}; needed is ${waivingRoles.join(" or ")}`];
}

function againstTime({ issuedAt, expires }: Waiver, signer: AllowedSigner, now: number): string[] {
  const [from, to] = [instantToSeconds(issuedAt)!, instantToSeconds(expires)!];
  const problems: string[] = [];
  if (to <= now) problems.push(`expired at ${expires}; mend what it is about, or have it signed anew`);
  if (from > now + 60) problems.push(`is issued at ${issuedAt}; now it's ${instantOf(now)}`);
  if (to - from > longestLife) problems.push(`lives from ${issuedAt} to ${expires}; 30 days are allowed at most`);
  if ((signer.validAfter ?? from) > from || (signer.validBefore ?? to) <= from)
    problems.push("was signed when the key wasn't valid");
  return problems;
}
