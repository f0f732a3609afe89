import { setTimeout as sleep } from "node:timers/promises";
import { isOwnPolicyDenial, isWriteRace } from "./api-error.ts";
import { UnknownKindError } from "./cluster.ts";

/** For how long an error is likely to go away by itself; 0 if it isn't. */
function patienceMillis(error: unknown): number {
  if (isOwnPolicyDenial(error)) return 2000;
  if (isWriteRace(error)) return 2000;
  if (error instanceof UnknownKindError) return 10_000; // a CRD of the same update
  return 0;
}

const pauseMillis = 100;

/** Tries a write again while it fails for a reason that is about to go away. */
export async function patiently<Result>(write: () => Promise<Result>, cancelled: AbortSignal): Promise<Result> {
  const start = Date.now();
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (Date.now() - start >= patienceMillis(error) || cancelled.aborted) throw error;
      await sleep(pauseMillis);
    }
  }
}
