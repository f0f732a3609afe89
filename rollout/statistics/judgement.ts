/** `Error` is not for tests to say: it means that the numbers themselves couldn't be had. */
export type Outcome = "Passed" | "Failed" | "Inconclusive" | "Running";

export interface Judgement {
  outcome: Outcome;
  /** For people: what was seen, how sure that is, and what it is held against. */
  reason: string;
  estimate?: number;
  /** Where the true value lies, valid at every look. */
  low?: number;
  high?: number;
}

export interface Rules {
  /** Share of the false alarms that this test may cause, over the whole phase. */
  alpha: number;
  /** Chance of passing something that is beyond the limit; 5 % when left out. */
  passAlpha?: number;
  /** Seconds since 1970 at which the phase began: nothing before it counts. */
  phaseStart: number;
  /** The soak is over: what isn't decided now is Inconclusive. */
  ended: boolean;
  /** Fewer trials on the canary than this never decide; fewer events never fail it. */
  minimum: { trials: number; events?: number };
  /** How much counts are known to scatter at least (`dispersionOf` of an earlier phase); 1 when nothing is known. */
  dispersion?: number;
}

export const passAlphaOf = ({ passAlpha }: Rules): number => passAlpha ?? 0.05;

export const undecided = ({ ended }: Rules, reason: string): Judgement => ({
  outcome: ended ? "Inconclusive" : "Running",
  reason,
});

export const enoughEvents = ({ minimum }: Rules, events: number): boolean => events >= (minimum.events ?? 0);

/** Undefined when there is enough to judge. */
export function tooLittle(rules: Rules, trials: number): Judgement | undefined {
  if (trials === 0) return undecided(rules, "no data; no data never passes");
  const { minimum } = rules;
  if (trials >= minimum.trials) return undefined;
  return undecided(rules, `${count(trials)} of the ${count(minimum.trials)} trials that it takes at least`);
}

export interface Proof {
  /** The evidence that the limit is broken has reached what was asked for; likewise that it is kept. */
  broken: boolean;
  kept: boolean;
}

export function decide(
  rules: Rules,
  proof: Proof,
  seen: string,
  interval: Omit<Judgement, "outcome" | "reason">,
): Judgement {
  const { outcome, reason } = proof.broken
    ? { outcome: "Failed" as const, reason: `${seen}: beyond the limit` }
    : proof.kept
      ? { outcome: "Passed" as const, reason: `${seen}: within the limit` }
      : undecided(rules, `${seen}: can't be told yet`);
  return { outcome, reason, ...interval };
}

const groups = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
export const count = (value: number): string => groups.format(value);
export const figure = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "unbounded";
export const percent = (share: number): string => `${figure(share * 100)} %`;
