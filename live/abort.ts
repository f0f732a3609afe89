import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { DrainAction } from "../rollout/transitions/model.ts";
import type { Api } from "./api.ts";
import { drain } from "./drain.ts";
import { abortAnnotation } from "./model.ts";
import { objectPath, rolloutPath } from "./paths.ts";

/** Why a person asked; read by people only. */
export const abortReasonAnnotation = "rampart.dev/abort-reason";

/** The latch: from now on nobody raises this attempt, whether the analyzer lives or not. */
export async function latch(api: Api, namespace: string, attempt: number, reason: string): Promise<void> {
  const annotations = { [abortAnnotation]: String(attempt), [abortReasonAnnotation]: reason };
  await api.patch(rolloutPath(namespace), "merge", { metadata: { annotations } });
}

/** How long a drain is repeated before it counts as failed. */
export interface Patience {
  readonly forMs: number;
  /** Two looks this far apart have to agree: the admission cache is up to 25 ms late, so a raise may slip in once. */
  readonly betweenMs: number;
}

const patience: Patience = { forMs: 20_000, betweenMs: 150 };

export interface DrainResult {
  readonly isDown: boolean;
  /** What went wrong in the last round. */
  readonly errors: readonly string[];
  readonly rounds: number;
}

/** Drains, reads what is there, and drains again, until two looks in a row find everything down. */
export async function drainUntilDown(
  api: Api,
  namespace: string,
  actions: readonly DrainAction[],
  { forMs, betweenMs }: Patience = patience,
): Promise<DrainResult> {
  const end = performance.now() + forMs;
  let errors: string[] = [];
  for (let rounds = 1, calm = 0; ; rounds++) {
    if (calm === 0) errors = (await drain(api, namespace, actions)).flatMap(({ error }) => error ?? []);
    const isDown = await areDone(api, namespace, actions).catch((error: Error) => {
      errors = [...errors, error.message];
      return false;
    });
    calm = isDown ? calm + 1 : 0;
    if (calm === 2) return { isDown: true, errors: [], rounds };
    if (performance.now() > end) return { isDown: false, errors, rounds };
    await pause(betweenMs);
  }
}

/** Done is what another try, as a dry run, would leave as it is. */
async function areDone(api: Api, namespace: string, actions: readonly DrainAction[]): Promise<boolean> {
  for (const { kind, apiVersion, resource, target, body } of actions) {
    if (kind !== "patch" || !apiVersion || !resource || !body) return false;
    const path = objectPath(apiVersion, resource, namespace, target);
    const object = await api.get(path);
    // Without the object there is nothing that could lead anybody to the canary.
    if (object === undefined) continue;
    const again = await api.patch(path, "merge", JSON.parse(body), { dryRun: true });
    if (!isDeepStrictEqual(contentOf(object), contentOf(again))) return false;
  }
  return true;
}

const contentOf = (object: unknown): object => ({ ...(object as object), metadata: undefined });
