import type { Exposure } from "../../rollout/exposure/exposure.ts";
import { isSettled, type RolloutSpec } from "../../rollout/transitions/model.ts";
import { apiVersion } from "./crds.ts";

/** A Rollout's spec as the API server gets it: with what follows from the phase, and nothing empty. */
export interface RolloutManifestSpec extends Omit<RolloutSpec, "phase"> {
  phase?: string;
  percent: number;
  exposure?: Exposure;
}

export function rolloutManifestSpec({ phase: name, ...rest }: RolloutSpec): RolloutManifestSpec {
  if (isSettled(rest)) return { ...rest, ...(name === undefined ? {} : { phase: name }), percent: 100 };
  const phase = rest.phases.find((one) => one.name === name);
  if (!phase || name === undefined) throw new Error(`${rest.system}: phase ${name ?? "(none)"} is not in its plan`);
  return { ...rest, phase: name, percent: phase.percent, exposure: phase.exposure };
}

/** Of both kinds there is one in a namespace, so that policies find them without a label that could be forged. */
export const rolloutName = "rollout";
export const planName = "plan";

export const rolloutManifest = (namespace: string, spec: RolloutSpec) => ({
  apiVersion,
  kind: "Rollout",
  metadata: { name: rolloutName, namespace },
  spec: rolloutManifestSpec(spec),
});
