import assert from "node:assert/strict";
import { parseAllowedSigners } from "../../../rollout/evidence/allowed-signers.ts";
import { formatEvidence } from "../../../rollout/evidence/evidence-file.ts";
import { publicKeyTextOf } from "../../../rollout/evidence/ssh-signature.ts";
import { phasePassed, stagingPass } from "../../../rollout/evidence/staging-pass.ts";
import type { Statement } from "../../../rollout/evidence/statement.ts";
import { planDigest } from "../../../rollout/plan/digest.ts";
import { phasesOf } from "../../../rollout/plan/ladder.ts";
import { wdbx } from "../../../stacks/systems/wdbx/plan.ts";
import { clock, keys, signed, statement } from "./fixture.ts";

const line = (principal: string, key: string, role: string): string =>
  `${principal} namespaces="rampart-evidence" ${publicKeyTextOf(key)} roles=${role}`;
const signers = parseAllowedSigners(
  [line("analyzer@staging", keys.bert, "analyzer"), line("anna@example.com", keys.anna, "sre-lead")].join("\n"),
);
const word: Partial<Statement> = {
  stack: "staging",
  phase: phasesOf(wdbx, "staging", "normal").at(-1)!.name,
  planDigest: planDigest(wdbx, "staging", "normal"),
  items: [phasePassed],
  signer: { principal: "analyzer@staging", role: "analyzer" },
};
const opens = (change: Partial<Statement> = {}, key = keys.bert, artifact = statement.artifact): boolean => {
  const text = formatEvidence(signed({ ...word, ...change }, key));
  return stagingPass(wdbx, artifact, [{ file: "evidence/staging/wdbx/a.json", text }], signers, clock).met;
};

describe("a pass of staging", () => {
  it("is the word of staging's analyzer about the last phase, whatever staging does since", () => {
    assert.ok(opens());
    assert.ok(opens({ revision: "another", attempt: 17 }));
  });

  it("counts on the hotfix lane too", () => {
    const expedited = phasesOf(wdbx, "staging", "expedited").at(-1)!.name;
    assert.ok(opens({ phase: expedited, planDigest: planDigest(wdbx, "staging", "expedited") }));
  });

  it("isn't one for another artifact, plan, phase, stack or system, by a person, or when it says that it failed", () => {
    assert.ok(!opens({}, keys.bert, `registry.example/wdbx@sha256:${"c".repeat(64)}`));
    assert.ok(!opens({ planDigest: planDigest(wdbx, "production", "normal") }));
    assert.ok(!opens({ phase: phasesOf(wdbx, "staging", "normal")[0]!.name }));
    assert.ok(!opens({ stack: "production" }));
    assert.ok(!opens({ system: "dwcp-manager" }));
    assert.ok(!opens({ signer: { principal: "anna@example.com", role: "sre-lead" } }, keys.anna));
    assert.ok(!opens({ result: "failed" }));
  });
});
