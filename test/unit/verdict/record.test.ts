import assert from "node:assert/strict";
import fc from "fast-check";
import type { AnalyzerStatus, Seen, Watched } from "../../../rollout/verdict/model.ts";
import { nextStatus } from "../../../rollout/verdict/next-status.ts";
import {
  type PhaseRecord,
  parseRecord,
  recordDigest,
  recordOfAbort,
  recordOfPass,
  replayDifferences,
} from "../../../rollout/verdict/record.ts";
import { goodMinute, seen, start, stored, watched } from "./fixture.ts";

const scene = { pods: [], events: [], logs: "there" };
const minuteOf = fc.record({
  failed: fc.integer({ min: 0, max: 9 }),
  soak: fc.constantFrom(60, 60, 60, 0),
  events: fc.constantFrom(...Array.from({ length: 40 }, () => 0), 1),
  skips: fc.constantFrom(1, 1, 1, 1, 2, 45),
  memory: fc.constantFrom(12, 12, 12, 12, 30, undefined),
  isBlind: fc.constantFrom(false, false, false, true),
  missing: fc.constantFrom<string[]>([], [], ["WDBX-CC-01"]),
  onTarget: fc.constantFrom(true, true, true, false),
});

type Minute = Parameters<typeof goodMinute>[1] & {
  skips: number;
  memory: number | undefined;
  isBlind: boolean;
  missing: string[];
  onTarget: boolean;
};

interface Look {
  readonly before: Watched;
  readonly saw: Seen;
  readonly next: AnalyzerStatus;
}

/** Every look of a phase, each on what the API server gave back of the one before. */
function live(minutes: readonly Minute[]): Look[] {
  const looks: Look[] = [];
  let through = start + 60;
  let status: Partial<AnalyzerStatus> = stored(nextStatus(watched(), seen()));
  for (const { skips, memory, isBlind, missing, onTarget, ...counts } of minutes) {
    through += skips * 60;
    const before = watched(status);
    const saw = seen({
      now: through + 25.25,
      windows: isBlind ? {} : goodMinute(through, counts),
      readings: memory === undefined ? {} : { "memory 1m:canary": memory },
      effective: { all: onTarget ? 5 : 0 },
      missingEvidence: missing,
      ...(isBlind && { blind: "nothing can be measured" }),
    });
    const next = nextStatus(before, saw);
    looks.push({ before, saw, next });
    status = stored(next);
  }
  return looks;
}

const filed = (record: PhaseRecord): PhaseRecord => parseRecord(JSON.stringify(record), "r.json").record;
const passedIn = ({ passed }: { passed: readonly { phase: string }[] }) => passed.map(({ phase }) => phase);

describe("the record of a phase", function () {
  this.timeout(30_000);

  it("comes to the verdict that was said at that look, whatever was counted before", () => {
    let passes = 0;
    let aborts = 0;
    fc.assert(
      fc.property(fc.array(minuteOf, { minLength: 4, maxLength: 30 }), fc.constantFrom(0, 0, 90), (minutes, worse) => {
        for (const { before, saw, next } of live(minutes.map((one) => ({ ...one, failed: one.failed * worse })))) {
          const record = filed(recordOfPass("production", before, saw));
          assert.deepEqual(replayDifferences(record), []);
          assert.equal(record.said.outcome, next.verdict!.outcome);
          assert.equal(record.said.reason, next.verdict!.reason);
          assert.deepEqual(record.said.passed, passedIn(next));
          assert.equal(record.said.aborted?.trigger, next.aborted?.trigger);
          passes += Number(next.verdict!.outcome === "Passed");
          aborts += Number(next.aborted !== undefined);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    assert.ok(passes > 20 && aborts > 20, `${passes} passes and ${aborts} aborts were among them`);
  });

  it("finds the end of an attempt again that its counts have brought about, without being told of it", () => {
    const bad = { failed: 400, soak: 60, events: 0, skips: 1, memory: 12, isBlind: false, missing: [], onTarget: true };
    const end = live(Array.from({ length: 6 }, () => bad)).find(({ next }) => next.aborted)!;
    const after = watched(stored(end.next));
    const record = filed(
      recordOfAbort("production", after, seen({ now: end.saw.now + 3, effective: { all: 0 } }), scene),
    );
    assert.equal(record.watched.status.aborted, undefined);
    assert.equal(record.said.aborted?.trigger, "errors");
    assert.deepEqual(replayDifferences(record), []);
  });

  it("takes an alert at its word, since the windows don't hold what Prometheus has seen", () => {
    const at = new Date((start + 100) * 1000).toISOString();
    const aborted = { attempt: 2, at, trigger: "latency", reason: "1.2 s", to: { all: 0 } };
    const record = filed(recordOfAbort("production", watched({ aborted }), seen({ now: start + 101 }), scene));
    assert.equal(record.said.aborted?.trigger, "latency");
    assert.equal(record.said.outcome, "Failed");
    assert.deepEqual(replayDifferences(record), []);
    assert.deepEqual(record.scene, scene);
  });

  it("says in which points the rules come to something else than they did", () => {
    const [look] = live([
      { failed: 0, soak: 60, events: 0, skips: 1, memory: 12, isBlind: false, missing: [], onTarget: true },
    ]);
    const record = recordOfPass("production", look!.before, look!.saw);
    const other = { ...record, said: { ...record.said, outcome: "Passed" as const, passed: ["canary-5"] } };
    assert.deepEqual(
      replayDifferences(other).map((text) => text.split(":")[0]),
      ["outcome", "passed"],
    );
  });

  it("has another digest as soon as one count is another", () => {
    const [look] = live([
      { failed: 3, soak: 60, events: 0, skips: 1, memory: 12, isBlind: false, missing: [], onTarget: true },
    ]);
    const record = recordOfPass("production", look!.before, look!.saw);
    const text = JSON.stringify(record);
    assert.equal(parseRecord(text, "r.json").digest, recordDigest(record));
    assert.notEqual(parseRecord(text.replace('"k":1197', '"k":1198'), "r.json").digest, recordDigest(record));
  });

  it("is refused by its file where it isn't one", () => {
    assert.throws(() => parseRecord("{", "r.json"), /r\.json: not JSON/);
    assert.throws(() => parseRecord("{}", "r.json"), /r\.json: not the record of a phase \(format/);
  });
});
