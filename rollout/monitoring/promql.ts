import type { SystemName } from "../plan/systems.ts";

/** A range as Prometheus writes it; also the last part of a recorded name. */
export type Window = `${number}${"s" | "m" | "h" | "d"}`;

/** Series of one system: `where` holds further matchers, as PromQL writes them. */
export const of = (name: string, system: SystemName, where = ""): string =>
  `${name}{system="${system}"${where && `,${where}`}}`;

/** A raw name with matchers of its own, like `dpg_connection_attempts_total{result="error"}`, of one system. */
export function raw(series: string, system: SystemName, suffix = ""): string {
  const [name, matchers] = series.replace("}", "").split("{");
  return of(`${name}${suffix}`, system, matchers ?? "");
}

const aggregate = (operator: string) => (expression: string, labels: readonly string[]) =>
  `${operator} by (${labels.join(", ")}) (${expression})`;

const track = ["system", "track"];
export const sumOf = (expression: string, labels: readonly string[] = track) => aggregate("sum")(expression, labels);
export const maxOf = (expression: string, labels: readonly string[] = track) => aggregate("max")(expression, labels);
export const avgOf = (expression: string, labels: readonly string[] = track) => aggregate("avg")(expression, labels);
export const minOf = (expression: string, labels: readonly string[] = track) => aggregate("min")(expression, labels);

/** Sums of per-series changes: never the change of a sum, which a restarted pod would make negative. */
export const increaseOf = (series: string, window: string) => sumOf(`increase(${series}[${window}])`);
export const rateOf = (series: string, window: string) => sumOf(`rate(${series}[${window}])`);

/** Nothing over nothing is no sample, not NaN. */
export const ratioOf = (part: string, whole: string) => `${part} / (${whole} > 0)`;

/**
 * Events of the window. `increase` doesn't see the first event of a counter that is born with it, so a series that
 * wasn't there one window ago counts with all it has. Looking back over a whole window, and not at one moment of it,
 * keeps a single missed scrape from making old events new.
 */
export const eventsOf = (counter: string, window: string) =>
  sumOf(
    `(${counter} unless last_over_time(${counter}[${window}] offset ${window})) or increase(${counter}[${window}])`,
  );

/** A part that nobody has counted yet is 0 wherever the whole is known. */
export const zeroWhere = (part: string, whole: string) => `${part} or 0 * ${whole}`;
