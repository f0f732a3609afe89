import type { LiveObject } from "../live/model.ts";
import { inWords } from "../rollout/plan/duration.ts";
import type { Goal } from "../rollout/transitions/explain.ts";
import { hasPassed, placeOf } from "../rollout/transitions/model.ts";
import { shortArtifact } from "./status-report.ts";

/** What a reviewer has to know about one step, as the text of a pull request. */
export function pullRequestText({ spec, status }: LiveObject, goal: Goal, stack: string): string {
  const { system } = spec;
  const next = goal === "settle" ? undefined : spec.phases.find(({ name }) => name === goal.phase)!;
  const target = next ? `${next.name} (${next.percent} %)` : "settled";
  const passes = spec.phases.filter(({ name }) => hasPassed({ spec, status }, name)).map(({ name }) => name);
  const users = next
    ? Object.entries(next.exposure)
        .map(([segment, percent]) => `${percent} % of ${segment}`)
        .join(", ")
    : "all, on the stable track";
  const soak = next ? inWords(next.soakSeconds + spec.extendSeconds) : undefined;
  return [
    `${system}: ${placeOf(spec)} → ${target} in ${stack}`,
    "",
    `- artifact: ${shortArtifact(spec.artifact)}, attempt ${spec.attempt}; stable so far: ${shortArtifact(spec.stable)}`,
    `- moves: ${placeOf(spec)} → ${target}`,
    `- who gets the artifact then: ${users}`,
    ...(next?.mirror ? ["- live requests are mirrored to the canary, answers are thrown away"] : []),
    ...(soak ? [`- will be watched for at least: ${soak}`] : []),
    `- passed so far: ${passes.join(", ") || "nothing yet"}`,
    `- verdict now: ${status.verdict?.outcome ?? "none"}${status.verdict?.reason ? ` (${status.verdict.reason})` : ""}`,
    next
      ? `- the way back: rampart rollback ${system} --stack ${stack} --reason "…"; it needs no review`
      : `- the way back: until the settle is done, this change undone; then a rollout of ${shortArtifact(spec.stable)}`,
  ].join("\n");
}
