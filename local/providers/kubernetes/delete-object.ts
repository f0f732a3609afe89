import { at } from "../base/properties.ts";
import { isNotFound } from "./api-error.ts";
import type { AwaitContext } from "./await-ready.ts";
import { skipsAwait, timeoutSecondsOf } from "./awaits/await-of.ts";
import { explainCondition } from "./awaits/readiness.ts";
import { annotation, items, type KubeObject, text, titleOf } from "./kube-object.ts";
import { until } from "./until.ts";

const propagations: Record<string, string> = { background: "Background", foreground: "Foreground", orphan: "Orphan" };
const deleteTimeoutSeconds = 600;

/** Deletes an object and what it owns, and waits until it is gone. */
export async function deleteObject(
  object: KubeObject,
  { cluster, log, timeoutSeconds, cancelled }: AwaitContext,
): Promise<void> {
  const policy = annotation(object, "pulumi.com/deletionPropagationPolicy") ?? "foreground";
  const propagation = propagations[policy];
  if (propagation === undefined) {
    throw new Error(
      `pulumi.com/deletionPropagationPolicy: "${policy}" is not allowed; allowed are ${Object.keys(propagations).join(", ")}`,
    );
  }
  const live = await cluster.get(object);
  if (!live) return;
  try {
    await cluster.delete(live, propagation);
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  if (skipsAwait(object)) return;

  const seconds = timeoutSecondsOf(object, timeoutSeconds, deleteTimeoutSeconds);
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(seconds * 1000)]);
  const uid = text(live, "metadata", "uid");
  let last: KubeObject = live;
  try {
    await until(
      live,
      async (now) => {
        if (now === undefined || text(now, "metadata", "uid") !== uid) return true;
        if (now !== last) log.progress(`waiting for ${finalizersOf(now).join(", ") || "its end"}`);
        last = now;
        return undefined;
      },
      { cluster, signal },
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    const why = cancelled.aborted ? "cancelled" : `still there after ${seconds} s`;
    throw new Error(`${titleOf(object)}: ${why}: ${whatHoldsIt(last)}`);
  }
}

function finalizersOf(object: KubeObject): string[] {
  const lists = [at(object, "metadata", "finalizers"), at(object, "spec", "finalizers")];
  return lists.flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
}

/** Why an object that was deleted is still there, and who has to do something about it. */
export function whatHoldsIt(object: KubeObject): string {
  const finalizers = finalizersOf(object);
  if (finalizers.length === 0) return "it has no finalizers; its owner may have made it again";
  const conditions = items(object, "status", "conditions")
    .filter((each) => each.status === "True")
    .map(explainCondition);
  const controller =
    "the controller behind each has to remove it; if that is gone for good, remove the finalizer by hand";
  return [`finalizers hold it: ${finalizers.join(", ")} (${controller})`, ...conditions].join("; ");
}
