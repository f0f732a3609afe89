import assert from "node:assert/strict";
import { parseAllowedSigners } from "../../../rollout/evidence/allowed-signers.ts";
import { formatEvidence } from "../../../rollout/evidence/evidence-file.ts";
import { appendToLog, type LogEntry, type LogEvent, logHead } from "../../../rollout/evidence/log.ts";
import { formatLog } from "../../../rollout/evidence/log-file.ts";
import { publicKeyTextOf, signWithPem } from "../../../rollout/evidence/ssh-signature.ts";
import { evidenceNamespace, instantOf, type Statement, statementBytes } from "../../../rollout/evidence/statement.ts";
import { missingEvents } from "../../../rollout/verdict/log-events.ts";
import type { KnownStatus } from "../../../rollout/verdict/model.ts";
import { nextStatus } from "../../../rollout/verdict/next-status.ts";
import { restoredBy, restoreItem } from "../../../rollout/verdict/restored.ts";
import { pem } from "../evidence/fixture.ts";
import { goodMinute, seen, spec, start, stored, watched } from "./fixture.ts";

const key = pem();
const signers = parseAllowedSigners(
  `sam@example.com namespaces="rampart-evidence" ${publicKeyTextOf(key)} roles=sre,support-lead`,
);
const owner = { system: "wdbx", stack: "production", attempt: 9 };
const { artifact, revision, planDigest } = spec();

/** The log of the lost cluster: what happened there, in order. */
const logOf = (...events: [LogEvent["kind"], string][]): LogEntry[] =>
  events.reduce<LogEntry[]>((log, [kind, name], index) => {
    const event = { at: start + index, kind, phase: name, artifact, revision, planDigest, step: index, reason: "" };
    return appendToLog(owner, log, { ...event, evidence: [] });
  }, []);
const climb: [LogEvent["kind"], string][] = [
  ...(["landed", "passed"] as const).map((kind): [LogEvent["kind"], string] => [kind, "prep"]),
  ...(["stepped", "passed"] as const).map((kind): [LogEvent["kind"], string] => [kind, "shadow"]),
  ...(["stepped", "passed"] as const).map((kind): [LogEvent["kind"], string] => [kind, "canary-5"]),
  ["stepped", "half"],
];

interface Given {
  log?: readonly LogEntry[];
  head?: string;
  said?: Partial<Statement>;
  own?: readonly LogEntry[];
  /** Attempts of which this cluster has kept a log. */
  kept?: readonly number[];
  status?: Partial<KnownStatus>;
}

function restore({ log = logOf(...climb), head = logHead(owner, log), said, own = [], kept = [], status }: Given = {}) {
  const restored = ["prep", "shadow"].map((name) => ({ phase: name, revision, attempt: 2, restored: true }));
  const now = start + 100;
  const statement: Statement = {
    format: "rampart-evidence/v1",
    ...{ system: "wdbx", stack: "production", artifact, revision, planDigest, phase: "prep", attempt: 2 },
    ...{ items: [restoreItem], result: "passed", logHead: head },
    window: { from: instantOf(now - 10), to: instantOf(now - 10) },
    issuedAt: instantOf(now - 10),
    expires: instantOf(now + 86_400),
    signer: { principal: "sam@example.com", role: "sre" },
    ...said,
  };
  const signature = signWithPem(statementBytes(statement), key, evidenceNamespace);
  const files = [
    { file: "x/one.json", text: formatEvidence({ statement, signature }) },
    { file: "x/log.json", text: formatLog(owner, log) },
  ];
  const signed = { stack: "production", signers, clock: { now }, files };
  const has = async (attempt: number) => kept.includes(attempt);
  return restoredBy(watched({ passed: restored, ...status }), signed, { current: own, has });
}

describe("a pass that was earned in a cluster that was lost", () => {
  const head = logHead(owner, logOf(...climb));

  it("counts again by a whole log that somebody vouches for", async () => {
    assert.equal(await restore(), head);
  });

  it("doesn't, where it was voided, where the way down lies behind it, or the attempt was aborted", async () => {
    for (const last of [
      ["voided", "canary-5"],
      ["went-down", "shadow"],
      ["aborted", "half"],
    ] as const)
      assert.equal(await restore({ log: logOf(...climb, [...last]) }), undefined, last[0]);
    assert.equal(await restore({ log: logOf(...climb.filter(([, name]) => name !== "shadow")) }), undefined);
  });

  it("doesn't, where an entry is missing, changed, or the end isn't the one that was signed", async () => {
    const whole = logOf(...climb);
    assert.equal(await restore({ log: whole.filter((_, index) => index !== 2) }), undefined);
    const changed = whole.map((entry, index) => (index === 3 ? { ...entry, reason: "other" } : entry));
    assert.equal(await restore({ log: changed, head }), undefined);
    assert.equal(await restore({ log: whole.slice(0, 6), head }), undefined);
  });

  it("doesn't by the word of another role, for another attempt, revision or stack", async () => {
    for (const said of [
      { signer: { principal: "sam@example.com", role: "support-lead" } },
      { attempt: 1 },
      { revision: "r2" },
      { stack: "staging" },
    ])
      assert.equal(await restore({ said }), undefined, JSON.stringify(said));
  });

  it("doesn't in a cluster that has a history of its own", async () => {
    assert.equal(
      await restore({ kept: [9] }),
      undefined,
      "that attempt's log is here, so this cluster isn't a new one",
    );
    assert.equal(await restore({ own: logOf(["landed", "prep"], ["passed", "prep"]) }), undefined);
    const earned = [{ phase: "prep", revision, attempt: 2 }];
    assert.equal(await restore({ status: { passed: earned } }), undefined);
    assert.equal(await restore({ own: logOf(["landed", "prep"], ["restored", "prep"]) }), head);
  });

  it("stands without a soak of its own, is logged as what it is, and falls when the canary fails", () => {
    const open = seen({ restored: head });
    const first = nextStatus(watched(), open);
    assert.deepEqual(first.passed.at(-1), { phase: "canary-5", revision, attempt: 2, restored: true, evidence: head });
    assert.match(first.verdict!.reason!, /^restored by the log that ends with sha256:/);
    const after = watched(stored(first));
    assert.ok(
      nextStatus(after, seen()).passed.some(({ restored }) => restored),
      "also once the files are gone",
    );
    const logged = missingEvents(after, [], start).filter((event) => event.kind === "restored");
    assert.deepEqual(
      logged.map((event) => [event.phase, event.evidence]),
      [["canary-5", [head]]],
    );
    const bad = nextStatus(after, seen({ now: start + 145, windows: goodMinute(start + 120, { events: 1 }) }));
    assert.equal(bad.verdict!.outcome, "Failed");
    assert.ok(!bad.passed.some(({ restored }) => restored));
  });
});
