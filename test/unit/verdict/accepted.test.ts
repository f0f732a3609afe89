import assert from "node:assert/strict";
import { parseAllowedSigners } from "../../../rollout/evidence/allowed-signers.ts";
import { formatEvidence } from "../../../rollout/evidence/evidence-file.ts";
import { publicKeyTextOf, signWithPem } from "../../../rollout/evidence/ssh-signature.ts";
import { evidenceNamespace, instantOf, type Statement, statementBytes } from "../../../rollout/evidence/statement.ts";
import { criterion, from } from "../../../rollout/plan/builders.ts";
import { acceptedCriteria, acceptItem } from "../../../rollout/verdict/missing-evidence.ts";
import { nextStatus } from "../../../rollout/verdict/next-status.ts";
import { pem } from "../evidence/fixture.ts";
import { goodMinute, seen, start, stored, phase as usual, watched } from "./fixture.ts";

const key = pem();
const signers = parseAllowedSigners(
  `sam@example.com namespaces="rampart-evidence" ${publicKeyTextOf(key)} roles=sre,support-lead`,
);
/** A latency of which nothing is ever measured: when the soak is over it is still open. */
const latency = criterion("latency", "latency-p99", "<", 200, from("S0-58"));
const phase = { ...usual, criteria: [...usual.criteria, latency] };
const now = start + 620;

/** Looks at a phase that does well, but for what nobody has counted, until its soak is over. */
function verdictWith(accepted: readonly string[], over = {}) {
  let status = nextStatus(watched(), seen({ phase }));
  for (let minute = 2; minute < 10; minute += 1) {
    const through = start + minute * 60;
    const look = { phase, now: through + 25, windows: goodMinute(through), accepted, ...over };
    status = nextStatus(watched(stored(status)), seen(look));
  }
  return status.verdict!;
}

function acceptedBy(over: Partial<Statement> = {}, of = phase): string[] {
  const { spec, status } = watched({ phaseStartedAt: new Date(start * 1000).toISOString() });
  const { system, artifact, revision, planDigest, attempt } = spec;
  const said: Statement = {
    format: "rampart-evidence/v1",
    ...{ system, stack: "production", artifact, revision, planDigest, attempt, phase: of.name },
    items: of.criteria.map(({ id }) => acceptItem(id)).sort(),
    result: "passed",
    window: { from: instantOf(now - 10), to: instantOf(now - 10) },
    issuedAt: instantOf(now - 10),
    expires: instantOf(now + 86_400),
    signer: { principal: "sam@example.com", role: "sre" },
    ...over,
  };
  const text = formatEvidence({
    statement: said,
    signature: signWithPem(statementBytes(said), key, evidenceNamespace),
  });
  const signed = { stack: "production", signers, clock: { now }, files: [{ file: "a.json", text }] };
  return acceptedCriteria({ spec, status, generation: 1 }, of, signed);
}

describe("a criterion that stays open", () => {
  it("holds the phase until somebody accepts it, and the reason says that somebody has", () => {
    assert.equal(verdictWith([]).outcome, "Inconclusive");
    const { outcome, reason } = verdictWith(["latency"]);
    assert.equal(outcome, "Passed", reason);
    assert.match(reason!, /latency: .*, which was accepted by signature/);
  });

  it("is no excuse for one that has failed", () => {
    const bad = { readings: { "memory 1m:canary": 99 } };
    assert.notEqual(verdictWith(["latency", "memory"], bad).outcome, "Passed");
  });

  it("is accepted for this attempt and phase, by a role that may, after the phase began", () => {
    assert.ok(acceptedBy().includes("latency"));
    assert.deepEqual(acceptedBy({ attempt: 1 }), []);
    assert.deepEqual(acceptedBy({ phase: "half" }), []);
    assert.deepEqual(acceptedBy({ signer: { principal: "sam@example.com", role: "support-lead" } }), []);
    const early = instantOf(start - 60);
    assert.deepEqual(acceptedBy({ window: { from: early, to: early }, issuedAt: early }), []);
  });

  it("is never one that tolerates nothing", () => {
    assert.ok(!acceptedBy().includes("integrity"));
  });
});
