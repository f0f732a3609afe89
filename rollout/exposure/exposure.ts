/** Percent of each segment of users (or nodes) that gets the artifact. A segment that isn't named gets 0. */
export type Exposure = Readonly<Record<string, number>>;

/** How large a segment is: its share of everybody, in percent. */
export interface SegmentSize {
  segment: string;
  share: number;
}

/** What decides how much exposure is allowed now; a Rollout object's spec and status carry all of it. */
export interface ExposureState {
  /** Stable equals artifact: the canary track is empty. */
  settled: boolean;
  /** Exposure of the phase that the config asks for. */
  phase: Exposure;
  /** Set when this attempt was aborted, by trigger or by a person: where the abort takes it. */
  abortedTo?: Exposure | undefined;
}

const segmentsOf = (...exposures: readonly Exposure[]): string[] => [
  ...new Set(exposures.flatMap((exposure) => Object.keys(exposure))),
];

export function percentOf(exposure: Exposure, segment: string): number {
  return Object.hasOwn(exposure, segment) ? exposure[segment]! : 0;
}

/** The lower of two exposures, segment by segment. */
export function lower(one: Exposure, other: Exposure): Exposure {
  return Object.fromEntries(
    segmentsOf(one, other).map((name) => [name, Math.min(percentOf(one, name), percentOf(other, name))]),
  );
}

/**
 * The most that each segment may get now. An abort never lifts what the phase allows: after an abort to 25 % a step
 * down to a phase with 5 % means 5 %.
 */
export function cap(state: ExposureState): Exposure {
  if (state.settled) return Object.fromEntries(segmentsOf(state.phase).map((name) => [name, 0]));
  return state.abortedTo ? lower(state.phase, state.abortedTo) : state.phase;
}

/** Whether no segment gets more than the limit gives it. */
export function isWithin(exposure: Exposure, limit: Exposure): boolean {
  return Object.keys(exposure).every((name) => percentOf(exposure, name) <= percentOf(limit, name));
}

/** Segments that get less in a later phase than in an earlier one; empty for a ladder that only climbs. */
export function shrinkingSegments(phases: readonly Exposure[]): string[] {
  return segmentsOf(...phases).filter((name) =>
    phases.some((phase, index) => index > 0 && percentOf(phase, name) < percentOf(phases[index - 1]!, name)),
  );
}

/** Percent of everybody, weighted by the sizes of the segments; segments left out of `sizes` don't count. */
export function overall(exposure: Exposure, sizes: readonly SegmentSize[]): number {
  const total = sizes.reduce((sum, { share }) => sum + share, 0);
  if (total <= 0) return 0;
  return sizes.reduce((sum, { segment, share }) => sum + percentOf(exposure, segment) * share, 0) / total;
}

/** What a person reads as "how far is it": a settled system runs its artifact everywhere, although no canary does. */
export function shownPercent(settled: boolean, effectivePercent: number): number {
  return settled ? 100 : effectivePercent;
}
