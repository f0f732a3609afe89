import type { DrainAction } from "../rollout/transitions/model.ts";
import type { Api } from "./api.ts";
import { LiveError } from "./live-error.ts";
import { objectPath } from "./paths.ts";

/** One action and what became of it. */
export interface Drained {
  readonly action: string;
  readonly error?: string;
}

/** Does what the Rollout itself says about its way down. One action that fails keeps no other from being done. */
export async function drain(api: Api, namespace: string, actions: readonly DrainAction[]): Promise<Drained[]> {
  const done: Drained[] = [];
  for (const action of actions) {
    try {
      await perform(api, namespace, action);
      done.push({ action: action.name });
    } catch (error) {
      done.push({ action: action.name, error: (error as Error).message });
    }
  }
  return done;
}

async function perform(api: Api, namespace: string, action: DrainAction): Promise<void> {
  const { kind, apiVersion, resource, target, body } = action;
  if (kind !== "patch" || !apiVersion || !resource || !body) {
    throw new LiveError(`${action.name}: a drain of kind ${kind} needs the adapter's own runner`);
  }
  await api.patch(objectPath(apiVersion, resource, namespace, target), "merge", JSON.parse(body));
}
