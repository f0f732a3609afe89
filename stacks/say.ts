import * as pulumi from "@pulumi/pulumi";
import type { Decision } from "../rollout/transitions/decide-step.ts";
import { formatReason } from "../rollout/transitions/reason.ts";

/** To the engine: the program has failed and has said why. */
const saidWhy = 32;

/**
 * Says what isn't done and why, and ends with a failure once all that may move has moved. Only a preview with somebody's
 * way down in it goes on: an update that began with it must not be kept from taking users to safety.
 */
export function say(decisions: readonly Decision[]): void {
  for (const { tried, reasons, notes } of decisions) {
    for (const note of notes) void pulumi.log.warn(note);
    for (const reason of reasons) void pulumi.log.error(formatReason(tried, reason));
  }
  const isRefused = decisions.some(({ reasons }) => reasons.length > 0);
  const goesDown = decisions.some(({ kind }) => kind === "down");
  if (isRefused && !(pulumi.runtime.isDryRun() && goesDown)) process.exitCode = saidWhy;
}
