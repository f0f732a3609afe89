import { setImmediate as turn } from "node:timers/promises";

/** What an API server answers in time, also where every answer takes it a while. */
export const atOnce = 16;

/** Does the job for each, in order, for so many at once; whoever comes with an alert meanwhile gets a turn. */
export async function eachOf<T>(all: readonly T[], job: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const work = async (): Promise<void> => {
    for (const one of left) {
      await job(one);
      await turn();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
