import { z } from "zod";

/** What an attempt left behind when it ended, for those who look into it. */
export interface Scene {
  readonly pods: readonly ScenePod[];
  readonly events: readonly SceneEvent[];
  /** Where the rest can be read. */
  readonly logs: string;
  /** Why something of it is missing. */
  readonly problem?: string | undefined;
}

export interface ScenePod {
  readonly name: string;
  readonly track: string;
  readonly phase: string;
  readonly image: string;
  readonly isReady: boolean;
  readonly restarts: number;
  /** Why its container waits or has ended last, if so. */
  readonly trouble?: string | undefined;
}

export interface SceneEvent {
  readonly at: string;
  readonly about: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

export const sceneSchema = z.object({
  pods: z.array(
    z.object({
      name: z.string(),
      track: z.string(),
      phase: z.string(),
      image: z.string(),
      isReady: z.boolean(),
      restarts: z.number(),
      trouble: z.string().optional(),
    }),
  ),
  events: z.array(
    z.object({ at: z.string(), about: z.string(), reason: z.string(), message: z.string(), count: z.number() }),
  ),
  logs: z.string(),
  problem: z.string().optional(),
});

const mostPods = 50;
const mostEvents = 100;
const longestText = 300;

/** As the API gives them, as far as they are read. */
export interface PodObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready?: boolean;
      readonly restartCount?: number;
      readonly state?: ContainerState;
      readonly lastState?: ContainerState;
    }[];
  };
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string };
}

export interface EventObject {
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp?: string };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
}

const cut = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text);

/** The canary's pods first, since it is them that the question is about; the newest events first. */
export function sceneOf(pods: readonly PodObject[], events: readonly EventObject[], logs: string): Scene {
  const shownPods = pods.map(podOf).toSorted((a, b) => Number(b.track === "canary") - Number(a.track === "canary"));
  const shownEvents = events.map(eventOf).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return { pods: shownPods.slice(0, mostPods), events: shownEvents.slice(0, mostEvents), logs };
}

function podOf({ metadata, spec, status }: PodObject): ScenePod {
  const app = spec?.containers?.find(({ name }) => name === "app") ?? spec?.containers?.[0];
  const own = status?.containerStatuses?.find(({ name }) => name === app?.name);
  const trouble = troubleOf(own?.state) ?? troubleOf(own?.lastState);
  return {
    name: metadata.name,
    track: metadata.labels?.["rampart.dev/track"] ?? "",
    phase: status?.phase ?? "Unknown",
    image: app?.image ?? "",
    isReady: own?.ready ?? false,
    restarts: own?.restartCount ?? 0,
    ...(trouble && { trouble: cut(trouble) }),
  };
}

function troubleOf(state: ContainerState | undefined): string | undefined {
  const { waiting, terminated } = state ?? {};
  if (waiting) return [waiting.reason, waiting.message].filter(Boolean).join(": ");
  if (!terminated) return undefined;
  return [`${terminated.reason ?? "ended"} with code ${terminated.exitCode ?? "unknown"}`, terminated.message]
    .filter(Boolean)
    .join(": ");
}

function eventOf({ metadata, involvedObject, reason, message, count, ...times }: EventObject): SceneEvent {
  return {
    at: times.lastTimestamp ?? times.eventTime ?? metadata.creationTimestamp ?? "",
    about: `${involvedObject?.kind ?? "object"} ${involvedObject?.name ?? ""}`.trim(),
    reason: reason ?? "",
    message: cut(message ?? ""),
    count: count ?? 1,
  };
}
