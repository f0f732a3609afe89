import { firstPhaseWithPercent, phasesOf } from "../plan/ladder.ts";
import type { Plan, PlanEnvironment } from "../plan/model.ts";
import { checkValue, unknownKeys } from "./check-value.ts";
import { type Environment, type Layer, planEnvironment, type SystemConfig } from "./model.ts";
import type { Problem } from "./problem.ts";
import { problemsBetweenKeys, type SoundKeys } from "./rules.ts";
import { isRecord } from "./scan.ts";
import { artifactHelp, systemSchema } from "./schema.ts";
import { isSecret, secretMessage } from "./zod-problems.ts";

/** One system's entry, `rampart:<system>`. */
export function parseSystem(
  value: unknown,
  plan: Plan,
  environment: Environment | undefined,
  layer: Layer | undefined,
): { system?: SystemConfig; problems: Problem[] } {
  const path = [`rampart:${plan.system}`];
  if (layer === "platform") {
    return { problems: [{ path, message: "belongs into the systems layer's stack file, this one is the platform's" }] };
  }
  if (isSecret(value)) return { problems: [{ path, message: secretMessage }] };
  if (!isRecord(value)) {
    return { problems: [{ path, message: "expected a map with at least stable, artifact and percent" }] };
  }
  const where = environment && planEnvironment(environment);
  const ladder = value.ladder === "expedited" ? "expedited" : "normal";
  const hasLadder = where === undefined || phasesOf(plan, where, ladder).length > 0;
  const schema = systemSchema(plan, { environment: where, ladder: hasLadder ? ladder : undefined });
  const problems = unknownKeys(value, Object.keys(schema.shape), path);
  const sound: SoundKeys & Record<string, unknown> = {};
  for (const [key, keySchema] of Object.entries(schema.shape)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const isArtifact = key === "stable" || key === "artifact";
    const result = checkValue<unknown>(keySchema, given, [...path, key], `of ${plan.system}'s plan`);
    if (result.problems.length === 0) sound[key] = result.value;
    else if (isArtifact && typeof given === "string") problems.push(artifactProblem(given, plan, [...path, key]));
    else problems.push(...result.problems);
  }
  problems.push(...problemsBetweenKeys(sound, Object.keys(value), plan, where, path));
  if (problems.length > 0 || !where) return { problems };
  return { problems, system: systemConfig(sound as CompleteKeys, plan, where) };
}

function artifactProblem(given: string, plan: Plan, path: readonly string[]): Problem {
  const shown = given.length > 60 ? `${given.slice(0, 59)}…` : given;
  if (plan.artifact === "version")
    return { path, message: `${shown} is not a version; expected ${artifactHelp.version}` };
  const isTagged = given.includes("@sha256:") && /:[^/@:]+@/.test(given);
  const why = isTagged
    ? "has a tag beside its digest, and the tag means nothing; remove it"
    : given.includes("@sha256:")
      ? "has a malformed digest or name"
      : "is not a digest, and a tag can change behind everyone's back";
  return { path, message: `${shown} ${why}; expected ${artifactHelp.image}` };
}

type CompleteKeys = SoundKeys & Required<Pick<SoundKeys, "stable" | "artifact" | "percent">>;

function systemConfig(keys: CompleteKeys, plan: Plan, environment: PlanEnvironment): SystemConfig {
  const { stable, artifact, percent, ladder = "normal" } = keys;
  const settled = stable === artifact;
  const first = firstPhaseWithPercent(phasesOf(plan, environment, ladder), percent)?.name;
  return {
    stable,
    artifact,
    percent,
    settled,
    phase: settled ? undefined : (keys.phase ?? first),
    ladder,
    retry: keys.retry ?? 0,
    reason: keys.reason,
    hold: keys.hold ?? false,
    extendDays: keys.extendDays ?? 0,
    excludeNodes: keys.excludeNodes ?? [],
    expectedRps: keys.expectedRps,
    decommission: keys.decommission ?? false,
  };
}
