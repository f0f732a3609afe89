import { type Exposure, percentOf } from "./exposure.ts";

const firstPort = 8001;

/**
 * At which port of a track's Service the requests of each segment arrive: a proxy counts by Service and port, so it
 * tells them apart. None where everybody is one segment. By name, since a map on an API object has no order.
 */
export function segmentPorts(segments: readonly string[]): ReadonlyMap<string, number> {
  if (segments.length < 2) return new Map();
  return new Map([...segments].sort().map((segment, index) => [segment, firstPort + index]));
}

/** Those of several segments in which somebody has the new version. */
export function exposedSegments(exposure: Exposure): string[] {
  const names = Object.keys(exposure);
  return names.length < 2 ? [] : names.filter((name) => percentOf(exposure, name) > 0);
}
