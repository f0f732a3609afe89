import { setTimeout as pause } from "node:timers/promises";
import type { LiveObject } from "../../live/model.ts";
import { objectPath } from "../../live/paths.ts";
import { readRollout } from "../../live/read.ts";
import { fault } from "./analyzer.ts";
import type { Project } from "./environment.ts";
import type { Load } from "./load.ts";

/** A moment of a breach, in milliseconds since the fault. */
export interface Moment {
  readonly at: number;
  /** Since the fault. */
  readonly canary: number;
  readonly failed: number;
  /** What the route sends to the canary. */
  readonly weight: number;
  readonly rollout: LiveObject;
}

/** How a breach went; what didn't happen in time is missing. */
export interface Course {
  readonly latched?: number;
  readonly drained?: number;
  readonly lastCanary?: number;
  readonly canary: number;
  readonly failed: number;
  readonly trigger?: string;
  readonly reason?: string;
}

interface Route {
  spec: { rules: { backendRefs: { name: string; weight?: number }[] }[] };
}

/** So long without the canary, and nobody comes to it any more. */
const quietMs = 2_000;
const lookEveryMs = 20;

export interface Breach {
  readonly project: Project;
  readonly environment: string;
  readonly system: string;
  readonly load: Load;
  readonly faults: object;
  readonly timeoutMs: number;
  readonly onMoment?: (moment: Moment) => void;
  readonly signal?: AbortSignal;
}

/** Lets the canary misbehave and sees what happens, until nobody is on it any more. */
export async function breach({ project, environment, system, load, faults, ...rest }: Breach): Promise<Course> {
  const api = project.api(`${environment}-admin`);
  const routePath = objectPath("gateway.networking.k8s.io/v1", "httproutes", system, system);
  const weight = async (): Promise<number> => {
    const { spec } = (await api.get(routePath)) as Route;
    return Math.max(...spec.rules.flatMap(({ backendRefs }) => backendRefs).map(weightOf));
  };
  const counted = async () => {
    const { failed, tracks } = await load.stats();
    return { canary: tracks.canary?.requests ?? 0, failed };
  };
  await load.reset();
  const start = performance.now();
  const since = (): number => performance.now() - start;
  await fault(project, environment, system, faults);
  let course: Course = { canary: 0, failed: 0 };
  while (since() < rest.timeoutMs && !rest.signal?.aborted) {
    const [{ canary, failed }, share, rollout] = await Promise.all([counted(), weight(), readRollout(api, system)]);
    const at = since();
    if (!rollout) throw new Error(`${system} has no Rollout in ${environment}`);
    const { aborted } = rollout.status;
    const isOver = aborted?.attempt === rollout.spec.attempt;
    course = {
      ...course,
      // Who isn't answered at all isn't told by which track; stable answers everybody.
      ...((canary > course.canary || failed > course.failed) && { lastCanary: at }),
      ...(isOver && course.latched === undefined && { latched: at, trigger: aborted.trigger, reason: aborted.reason }),
      ...(share === 0 && course.drained === undefined && { drained: at }),
      canary,
      failed,
    };
    rest.onMoment?.({ at, canary, failed, weight: share, rollout });
    if (course.drained !== undefined && at - Math.max(course.drained, course.lastCanary ?? 0) > quietMs) break;
    await pause(lookEveryMs);
  }
  return course;
}

const weightOf = ({ name, weight = 1 }: { name: string; weight?: number }): number =>
  name.endsWith("-canary") ? weight : 0;
