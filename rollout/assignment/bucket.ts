import { createHash } from "node:crypto";

/** Buckets are basis points: a hundredth of a percent each, so that 0.25 % of the users is a number one can write. */
export const buckets = 10_000;

/**
 * Where a user stands in line for a flag, 0 to 9999; always the same for the same flag and user, on every machine and
 * after every restart, since nothing is remembered. The flag is the salt: who is first for one flag is anywhere for
 * another. Defined in docs/bucketing.md, so that a service in another language can do the same.
 */
export function bucketOf(flag: string, user: string): number {
  if (flag === "") throw new RangeError("the flag's name is empty; it keeps flags apart from each other");
  // The length in front keeps flag "a" with user "b:c" apart from flag "a:b" with user "c".
  const digest = createHash("sha256").update(`${flag.length}:${flag}:${user}`, "utf8").digest();
  return Number(digest.readBigUInt64BE() % BigInt(buckets));
}

/** Percent with at most two decimals as basis points; anything finer or outside 0 to 100 is refused. */
export function basisPoints(percent: number): number {
  const points = Math.round(percent * 100);
  if (!(percent >= 0 && percent <= 100) || Math.abs(points - percent * 100) > 1e-9) {
    throw new RangeError(`${percent} % is not between 0 and 100 with two decimals at most`);
  }
  return points;
}

/** Whoever is in at 10 % is in at 25 %: the line never changes, only how far along it the flag is on. */
export const isExposed = (flag: string, user: string, percent: number): boolean =>
  bucketOf(flag, user) < basisPoints(percent);
