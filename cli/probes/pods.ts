import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Measured, Probe } from "./model.ts";

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({
        phase: z.string().default("Unknown"),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
        containerStatuses: z.array(z.object({ restartCount: z.number() })).default([]),
      }),
    }),
  ),
});

/** One look at all pods of a system. */
export interface PodLook {
  readonly pods: number;
  /** By name, those that don't serve though nobody has asked them to end. */
  readonly unready: readonly string[];
  readonly restarts: number;
}

export function lookAtPods(list: unknown): PodLook {
  const staying = podList
    .parse(list)
    .items.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase !== "Succeeded");
  const isReady = ({ status }: (typeof staying)[number]): boolean =>
    status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
  return {
    pods: staying.length,
    unready: staying.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name),
    restarts: staying.flatMap(({ status }) => status.containerStatuses).reduce((sum, one) => sum + one.restartCount, 0),
  };
}

/** Every look has to find all of them ready, and none may start again between the first and the last. */
export function judgePods(looks: readonly PodLook[]): Measured {
  const unready = [...new Set(looks.flatMap((look) => look.unready))];
  const restarted = (looks.at(-1)?.restarts ?? 0) - (looks[0]?.restarts ?? 0);
  const fewest = Math.min(...looks.map(({ pods }) => pods));
  const bad = unready.length > 0 ? `not ready: ${unready.join(", ")}` : "all of them ready";
  return {
    holds: looks.length > 0 && fewest > 0 && unready.length === 0 && restarted <= 0,
    said: `${looks.length} looks at ${fewest} pods or more; ${bad}; ${restarted} restarts meanwhile`,
    figures: Object.fromEntries(
      looks.map(({ pods, unready: out, restarts }, index) => [
        `look-${index + 1}`,
        `${pods - out.length} of ${pods} ready, ${restarts} restarts so far`,
      ]),
    ),
  };
}

const looks = 5;
const apartMs = 2000;

const items = ["WDBX-POST-01"];

export const podsProbe: Probe = {
  id: "pods",
  what: "all pods of the system are ready and stay so while they are watched",
  items,
  async measure({ api, namespace }) {
    const seen: PodLook[] = [];
    for (let look = 0; look < looks; look++) {
      if (look > 0) await pause(apartMs);
      seen.push(lookAtPods(await api.get(`/api/v1/namespaces/${namespace}/pods`)));
    }
    return [{ items, ...judgePods(seen) }];
  },
};
