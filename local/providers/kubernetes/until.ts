import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { KubeObject } from "./kube-object.ts";

export interface Watcher {
  cluster: Cluster;
  /** Aborted by a timeout or by the user. */
  signal: AbortSignal;
  /** Set if the decision also depends on other objects, which are not watched. */
  pollMillis?: number;
}

const safetyPollMillis = 5000;
const reconnectMillis = 500;

/** Follows an object, undefined once it is gone, until a decision is made about it. */
export async function until<Decision>(
  start: KubeObject,
  decide: (object: KubeObject | undefined) => Promise<Decision | undefined>,
  { cluster, signal, pollMillis = safetyPollMillis }: Watcher,
): Promise<Decision> {
  let latest: KubeObject | undefined = start;
  let wake = new AbortController();
  const decided = new AbortController();
  const following = follow(cluster, start, AbortSignal.any([signal, decided.signal]), (object) => {
    latest = object;
    wake.abort();
  });
  try {
    for (;;) {
      wake = new AbortController();
      const decision = await decide(latest);
      if (decision !== undefined) return decision;
      const woken = AbortSignal.any([signal, wake.signal]);
      await sleep(pollMillis, undefined, { signal: woken }).catch(() => signal.throwIfAborted());
    }
  } finally {
    decided.abort();
    await following;
  }
}

/** Tells each version of an object, and undefined when it is gone; reconnects until it is told to end. */
async function follow(
  cluster: Cluster,
  start: KubeObject,
  signal: AbortSignal,
  tell: (object: KubeObject | undefined) => void,
): Promise<void> {
  let from: KubeObject | undefined = start;
  while (from && !signal.aborted) {
    try {
      for await (const { type, object } of cluster.watch(from, signal)) {
        if (type === "ERROR") break; // the version is too old
        if (type === "DELETED") return tell(undefined);
        if (type !== "BOOKMARK") tell(object);
      }
    } catch {
      // Out of reach for a moment; or this identity may read but not watch, then it is read now and then.
      await sleep(reconnectMillis, undefined, { signal }).catch(() => {});
    }
    from = await cluster.get(start, signal).catch(() => from);
    if (!signal.aborted) tell(from);
  }
}
