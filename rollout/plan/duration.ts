const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
type Unit = keyof typeof secondsPerUnit;

/** A span of time as people write it: `30s`, `5m`, `48h`, `14d`. */
export type Duration = `${number}${Unit}`;

const form = /^(0|[1-9]\d{0,6})([smhd])$/;

export const isDuration = (text: string): text is Duration => form.test(text);

export function toSeconds(duration: Duration): number {
  const parts = form.exec(duration);
  if (!parts) throw new RangeError(`${duration} is not a duration; write a whole number and s, m, h or d, like 48h`);
  return Number(parts[1]) * secondsPerUnit[parts[2] as Unit];
}

/** In the two largest units: `1 d 3 h`, `40 s`. */
export function inWords(seconds: number): string {
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ];
  const parts: string[] = [];
  let left = Math.ceil(seconds);
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
