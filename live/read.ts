import { z } from "zod";
import { specSchema as spec, statusSchema as status } from "../rollout/verdict/schema.ts";
import type { Api } from "./api.ts";
import { LiveError } from "./live-error.ts";
import { abortAnnotation, type LiveObject, type LiveSystem, type LiveSystems } from "./model.ts";
import { plansPath, rolloutPath, rolloutsPath } from "./paths.ts";
import type { Listed } from "./watched.ts";

const metadata = z.object({
  namespace: z.string(),
  uid: z.string(),
  generation: z.number().default(0),
  resourceVersion: z.string().default(""),
  annotations: z.record(z.string(), z.string()).default({}),
});
const rollout = z.object({ metadata, spec, status: status.prefault({}) });
const plan = z.object({
  metadata,
  spec: z.object({ system: z.string(), versions: z.record(z.string(), z.unknown()) }),
  status: z.object({ settled: z.object({ artifact: z.string(), attempt: z.number() }).optional() }).default({}),
});

/** Gives a kind of all namespaces; undefined where there is no such kind. */
export type Lists = (path: string) => Promise<Listed | undefined>;

/** As it is at this moment. */
export const listsOf =
  (api: Api): Lists =>
  (path) =>
    api.get(path) as Promise<Listed | undefined>;

/** Every system of the cluster as it is now; undefined where the platform layer isn't there yet. */
export async function readLive(api: Api, list: Lists = listsOf(api)): Promise<LiveSystems | undefined> {
  const [rollouts, plans] = await Promise.all([list(rolloutsPath), list(plansPath)]);
  if (rollouts === undefined || plans === undefined) return undefined;
  const systems: Record<string, LiveSystem> = {};
  for (const item of plans.items) {
    const { metadata, spec, status } = madeOnce(item, () => parse(api, "rolloutplans", plan, item));
    const { settled } = status;
    const listedPlans = Object.keys(spec.versions);
    systems[spec.system] = { namespace: metadata.namespace, listedPlans, ...(settled ? { record: settled } : {}) };
  }
  for (const item of rollouts.items) {
    const { namespace, rollout: live } = madeOnce(item, () => {
      const found = parse(api, "rollouts", rollout, item);
      return { namespace: found.metadata.namespace, rollout: liveObject(found) };
    });
    const { system } = live.spec;
    systems[system] = { listedPlans: [], ...systems[system], namespace, rollout: live };
  }
  return systems;
}

const made = new WeakMap<object, unknown>();

/** Of the same object the same is made. */
export function madeOnce<T>(item: unknown, action: () => T): T {
  if (typeof item !== "object" || item === null) return action();
  if (!made.has(item)) made.set(item, action());
  return made.get(item) as T;
}

/** One system's Rollout as it is now. */
export async function readRollout(api: Api, namespace: string): Promise<LiveObject | undefined> {
  const found = await api.get(rolloutPath(namespace));
  return found === undefined ? undefined : liveObject(parse(api, "rollouts", rollout, found));
}

/** An abort that a person asked for counts at once, as it does for the admission policies. */
function liveObject({
  metadata: { uid, generation, resourceVersion, annotations },
  spec,
  status,
}: z.infer<typeof rollout>): LiveObject {
  const isAsked = annotations[abortAnnotation] === String(spec.attempt) && status.aborted?.attempt !== spec.attempt;
  const asked = { attempt: spec.attempt, trigger: "a person", reason: `annotation ${abortAnnotation}`, to: {} };
  return {
    uid,
    generation,
    resourceVersion,
    annotations,
    spec: { ...spec, phase: spec.phase },
    status: { ...status, aborted: isAsked ? asked : status.aborted } as LiveObject["status"],
  };
}

function parse<T>(api: Api, kind: string, schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (!error) return data;
  const [issue] = error.issues;
  throw new LiveError(
    `${api.context}: the ${kind} there aren't those of this version of Rampart (${issue?.path.join(".")}: ${issue?.message}); ` +
      "run pulumi up for the platform stack first",
  );
}
