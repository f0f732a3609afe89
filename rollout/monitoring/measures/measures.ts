import type { MetricName } from "../../plan/metrics.ts";
import type { SystemName } from "../../plan/systems.ts";
import { level, type Measure } from "../measure.ts";
import { events } from "./events.ts";
import { resources } from "./resources.ts";
import { traffic } from "./traffic.ts";

type Measures = Partial<Record<MetricName, Measure>>;

/** By system: they never change, and are asked for at every look. */
const known = new Map<SystemName, Measures>();

/** How the metric is read in this system. */
export function measureOf(metric: MetricName, system: SystemName): Measure {
  const measures = known.get(system) ?? { ...traffic(system), ...resources(system), ...events(system) };
  known.set(system, measures);
  return measures[metric] ?? reported(metric, system);
}

/** What no program measures: people, audits or builds report it, signed, and the analyzer exposes it. */
const reported = (metric: MetricName, system: SystemName): Measure =>
  level(`max by (system) (rampart_reported{system="${system}",metric="${metric}"})`);
