import { type Exposure, percentOf } from "../../rollout/exposure/exposure.ts";
import { exposedSegments, segmentPorts } from "../../rollout/exposure/segments.ts";
import type { DrainAction, RolloutPhase } from "../../rollout/transitions/model.ts";

/** A request says with this header which segment of users it is from; the edge sets it, users don't. */
export const segmentHeader = "x-rampart-segment";

/** One rule of an HTTPRoute, as the API takes it. */
export interface RouteRule {
  matches?: { headers: { type: "Exact"; name: string; value: string }[] }[];
  filters?: { type: "RequestMirror"; requestMirror: { backendRef: { name: string; port: number } } }[];
  backendRefs: { name: string; port: number; weight: number }[];
  sessionPersistence?: { sessionName: string; type: "Cookie" };
}

export interface RouteShares {
  readonly system: string;
  /** Percent of each segment that the canary gets; empty for nobody. */
  readonly exposure: Exposure;
  /** Copies go to the canary, answers are thrown away. */
  readonly mirror: boolean;
  /** A user stays on the track that the first request met, where the gateway can do that. */
  readonly stickyCookie?: string | undefined;
}

/**
 * As soon as one of several segments is exposed, each has a rule of its own, to ports of its own: what becomes of its
 * requests is counted apart from the others'. Last comes the rule for everybody else: the lowest share of all.
 */
export function routeRules({ system, exposure, mirror, stickyCookie }: RouteShares): RouteRule[] {
  const percents = Object.values(exposure);
  const lowest = percents.length > 0 ? Math.min(...percents) : 0;
  const rule = (percent: number, port: number, segments: readonly string[]): RouteRule => ({
    ...(segments.length > 0 ? { matches: segments.map(segmentMatch) } : {}),
    ...(mirror ? { filters: [mirrorTo(`${system}-canary`)] } : {}),
    backendRefs: [
      { name: `${system}-stable`, port, weight: 100 - percent },
      { name: `${system}-canary`, port, weight: percent },
    ],
    ...(stickyCookie ? { sessionPersistence: { sessionName: stickyCookie, type: "Cookie" } } : {}),
  });
  const ports = exposedSegments(exposure).length > 0 ? segmentPorts(Object.keys(exposure)) : new Map<string, number>();
  const apart = [...ports].map(([segment, port]) => rule(percentOf(exposure, segment), port, [segment]));
  return [...apart, rule(lowest, 80, [])];
}

const segmentMatch = (value: string) => ({ headers: [{ type: "Exact" as const, name: segmentHeader, value }] });
const mirrorTo = (name: string) => ({
  type: "RequestMirror" as const,
  requestMirror: { backendRef: { name, port: 80 } },
});

/** The way down: everybody to stable, or each phase to the one before it. Mirrors end with either. */
export function httpRouteDrain(system: string, phases: readonly RolloutPhase[]): DrainAction[] {
  const to = (exposure: Exposure, action: Pick<DrainAction, "name" | "to" | "phase">): DrainAction => ({
    ...action,
    kind: "patch",
    apiVersion: "gateway.networking.k8s.io/v1",
    resource: "httproutes",
    target: system,
    body: JSON.stringify({ spec: { rules: routeRules({ system, exposure, mirror: false }) } }),
  });
  const previous = phases.flatMap((phase, index) => {
    const before = phases[index - 1];
    const isNobody = !before || Object.values(before.exposure).every((percent) => percent === 0);
    return isNobody ? [] : [to(before.exposure, { name: `${phase.name}-back`, to: "previous", phase: phase.name })];
  });
  return [to({}, { name: "everybody-to-stable", to: "zero" }), ...previous];
}
