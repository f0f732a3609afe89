import { overall } from "../rollout/exposure/exposure.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { isSettled } from "../rollout/transitions/model.ts";
import { baselinesOnRecord } from "../rollout/verdict/on-record.ts";
import type { Known } from "./analyzer.ts";

/** Until when somebody drills, or works where everybody knows of it; an instant, set on the Rollout by a person. */
export const drillAnnotation = "rampart.dev/drill-until";
export const maintenanceAnnotation = "rampart.dev/maintenance-until";

export interface Facts {
  readonly known: readonly Known[];
  readonly drainFailures: ReadonlyMap<string, number>;
  readonly plan: (system: string) => Plan | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus and the rules are told of the rollouts, as it reads them. */
export function exposition({ known, drainFailures, plan, now }: Facts): string {
  const rows = (of: (one: Known) => Row[]): Row[] => known.flatMap(of);
  const isUntil = (annotation: string) =>
    rows(({ live: { spec, annotations } }) => [
      { labels: { system: spec.system }, value: Date.parse(annotations[annotation] ?? "") / 1000 > now ? 1 : 0 },
    ]);
  return [
    family("rampart_rollout_info", "gauge", "Which attempt is under way.", rows(infoOf)),
    family(
      "rampart_rollout_weight",
      "gauge",
      "Percent of everybody that a track gets.",
      rows((one) => weightsOf(one, plan(one.live.spec.system))),
    ),
    family("rampart_baseline", "gauge", "What stable was like beside the last canary.", rows(baselinesOf)),
    family("rampart_drill_active", "gauge", "Somebody drills.", isUntil(drillAnnotation)),
    family("rampart_maintenance_active", "gauge", "Planned work is on.", isUntil(maintenanceAnnotation)),
    family(
      "rampart_drain_failures_total",
      "counter",
      "Drains that could not be done at once.",
      rows(({ live: { spec } }) => [{ labels: { system: spec.system }, value: drainFailures.get(spec.system) ?? 0 }]),
    ),
  ].join("");
}

function infoOf({ live: { spec } }: Known): Row[] {
  const { system, attempt, revision, phase = "settled" } = spec;
  return [{ labels: { system, attempt: String(attempt), revision, phase }, value: 1 }];
}

const baselinesOf = ({ live }: Known): Row[] =>
  [...baselinesOnRecord(live)].map(([metric, value]) => ({
    labels: { system: live.spec.system, metric, of: "recorded" },
    value,
  }));

function weightsOf({ live: { spec }, effective }: Known, plan: Plan | undefined): Row[] {
  const sizes = plan?.segments.map(({ name, share }) => ({ segment: name, share })) ?? [];
  const canary = isSettled(spec) ? 0 : overall(effective, sizes);
  const row = (track: string, value: number): Row => ({ labels: { system: spec.system, track }, value });
  return [row("canary", canary), row("stable", 100 - canary)];
}

function family(name: string, type: "gauge" | "counter", help: string, rows: readonly Row[]): string {
  const lines = rows.map(({ labels, value }) => `${name}{${labelsText(labels)}} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

const labelsText = (labels: Row["labels"]): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(",");
