import type { Api } from "../live/api.ts";
import { newMapPath, recordObject } from "../live/evidence.ts";
import { LiveError } from "../live/live-error.ts";
import type { LiveObject } from "../live/model.ts";
import { listPath } from "../live/paths.ts";
import { type EventObject, type PodObject, sceneOf } from "../rollout/verdict/scene.ts";
import type { EvidencePort } from "./ports.ts";

const isThere = 409;

/** In ConfigMaps of a namespace of its own. */
export function evidenceIn(api: Api): EvidencePort {
  const items = async <T>(plural: string, namespace: string): Promise<T[]> => {
    const path = listPath("v1", plural, namespace);
    return ((await api.get(path)) as { items: T[] } | undefined)?.items ?? [];
  };
  return {
    async keep(record, signed) {
      await api.create(newMapPath, recordObject(record, signed)).catch((error: unknown) => {
        if (!(error instanceof LiveError) || error.status !== isThere) throw error;
      });
    },

    async scene(namespace, rollout) {
      const [pods, events] = await Promise.allSettled([
        items<PodObject>("pods", namespace),
        items<EventObject>("events", namespace),
      ]);
      const failed = [pods, events].flatMap((one) =>
        one.status === "rejected" ? [(one.reason as Error).message] : [],
      );
      const found = <T>(one: PromiseSettledResult<T[]>): T[] => (one.status === "fulfilled" ? one.value : []);
      return {
        ...sceneOf(found(pods), found(events), logsOf(namespace, rollout)),
        ...(failed.length > 0 && { problem: failed.join("; ") }),
      };
    },
  };
}

/** As logs are asked for where they are collected; without that, of the pods themselves while they are there. */
function logsOf(namespace: string, { status }: LiveObject): string {
  const from = status.phaseStartedAt ?? "the beginning";
  const to = status.aborted?.at ?? "the end";
  return `{service_namespace="${namespace}", rampart_track="canary"} from ${from} to ${to}, or kubectl logs -n ${namespace} -l rampart.dev/track=canary`;
}
