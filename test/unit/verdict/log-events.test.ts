import assert from "node:assert/strict";
import { appendToLog, type LogEntry, replayLog, verifyLog } from "../../../rollout/evidence/log.ts";
import { missingEvents } from "../../../rollout/verdict/log-events.ts";
import type { Watched } from "../../../rollout/verdict/model.ts";
import { ladder } from "../transitions/fixture.ts";
import { start, watched } from "./fixture.ts";

const owner = { system: "wdbx", stack: "production", attempt: 2 };
const phases = ladder.map(({ name }) => name);
const at = (phase: string, passed: string[], more: Partial<Watched["status"]> = {}): Watched => {
  const passes = passed.map((name) => ({ phase: name, revision: "r1", attempt: 2 }));
  return watched({ passed: passes, ...more }, { phase });
};

/** Everything that the log lacks, written as the analyzer writes it. */
const grow = (log: readonly LogEntry[], one: Watched, now = start): LogEntry[] =>
  missingEvents(one, log, now).reduce<LogEntry[]>((all, event) => appendToLog(owner, all, event), [...log]);
const kinds = (log: readonly LogEntry[]): string[] => log.map(({ kind, phase }) => `${kind} ${phase}`);

describe("the log of an attempt", () => {
  it("tells the way up, each thing once, however often somebody looks", () => {
    let log: LogEntry[] = [];
    for (const one of [
      at("prep", []),
      at("prep", []),
      at("prep", ["prep"]),
      at("shadow", ["prep"]),
      at("shadow", ["prep"]),
    ])
      log = grow(log, one);
    assert.deepEqual(kinds(log), ["landed prep", "passed prep", "stepped shadow"]);
    assert.deepEqual(verifyLog(owner, log), []);
  });

  it("makes up for what was missed while nobody looked", () => {
    const log = grow(grow([], at("prep", [])), at("canary-5", ["prep", "shadow"]));
    assert.deepEqual(kinds(log), ["landed prep", "stepped canary-5", "passed prep", "passed shadow"]);
    assert.deepEqual(replayLog(log, phases).passed, ["prep", "shadow"]);
  });

  it("voids by a step down what lies above, and says what else is taken back", () => {
    let log = grow([], at("canary-5", ["prep", "shadow", "canary-5"]));
    log = grow(log, at("shadow", ["prep"]));
    assert.deepEqual(kinds(log).slice(-1), ["went-down shadow"]);
    log = grow(log, at("shadow", ["prep", "shadow"]));
    log = grow(log, at("shadow", ["prep"]));
    assert.deepEqual(kinds(log).slice(-2), ["passed shadow", "voided shadow"]);
    assert.deepEqual(replayLog(log, phases).passed, ["prep"]);
  });

  it("ends with an abort, or with the last pass and the settle", () => {
    const aborted = { attempt: 2, trigger: "errors", reason: "7 %", to: { all: 0 } };
    const ended = grow([], at("canary-5", ["prep", "shadow"], { aborted }));
    assert.equal(kinds(ended).at(-1), "aborted canary-5");
    assert.deepEqual(grow(ended, at("canary-5", ["prep", "shadow"], { aborted })), ended);
    const whole = grow([], at("watch", phases));
    assert.equal(kinds(whole).at(-1), "completed watch");
    const settled = watched({}, { stable: "B", phase: undefined });
    assert.equal(kinds(grow(whole, settled)).at(-1), "settled watch");
    assert.deepEqual(grow([], settled), []);
  });

  it("never has an entry that is older than the one before, whatever a clock says", () => {
    const log = grow(grow([], at("prep", []), start + 500), at("prep", ["prep"]), start);
    assert.deepEqual(verifyLog(owner, log), []);
  });
});
