import type { Report } from "../../test/postgres/database.ts";
import { quantile } from "../support/measure.ts";

interface Spread {
  readonly median: number;
  readonly p99: number;
}

/** Seconds without an acknowledged row, by either way that applications take, and rows lost. */
export interface Gaps {
  readonly what: string;
  readonly runs: number;
  readonly pooler: Spread;
  readonly service: Spread;
  readonly lost: number;
}

export function gapsOf(what: string, reports: readonly Report[]): Gaps {
  const spread = (way: keyof Report["gaps"]): Spread => {
    const found = reports.map(({ gaps }) => gaps[way]);
    return { median: quantile(found, 0.5), p99: quantile(found, 0.99) };
  };
  const lost = Math.max(...reports.map((each) => each.lost));
  return { what, runs: reports.length, pooler: spread("pooler"), service: spread("service"), lost };
}

export function gapLine({ what, runs, pooler, service, lost }: Gaps): string {
  const said = ({ median, p99 }: Spread): string => `${median} s (p99 ${p99})`;
  return `${what.padEnd(42)} n=${runs}  no row for ${said(pooler)} by the pools, ${said(service)} by the Service; ${lost} rows lost`;
}
