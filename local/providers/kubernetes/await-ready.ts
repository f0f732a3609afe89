import type { ResourceLog } from "../base/engine-log.ts";
import type { Properties } from "../base/properties.ts";
import { podTroubles } from "./awaits/pods.ts";
import type { Await, Readiness, Related } from "./awaits/readiness.ts";
import type { Cluster } from "./cluster.ts";
import { type KubeObject, text } from "./kube-object.ts";
import { until } from "./until.ts";

export interface AwaitContext {
  cluster: Cluster;
  log: ResourceLog;
  timeoutSeconds: number;
  /** Aborted when the user cancels the update. */
  cancelled: AbortSignal;
}

export interface AwaitResult {
  /** The object as last seen. */
  object: KubeObject;
  /** Why it is not ready; empty if it is. */
  reasons: string[];
}

const relatedPollMillis = 300;

/** Waits until an object is what its kind or its annotation asks for, and says meanwhile what is missing. */
export async function awaitReady(applied: KubeObject, wanted: Await, context: AwaitContext): Promise<AwaitResult> {
  const { cluster, log, cancelled } = context;
  const timeout = AbortSignal.timeout(context.timeoutSeconds * 1000);
  const signal = AbortSignal.any([cancelled, timeout]);
  let object = applied;
  let related: KubeObject[] = [];
  let last: Readiness = { state: "waiting", message: "nothing is known of it yet" };

  const decide = async (live: KubeObject | undefined): Promise<Readiness | undefined> => {
    if (live === undefined) return { state: "failed", message: "it was deleted by somebody else" };
    object = live;
    const selections = wanted.related?.(live) ?? [];
    related = (await Promise.all(selections.map((selection) => listed(selection, cluster, signal)))).flat();
    const readiness = wanted.check(live, related);
    if (readiness.message !== last.message) log.progress(readiness.message);
    last = readiness;
    return readiness.state === "waiting" ? undefined : readiness;
  };

  const notReady = async (message: string): Promise<AwaitResult> => {
    const more = await explanations(object, related, cluster);
    return { object, reasons: [message, ...more.filter((reason) => !message.includes(reason))] };
  };

  const pollMillis = wanted.related === undefined ? undefined : relatedPollMillis;
  try {
    const { state, message } = await until(applied, decide, { cluster, signal, pollMillis });
    return state === "ready" ? { object, reasons: [] } : notReady(message);
  } catch (error) {
    if (cancelled.aborted) return notReady(`cancelled before it was ready: ${last.message}`);
    if (timeout.aborted) return notReady(`not ready after ${context.timeoutSeconds} s: ${last.message}`);
    return notReady(`not known to be ready: ${error instanceof Error ? error.message : error}; ${last.message}`);
  }
}

async function listed(selection: Related, cluster: Cluster, signal: AbortSignal): Promise<KubeObject[]> {
  try {
    return await cluster.list(selection, signal);
  } catch (error) {
    if (selection.onlyExplains) return [];
    throw error;
  }
}

/** What is wrong with its pods, and the last warnings that the cluster has recorded about all of them. */
async function explanations(object: KubeObject, related: readonly KubeObject[], cluster: Cluster): Promise<string[]> {
  const concerned = new Set([object, ...related].map((each) => text(each, "metadata", "uid")));
  const namespace = text(object, "metadata", "namespace");
  const events = await cluster
    .list({ apiVersion: "v1", kind: "Event", namespace, fields: "type=Warning" })
    .catch(() => []); // not everybody may read events
  const warnings = events
    .filter((event) => concerned.has(text(event, "involvedObject", "uid")))
    .map((event) => {
      const { kind, name } = event.involvedObject as Properties;
      return `${kind} ${name}: ${text(event, "reason")}: ${text(event, "message")}`;
    });
  return [...new Set([...podTroubles(related), ...warnings.slice(-5)])];
}
