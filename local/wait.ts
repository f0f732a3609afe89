import { setTimeout as pause } from "node:timers/promises";

/** Waits until the condition gives something; its last error, if any, explains a time-out. */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  { timeout = 60_000, interval = 50 } = {},
): Promise<T> {
  const end = Date.now() + timeout;
  let reason: unknown;
  do {
    try {
      const result = await condition();
      if (result !== undefined && result !== false) return result;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    await pause(interval);
  } while (Date.now() < end);
  const why = reason instanceof Error ? `: ${reason.message}` : "";
  throw new Error(`${what}: not within ${timeout / 1000} s${why}`, { cause: reason });
}
