import assert from "node:assert/strict";
import fc from "fast-check";
import {
  appendToLog,
  type LogEntry,
  type LogEvent,
  logGenesis,
  logHead,
  replayLog,
  restorable,
  verifyLog,
} from "../../../rollout/evidence/log.ts";

const owner = { system: "wdbx", stack: "production", attempt: 3 };
const phases = ["prep", "canary-5", "canary-25", "full"];
const event = (kind: LogEvent["kind"], phase: string, at: number): LogEvent => ({
  at,
  kind,
  phase,
  artifact: "registry.example/wdbx@sha256:bbb",
  revision: "7c9d1e",
  planDigest: `sha256:${"1".repeat(64)}`,
  step: 1,
  reason: "",
  evidence: [],
});
const logOf = (...events: [LogEvent["kind"], string][]): LogEntry[] =>
  events.reduce<LogEntry[]>(
    (log, [kind, phase], index) => appendToLog(owner, log, event(kind, phase, 1000 + index)),
    [],
  );
const codes = (log: LogEntry[], head?: string): string[] => [
  ...new Set(verifyLog(owner, log, head).map(({ code }) => code)),
];

const climb = logOf(
  ["landed", "prep"],
  ["passed", "prep"],
  ["stepped", "canary-5"],
  ["passed", "canary-5"],
  ["stepped", "canary-25"],
);
const anyLog = fc
  .array(
    fc.tuple(
      fc.constantFrom("landed", "stepped", "went-down", "passed", "voided", "aborted", "verdict"),
      fc.constantFrom(...phases),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((events) => logOf(...(events as [LogEvent["kind"], string][])));

describe("the log of an attempt", () => {
  it("is whole after any number of appends", () => {
    fc.assert(fc.property(anyLog, (log) => assert.deepEqual(codes(log, logHead(owner, log)), [])));
  });

  it("shows an entry that is left out, wherever it was", () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), (log, pick) => {
        const at = pick % log.length;
        assert.notDeepEqual(codes(log.toSpliced(at, 1), logHead(owner, log)), []);
      }),
    );
  });

  it("shows any change of any entry", () => {
    const change = fc.constantFrom<Partial<LogEntry>>(
      { kind: "passed" },
      { phase: "full" },
      { reason: "fine" },
      { at: 5 },
      { step: 9 },
      { seq: 40 },
    );
    fc.assert(
      fc.property(anyLog, fc.nat(), change, (log, pick, changed) => {
        const at = pick % log.length;
        const altered = { ...log[at]!, ...changed };
        if (JSON.stringify(altered) === JSON.stringify(log[at])) return;
        assert.ok(codes(log.with(at, altered)).includes("altered"));
      }),
    );
  });

  it("names what is wrong: a gap, a broken link, a foreign log, an end that is missing, a clock set back", () => {
    assert.deepEqual(codes(climb.toSpliced(1, 1)), ["gap"]);
    const branch = appendToLog(owner, climb.slice(0, 2), event("aborted", "prep", 1002));
    assert.deepEqual(codes([...branch, ...climb.slice(3)]), ["broken-link"]);
    assert.deepEqual([...new Set(verifyLog({ ...owner, attempt: 4 }, climb).map(({ code }) => code))], ["foreign"]);
    assert.deepEqual(codes(climb.slice(0, -1), logHead(owner, climb)), ["wrong-head"]);
    assert.throws(() => appendToLog(owner, climb, event("stepped", "full", 999)), /clock set back/);
  });

  it("begins with a hash of its own for every attempt", () => {
    assert.notEqual(logGenesis(owner), logGenesis({ ...owner, attempt: 4 }));
    assert.equal(logHead(owner, []), logGenesis(owner));
  });

  it("replays to the phase, the passes that count, and the abort", () => {
    assert.deepEqual(replayLog(climb, phases).passed, ["prep", "canary-5"]);
    assert.equal(replayLog(climb, phases).phase, "canary-25");
    const down = appendToLog(owner, climb, event("went-down", "canary-5", 2000));
    assert.deepEqual(replayLog(down, phases).passed, ["prep"]);
    const aborted = appendToLog(owner, climb, { ...event("aborted", "canary-25", 2000), reason: "error ratio" });
    assert.deepEqual(replayLog(aborted, phases).aborted, { at: 2000, reason: "error ratio" });
  });

  it("lets a rebuilt cluster climb as far as it was, not past a void, and not at all after an abort", () => {
    assert.equal(restorable(climb, phases), "canary-25");
    assert.equal(restorable(appendToLog(owner, climb, event("voided", "canary-5", 2000)), phases), "canary-5");
    assert.equal(restorable(appendToLog(owner, climb, event("aborted", "canary-25", 2000)), phases), "prep");
    assert.equal(restorable([], phases), "prep");
  });

  it("never restores to a phase beyond one that hasn't passed", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const to = phases.indexOf(restorable(log, phases)!);
        const { passed } = replayLog(log, phases);
        assert.ok(phases.slice(0, to).every((phase) => passed.includes(phase)));
      }),
    );
  });
});
