import { isWithin } from "../exposure/exposure.ts";
import { type LiveRollout, type Pass, positionOf, type RolloutPhase, type RolloutSpec } from "./model.ts";

/**
 * What a new plan version would change for a rollout that is under way, beyond longer soaks and more phases further up:
 * empty when it can be taken up in place. Two digests don't tell tighter from looser, so both wait for a landing.
 */
export function landingChanges(spec: RolloutSpec, phases: readonly RolloutPhase[]): string[] {
  const position = positionOf(spec);
  const reached = position.at === "phase" ? position.index : -1;
  const found: string[] = [];
  for (const [index, old] of spec.phases.entries()) {
    const at = phases.findIndex((phase) => phase.name === old.name);
    const next = phases[at];
    if (!next) {
      found.push(`phase ${old.name} is gone`);
      continue;
    }
    if (index <= reached && at !== index) found.push(`phase ${old.name} has moved, although it was already reached`);
    if (next.digest !== old.digest || next.percent !== old.percent)
      found.push(`phase ${old.name} asks for something else`);
    if (!isWithin(next.exposure, old.exposure)) found.push(`phase ${old.name} exposes more than before`);
    if (next.soakSeconds < old.soakSeconds) found.push(`phase ${old.name} is watched for a shorter time`);
  }
  const kept = phases.map(({ name }) => name).filter((name) => spec.phases.some((phase) => phase.name === name));
  const before = spec.phases.map(({ name }) => name).filter((name) => kept.includes(name));
  if (kept.join() !== before.join()) found.push("the order of phases has changed");
  return found;
}

/** The passes that are still worth something after a step from the live spec to the next one. */
export function keptPasses({ spec, status }: LiveRollout, next: RolloutSpec): Pass[] {
  const from = positionOf(spec);
  const to = positionOf(next);
  return status.passed.filter((pass) => {
    if (pass.attempt !== next.attempt || pass.revision !== next.revision) return false;
    const index = next.phases.findIndex(({ name }) => name === pass.phase);
    if (index < 0) return false;
    const isDown = from.at === "phase" && to.at === "phase" && to.index < from.index;
    if (isDown) return index < to.index;
    const isCurrent = to.at === "phase" && to.index === index;
    const old = spec.phases.find(({ name }) => name === pass.phase);
    const isSame = old?.digest === next.phases[index]!.digest && old.soakSeconds === next.phases[index]!.soakSeconds;
    return !isCurrent || isSame;
  });
}
