import { parseQuantity } from "../arithmetic/quantity.ts";
import { isKind, isTrack, kindOf, podOf } from "../baseline/kubernetes/objects.ts";
import { listAt, numberAt, textAt } from "../baseline/look.ts";
import type { PlainResource } from "../baseline/model.ts";
import type { Plan } from "../plan/model.ts";
import { declaredDatabase } from "./declared-database.ts";

/** What is wrong, in words; undefined when the item holds, or when nothing of it is in this stack. */
export type ResourceDecider = (system: Declared) => string | undefined;

/** A system's own resources, and how many times smaller than the plan this stack is. */
export interface Declared {
  plan: Plan;
  resources: readonly PlainResource[];
}

const unless = (holds: boolean, said: string): string | undefined => (holds ? undefined : said);

const workloadOf = ({ resources }: Declared, track: "stable" | "canary"): PlainResource | undefined =>
  resources.find((one) => isTrack(one, track));

const containerOf = (workload: PlainResource): unknown => listAt(podOf(workload)?.spec, "containers")[0];

const replicas =
  (track: "stable" | "canary", least: number): ResourceDecider =>
  (declared) => {
    const workload = workloadOf(declared, track);
    const scaler = declared.resources.find(
      (one) => kindOf(one) === "HorizontalPodAutoscaler" && one.name.includes(`-${track}`),
    );
    const count = scaler ? numberAt(scaler.props, "spec.minReplicas") : numberAt(workload?.props, "spec.replicas");
    return workload
      ? unless((count ?? 1) >= least, `${workload.name} has ${count ?? 1} replicas`)
      : `there is no ${track} track`;
  };

const resources =
  (track: "stable" | "canary", part: "requests" | "limits", cpu: string, memory: string): ResourceDecider =>
  (declared) => {
    const workload = workloadOf(declared, track);
    if (!workload) return `there is no ${track} track`;
    const has = (key: string): number => {
      const text = textAt(containerOf(workload), `resources.${part}.${key}`);
      return text === "" ? 0 : parseQuantity(text);
    };
    const isEnough = has("cpu") >= parseQuantity(cpu) && has("memory") >= parseQuantity(memory);
    return unless(isEnough, `${workload.name}: ${part} are below ${cpu} cores and ${memory}`);
  };

const variables =
  (wanted: Readonly<Record<string, string>>): ResourceDecider =>
  (declared) => {
    const workload = workloadOf(declared, "stable");
    if (!workload) return "there is no stable track";
    const has = Object.fromEntries(
      listAt(containerOf(workload), "env").map((one) => [textAt(one, "name"), textAt(one, "value")]),
    );
    const wrong = Object.entries(wanted).filter(([name, value]) => has[name] !== value);
    return unless(
      wrong.length === 0,
      `${workload.name}: ${wrong.map(([name, value]) => `${name} isn't ${value}`).join(", ")}`,
    );
  };

/** Items about the resources of the system in its own stack. */
export const declared: Readonly<Record<string, ResourceDecider>> = {
  "WDBX-CC-01": replicas("canary", 2),
  "WDBX-CC-02": resources("canary", "requests", "8", "16Gi"),
  "WDBX-CFG-01": replicas("stable", 6),
  "WDBX-CFG-02": resources("stable", "requests", "8", "16Gi"),
  "WDBX-CFG-03": resources("stable", "limits", "16", "32Gi"),
  "WDBX-CFG-04": variables({ WDBX_THREADS: "32", WDBX_CONNECTION_POOL_SIZE: "5000" }),
  "WDBX-CFG-05": variables({ WDBX_MEMORY_LIMIT: "4096" }),
  "WDBX-OPS-07": ({ resources: all }) =>
    unless(
      all.some((one) => kindOf(one) === "HorizontalPodAutoscaler"),
      "no HorizontalPodAutoscaler is declared",
    ),
  "DWCP-CFG-05": (system) =>
    unless(
      workloadOf(system, "stable") !== undefined && workloadOf(system, "canary") !== undefined,
      "one of its two tracks isn't declared",
    ),
  "DWCP-CFG-06": ({ resources: all }) =>
    unless(
      all.some((one) => kindOf(one) === "HTTPRoute"),
      "no HTTPRoute is declared",
    ),
  "DWCP-INF-05": ({ resources: all }) =>
    unless(
      all.some((one) => kindOf(one) === "HTTPRoute"),
      "no HTTPRoute is declared",
    ),
  "BP-INF-06": ({ resources: all }) =>
    unless(
      all.some((one) => isKind(one, "HTTPRoute", "VirtualService")),
      "no route that can split traffic is declared",
    ),
  ...declaredDatabase,
};
