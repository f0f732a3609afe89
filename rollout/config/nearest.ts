/** How many single-letter changes turn one word into the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + change));
    }
    row = next;
  }
  return row[to.length]!;
}

/** The allowed word someone most likely meant, or undefined when none is close: a wild guess helps nobody. */
export function nearestWord(word: string, allowed: readonly string[]): string | undefined {
  if (word.length > 80) return undefined;
  const lower = word.toLowerCase();
  const scored = allowed.map((candidate) => ({ candidate, score: distance(lower, candidate.toLowerCase()) }));
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (least, one) => (least === undefined || one.score < least.score ? one : least),
    undefined,
  );
  if (!best) return undefined;
  const isClose = best.score <= Math.max(2, Math.floor(best.candidate.length / 3));
  return isClose ? best.candidate : undefined;
}

/** The allowed number closest to a value; of two equally close ones the lower, because down is the safe side. */
export function nearestNumber(value: number, allowed: readonly number[]): number | undefined {
  return [...allowed]
    .sort((a, b) => a - b)
    .reduce<number | undefined>(
      (best, one) => (best === undefined || Math.abs(one - value) < Math.abs(best - value) ? one : best),
      undefined,
    );
}
