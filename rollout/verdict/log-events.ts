import { type LogEntry, type LogEvent, replayLog } from "../evidence/log.ts";
import { currentAbort, isSettled, placeOf } from "../transitions/model.ts";
import type { Watched } from "./model.ts";

/**
 * What the log of an attempt doesn't say yet. It follows from what is, not from what has changed, so an entry that was
 * lost with whoever wanted to write it is made up for at the next look, and two that look write it once.
 */
export function missingEvents(watched: Watched, log: readonly LogEntry[], now: number): LogEvent[] {
  const { spec, status } = watched;
  const phases = spec.phases.map(({ name }) => name);
  const state = replayLog(log, phases);
  const at = Math.max(Math.floor(now), log.at(-1)?.at ?? 0);
  const event = (kind: LogEvent["kind"], phase: string, reason: string, evidence: string[] = []): LogEvent => ({
    ...{ at, kind, phase, reason, evidence },
    ...{ artifact: spec.artifact, revision: spec.revision, planDigest: spec.planDigest, step: spec.step },
  });
  if (isSettled(spec)) {
    return log.length === 0 || state.settled ? [] : [event("settled", phases.at(-1)!, "everybody has it")];
  }
  const here = spec.phase ?? phases[0]!;
  const move = moveTo(here, state.phase, phases);
  const passed = status.passed.filter(({ attempt }) => attempt === spec.attempt).map(({ phase }) => phase);
  const known =
    move === "went-down" ? state.passed.filter((name) => phases.indexOf(name) < phases.indexOf(here)) : state.passed;
  const abort = currentAbort(watched);
  const said = status.verdict?.reason ?? "";
  return [
    ...(move ? [event(move, here, placeOf(spec))] : []),
    ...known.filter((name) => !passed.includes(name)).map((name) => event("voided", name, said)),
    ...status.passed
      .filter(({ phase }) => passed.includes(phase) && !known.includes(phase))
      .map(({ phase, evidence, restored }) =>
        event(restored ? "restored" : "passed", phase, said, evidence ? [evidence] : []),
      ),
    ...(abort && !state.aborted ? [event("aborted", here, `${abort.trigger}: ${abort.reason}`)] : []),
    ...(!abort && passed.includes(phases.at(-1)!) && !state.complete ? [event("completed", here, said)] : []),
  ];
}

function moveTo(here: string, before: string | undefined, phases: readonly string[]): LogEvent["kind"] | undefined {
  if (before === undefined) return "landed";
  if (before === here) return undefined;
  return phases.indexOf(here) < phases.indexOf(before) ? "went-down" : "stepped";
}
