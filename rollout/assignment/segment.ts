import { type Exposure, percentOf } from "../exposure/exposure.ts";
import { bucketOf, isExposed } from "./bucket.ts";

/** Who belongs to a segment: everybody whose attribute is one of these, or ends like this (`@example.com`). */
export interface SegmentRule {
  segment: string;
  attribute: string;
  oneOf?: readonly string[];
  endsWith?: string;
}

export interface User {
  id: string;
  attributes: Readonly<Record<string, string>>;
}

export interface Assignment {
  on: boolean;
  segment: string;
  bucket: number;
  why: string;
}

/** The first rule that fits decides, so the order is the order of the rings: internal first. */
export function segmentOf(user: User, rules: readonly SegmentRule[], otherwise: string): string {
  return rules.find((rule) => fits(user, rule))?.segment ?? otherwise;
}

function fits({ attributes }: User, { attribute, oneOf, endsWith }: SegmentRule): boolean {
  if (!Object.hasOwn(attributes, attribute)) return false;
  const value = attributes[attribute]!;
  return (oneOf?.includes(value) ?? false) || (endsWith !== undefined && value.endsWith(endsWith));
}

/** Whether a user gets the new version, and why. A segment that the phase doesn't name gets nothing. */
export function assign(
  flag: string,
  user: User,
  rules: readonly SegmentRule[],
  otherwise: string,
  exposure: Exposure,
): Assignment {
  const segment = segmentOf(user, rules, otherwise);
  const percent = percentOf(exposure, segment);
  const bucket = bucketOf(flag, user.id);
  const on = isExposed(flag, user.id, percent);
  return { on, segment, bucket, why: `${segment} is at ${percent} %, this user stands at ${bucket / 100} %` };
}
