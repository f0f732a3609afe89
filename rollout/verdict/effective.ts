import { cap, type Exposure, percentOf } from "../exposure/exposure.ts";
import { currentAbort, isSettled, type LiveRollout } from "../transitions/model.ts";

/** The part of an HTTPRoute that says who goes where, and whether the gateway does it. */
export interface Route {
  readonly metadata?: { readonly generation?: number };
  readonly spec: {
    readonly rules?: readonly {
      readonly matches?: readonly { readonly headers?: readonly { name: string; value: string }[] }[];
      readonly filters?: readonly { readonly type: string }[];
      readonly backendRefs?: readonly { name: string; weight?: number }[];
    }[];
  };
  readonly status?: {
    readonly parents?: readonly {
      readonly conditions?: readonly { type: string; status: string; observedGeneration?: number }[];
    }[];
  };
}

/** Which share of each segment a route sends to the canary: the first rule that matches it decides. */
export function effectiveOf(route: Route, system: string, segments: readonly string[]): Exposure {
  const rules = route.spec.rules ?? [];
  return Object.fromEntries(
    segments.map((segment) => {
      const rule = rules.find(({ matches }) => isForEverybody(matches) || matches!.some((one) => names(one, segment)));
      return [segment, shareOf(rule?.backendRefs ?? [], `${system}-canary`)];
    }),
  );
}

type Match = NonNullable<NonNullable<Route["spec"]["rules"]>[number]["matches"]>[number];

const isForEverybody = (matches: readonly Match[] | undefined): boolean =>
  !matches?.some(({ headers }) => headers?.length);
const names = ({ headers }: Match, segment: string): boolean =>
  headers?.some(({ value }) => value === segment) ?? false;

function shareOf(backends: readonly { name: string; weight?: number }[], canary: string): number {
  const sum = (list: readonly { weight?: number }[]) => list.reduce((total, { weight = 1 }) => total + weight, 0);
  const total = sum(backends);
  return total === 0 ? 0 : (100 * sum(backends.filter(({ name }) => name === canary))) / total;
}

/** Copies of requests go to the canary: its answers reach nobody, but what it does with them is done. */
export const isMirrored = ({ spec }: Route): boolean =>
  spec.rules?.some(({ filters }) => filters?.some(({ type }) => type === "RequestMirror")) ?? false;

/** A gateway has taken up the route as it stands: a weight that nobody has read moves no requests. */
export function isProgrammed({ metadata, status }: Route): boolean {
  const conditions = status?.parents?.flatMap((parent) => parent.conditions ?? []) ?? [];
  const accepted = conditions.filter(({ type }) => type === "Accepted");
  return (
    accepted.length > 0 &&
    accepted.every(
      (one) => one.status === "True" && (one.observedGeneration ?? 0) >= (metadata?.generation ?? Number.NaN),
    )
  );
}

/** What each segment should get now. */
export function targetOf(live: LiveRollout): Exposure {
  const { spec } = live;
  const phase = spec.phases.find(({ name }) => name === spec.phase)?.exposure ?? {};
  return cap({ settled: isSettled(spec), phase, abortedTo: currentAbort(live)?.to });
}

export const isSame = (one: Exposure, other: Exposure): boolean =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (name) => Math.abs(percentOf(one, name) - percentOf(other, name)) < 0.01,
  );

/** Each segment gets what it should; whoever is aborted gets no copies of requests either. */
export const isAtTarget = (live: LiveRollout, effective: Exposure, isMirrored: boolean | undefined): boolean =>
  isSame(effective, targetOf(live)) && !(isMirrored && currentAbort(live));

export const segmentsOf = ({ spec }: Pick<LiveRollout, "spec">): string[] => Object.keys(spec.phases[0]!.exposure);
