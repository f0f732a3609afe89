import { z } from "zod";
import type { RolloutPlace } from "../../rollout/guard/object.ts";
import type { PlainProps } from "../plain-props.ts";

export const rolloutObjectType = "kubernetes:rampart.dev/v1alpha1:Rollout";

const spec = z.object({
  system: z.string(),
  stable: z.string(),
  artifact: z.string(),
  phase: z.string().nullish(),
});

const knownPaths = Object.keys(spec.shape).map((key) => `spec.${key}`);

/** What a component hands over and what an object holds have this in common; a component may write nothing at all. */
export function writtenPlace({ value, unknown }: PlainProps): RolloutPlace | "nothing" | undefined {
  const { data } = z.looseObject({ spec: z.unknown() }).safeParse(value);
  if ((data?.spec ?? null) === null) return unknown.includes("spec") ? undefined : "nothing";
  const place = unknown.some((path) => knownPaths.includes(path)) ? undefined : spec.safeParse(data?.spec).data;
  return place && { ...place, phase: place.phase ?? undefined };
}
