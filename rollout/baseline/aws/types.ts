import type { PlainResource } from "../model.ts";

/** The part of a type after `aws:`, like `rds/instance:Instance`. */
export const awsType = ({ type }: PlainResource): string | undefined =>
  type.startsWith("aws:") ? type.slice("aws:".length) : undefined;

export const checkOf =
  (
    types: readonly string[],
    find: (resource: PlainResource) => readonly string[],
  ): ((resource: PlainResource) => readonly string[]) =>
  (resource) =>
    types.includes(awsType(resource) ?? "") ? find(resource) : [];
