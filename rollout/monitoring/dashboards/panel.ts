import type { metrics } from "../../plan/metrics.ts";

export type Json = Readonly<Record<string, unknown>>;

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Line {
  readonly at: number;
  readonly colour: "green" | "orange" | "red";
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: "timeseries" | "stat" | "table";
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Targets and alert lines, drawn into the panel. */
  readonly lines?: readonly Line[];
}

export interface Dashboard {
  /** Also the name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly refresh: string;
  readonly panels: readonly Panel[];
}

type Unit = (typeof metrics)[keyof typeof metrics]["unit"];

/** How Grafana calls the units that plans use. */
export const grafanaUnit: Readonly<Record<Unit, string>> = {
  ratio: "percentunit",
  ms: "ms",
  "per second": "ops",
  "MB per second": "MBs",
  GB: "decgbytes",
  count: "short",
  minutes: "m",
  "USD per month": "currencyUSD",
  "per hour": "percentunit",
};

const source = { type: "prometheus", uid: "$datasource" };
const columns = 3;
const size = { w: 24 / columns, h: 8 };

/** As Grafana reads it from a file. Its newer format is refused there. */
export function render({ uid, title, refresh, panels }: Dashboard): Json {
  return {
    uid,
    title,
    refresh,
    editable: false,
    schemaVersion: 39,
    tags: ["rampart"],
    time: { from: "now-3h", to: "now" },
    timezone: "utc",
    templating: {
      list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus", refresh: 1, hide: 0 }],
    },
    annotations: {
      list: [
        {
          name: "Steps of rollouts",
          datasource: source,
          enable: true,
          iconColor: "blue",
          expr: "changes(rampart_rollout_weight[1m]) > 0",
          titleFormat: "{{system}} {{track}}",
        },
      ],
    },
    panels: panels.map(panel),
  };
}

function panel({ title, description, kind, unit, queries, lines = [] }: Panel, index: number): Json {
  const steps = [{ color: "green", value: null }, ...lines.map(({ at, colour }) => ({ color: colour, value: at }))];
  const custom =
    kind === "timeseries" ? { custom: { thresholdsStyle: { mode: lines.length > 0 ? "line" : "off" } } } : {};
  return {
    id: index + 1,
    title,
    description,
    type: kind,
    datasource: source,
    gridPos: { ...size, x: (index % columns) * size.w, y: Math.floor(index / columns) * size.h },
    fieldConfig: { defaults: { unit, thresholds: { mode: "absolute", steps }, ...custom }, overrides: [] },
    options: kind === "timeseries" ? { legend: { showLegend: true, displayMode: "list", placement: "bottom" } } : {},
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode(65 + at),
      datasource: source,
      expr,
      legendFormat: legend,
      ...(kind === "timeseries" ? {} : { instant: true, format: "table" }),
    })),
  };
}
