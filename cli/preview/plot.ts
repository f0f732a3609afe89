import type { SeriesByName } from "../../rollout/verdict/model.ts";

const bars = "▁▂▃▄▅▆▇█";
const widest = 24;

/** A rate over time as one line of text: the share of bad ones in each stretch, highest bar for the worst. */
export function sparkline(windows: readonly { n: number; k: number }[]): string {
  const size = Math.max(1, Math.ceil(windows.length / widest));
  const rates = Array.from({ length: Math.ceil(windows.length / size) }, (_, index) => {
    const part = windows.slice(index * size, (index + 1) * size);
    const [n, k] = [sum(part.map((one) => one.n)), sum(part.map((one) => one.k))];
    return n === 0 ? undefined : k / n;
  });
  const worst = Math.max(...rates.map((rate) => rate ?? 0));
  return rates
    .map((rate) => (rate === undefined ? "·" : bars[worst === 0 ? 0 : Math.round((rate / worst) * (bars.length - 1))]))
    .join("");
}

/** Each series that has counted something: its name, its line, and all of it together. */
export function plots(series: SeriesByName): string[] {
  return Object.entries(series).flatMap(([name, windows]) => {
    const [n, k] = [sum(windows.map((one) => one.n)), sum(windows.map((one) => one.k))];
    return n === 0 ? [] : [`${name} ${sparkline(windows)} ${Number(((100 * k) / n).toPrecision(3))} % of ${n}`];
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
