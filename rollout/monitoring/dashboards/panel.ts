import type { metrics } from "../../plan/metrics.ts";

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
