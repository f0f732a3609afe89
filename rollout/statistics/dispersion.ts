/**
 * How much more the windows scatter than independent requests would. Retries, one broken client or a slow neighbour
 * make errors come in bursts; a test that takes each as news of its own cries wolf. So evidence is divided by this
 * factor (never by less than 1), measured on the very windows that are judged.
 */
export interface Scatter {
  /** Difference between what was counted and what the fitted rate expects. */
  residual: number;
  /** The variance that independent requests would give it. */
  variance: number;
}

/** Before anything was seen: as if a few windows had shown bursts of two errors. Fades as real windows come in. */
const priorFactor = 2;
const priorWindows = 5;
/** What is assumed after so many quiet windows. */
export const priorDispersion = (windows: number): number =>
  (priorWindows * priorFactor + windows) / (priorWindows + windows);

/** Bursts that last for minutes only show in longer blocks. */
const blockLengths = [1, 5, 20];
const fewestBlocks = 4;

export function dispersion(scatters: readonly Scatter[]): number {
  let worst = 1;
  for (const length of blockLengths) {
    if (length > 1 && scatters.length < length * fewestBlocks) break;
    worst = Math.max(worst, factor(scatters, length));
  }
  return worst;
}

function factor(scatters: readonly Scatter[], length: number): number {
  let [squares, variance] = [0, 0];
  for (let at = 0; at < scatters.length; at += length) {
    let residual = 0;
    for (let inner = at; inner < Math.min(at + length, scatters.length); inner += 1) {
      residual += scatters[inner]!.residual;
      variance += scatters[inner]!.variance;
    }
    squares += residual * residual;
  }
  const prior = length === 1 ? priorFactor : 1;
  const blocks = scatters.filter((scatter) => scatter.variance > 0).length / length;
  const measured = blocks > 0 ? squares / variance : prior;
  return (priorWindows * prior + blocks * measured) / (priorWindows + blocks);
}
