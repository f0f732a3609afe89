import { cap, type Exposure, percentOf } from "../../rollout/exposure/exposure.ts";
import { currentAbort, isSettled, type LiveRollout } from "../../rollout/transitions/model.ts";

/** The part of an HTTPRoute that says who goes where. */
export interface Route {
  spec: {
    rules?: {
      matches?: { headers?: { name: string; value: string }[] }[];
      backendRefs?: { name: string; weight?: number }[];
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

const isForEverybody = (matches: Match[] | undefined): boolean => !matches?.some(({ headers }) => headers?.length);
const names = ({ headers }: Match, segment: string): boolean =>
  headers?.some(({ value }) => value === segment) ?? false;

function shareOf(backends: readonly { name: string; weight?: number }[], canary: string): number {
  const sum = (list: readonly { weight?: number }[]) => list.reduce((total, { weight = 1 }) => total + weight, 0);
  const total = sum(backends);
  return total === 0 ? 0 : (100 * sum(backends.filter(({ name }) => name === canary))) / total;
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
