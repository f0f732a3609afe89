import { toSeconds } from "../rollout/plan/duration.ts";
import { metrics } from "../rollout/plan/metrics.ts";
import type { Condition, Criterion, Need, Phase, Plan, Source, Trigger } from "../rollout/plan/model.ts";

/** The parts of a plan as a person reads them, one short line each. */

function measured({ metric, op, value, against, window, minimum }: Condition): string {
  const base = against ? ` ${against.as === "ratio" ? "×" : "points over"} ${against.of}` : "";
  const over = window ? ` over ${window}` : "";
  const unit = against?.as === "ratio" ? "" : unitText(metric);
  const least = minimum ? ` (at least ${minimum.trials} samples)` : "";
  return `${metric} ${op} ${value}${unit}${base}${over}${least}`;
}

function unitText(metric: Condition["metric"]): string {
  const { unit } = metrics[metric];
  return unit === "ratio" || unit === "count" ? "" : ` ${unit}`;
}

/** Nothing for what a seed says itself; our own additions are marked. */
function sourceText(source: Source): string {
  return source.proposed ? ` (proposed, ${source.decision})` : "";
}

export function criterionText(criterion: Criterion): string {
  return `${measured(criterion)}${criterion.zeroTolerance ? ", not one" : ""}${sourceText(criterion)}`;
}

export function triggerText(trigger: Trigger): string {
  const what = "signal" in trigger ? trigger.signal : measured(trigger);
  const lasting = toSeconds(trigger.for) === 0 ? "at once" : `for ${trigger.for}`;
  return `${what}, ${lasting} → ${trigger.action === "zero" ? "0 %" : "previous phase"}${sourceText(trigger)}`;
}

export function needText(need: Need): string {
  const texts: Record<Need["need"], string> = {
    "staging-pass": "a pass of staging for this artifact",
    readiness: "its readiness items",
    notice: `notice given ${"before" in need ? need.before : ""} before`,
    capacity: "enough capacity",
    "data-loss-choice": "a recorded choice about data loss",
  };
  return texts[need.need];
}

export function approvalTexts({ approvals }: Phase): string[] {
  return approvals.map(({ anyOf, ifApplicable }) => `${anyOf.join(" or ")}${ifApplicable ? ", if it applies" : ""}`);
}

/** In percent: `all 25`, or each segment where they differ. */
export function exposureText({ percent, exposure = {} }: Phase): string {
  const segments = Object.entries(exposure);
  const isEven = segments.every(([, share]) => share === percent);
  return isEven ? `all ${percent}` : segments.map(([segment, share]) => `${segment} ${share}`).join(", ");
}

/** What is special about a phase, beside its numbers. */
export function remarkTexts({ mirror, inWindow, nodes }: Phase): string[] {
  return [
    ...(mirror ? ["live requests are mirrored, answers thrown away"] : []),
    ...(inWindow ? ["only in the maintenance window"] : []),
    ...(nodes
      ? [
          `nodes of ${nodes.criticality.join(" or ")} criticality`,
          ...(nodes.maxVmMemoryGB ? [`no virtual machine above ${nodes.maxVmMemoryGB} GB`] : []),
          ...(nodes.peakTraffic ? [] : ["not at peak traffic"]),
        ]
      : []),
  ];
}

/** `0 0 5 25 50 100` */
export function percentsText(phases: readonly Phase[]): string {
  return phases.map(({ percent }) => percent).join(" ");
}

export function dependencyTexts({ dependencies }: Plan): string[] {
  return dependencies.map((dependency) =>
    dependency.kind === "never-above"
      ? `never above ${dependency.system}`
      : `only once ${dependency.system} is at ${dependency.percent} %`,
  );
}
