import { setTimeout as pause } from "node:timers/promises";

/** What a new version does wrong. */
export interface Fault {
  readonly what: string;
  readonly faults: object;
  /** How many of the canary's requests it takes, at the least, to tell it from chance. */
  readonly fewest?: number;
  /** Told by rules that Prometheus evaluates: a run has to wait until those of the one before are silent. */
  readonly isSlow?: true;
  /** The process ends again and again: whoever is started anew has forgotten the fault. */
  readonly isAgain?: true;
}

const errors = (ratio: number) => ({ errors: { ratio } });

export const faults = {
  "errors-100": { what: "all fail", faults: errors(1), fewest: 10 },
  "errors-20": { what: "20 % fail", faults: errors(0.2), fewest: 90 },
  "errors-5": { what: "5 % fail", faults: errors(0.05), fewest: 1000, isSlow: true },
  crash: { what: "crash loop", faults: { crash: { exitCode: 1 } }, fewest: 10, isAgain: true },
  "latency-3": { what: "latency ×3", faults: { latency: { fixedMs: 3 } }, isSlow: true },
} as const satisfies Record<string, Fault>;

/** A fault, and how many percent of the requests meet it. */
export interface Case extends Fault {
  readonly weight: number;
  readonly runs: number;
}

export function caseOf(weight: number, name: keyof typeof faults, runs: number): Case {
  return { ...(faults[name] as Fault), weight, runs };
}

/** Requests that it takes, over those that come, in seconds. */
export const floorOf = ({ fewest, weight }: Case, rate: number): number | undefined =>
  fewest && fewest / ((weight / 100) * rate);

/** For `isAgain`; whoever is just being started anew can't be told. */
export async function repeated(action: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(200);
    await action().catch(() => undefined);
  }
}
