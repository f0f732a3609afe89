import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { instantOf, type Statement } from "../../rollout/evidence/statement.ts";
import { attempt, from, Guarded } from "./attempts.ts";
import { claim, type Person, person, writeEvidence, writeSigners } from "./evidence.ts";
import { startPack } from "./pack.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

describe("attempts with evidence that is no good", () => {
  const guarded = new Guarded();

  const people = ["technical-lead", "platform-engineering", "devops"].map((role) => person(role, role));
  const live = liveAt(wishFor("infrastructure"));
  const rise = { wish: wishFor("canary-5"), live };
  const approve = (by: Person, over: Partial<Statement> = {}, role = by.roles[0]!) =>
    writeEvidence(
      guarded.folder,
      by.principal,
      claim(live.spec, "infrastructure", ["approval:infrastructure"], over),
      by,
      role,
    );
  const others = () => {
    for (const one of people.slice(0, 2)) approve(one);
  };
  const last = people[2]!;
  const spoilt = async (over: Partial<Statement>, message: RegExp) => {
    others();
    approve(last, over);
    await guarded.blocked(rise, message);
  };
  const now = () => Date.now() / 1000;
  beforeEach(() => writeSigners(guarded.folder, people));

  it("counts when nothing is wrong with it", async () => {
    others();
    approve(last);
    await guarded.allowed(rise);
  });
  attempt([17], "issued in the future", () => spoilt({ issuedAt: instantOf(now() + 3600) }, /issued at .*now it's/));
  attempt([19], "expired", () =>
    spoilt({ issuedAt: instantOf(now() - 7200), expires: instantOf(now() - 3600) }, /expired at/),
  );
  attempt([20], "of another image", () => spoilt({ artifact: image("c") }, /made for the artifact/));
  attempt([21], "of another system, stack, phase or attempt", async () => {
    await spoilt({ phase: "canary-5" }, /made for the phase canary-5/);
    await spoilt({ attempt: 4 }, /replayed/);
    for (const over of [{ system: "dwcp-v3" }, { stack: "staging" }]) {
      rmSync(join(guarded.folder, "production"), { recursive: true });
      await spoilt(over, /to be signed as devops/);
    }
  });
  attempt([22], "measured before the phase began", async () => {
    const readiness = await startPack("readiness");
    try {
      const at = liveAt(wishFor("canary-50"), { phaseStartedAt: instantOf(now() - 300) } as object);
      const statement = claim(at.spec, "canary-50", ["WDBX-CAN-01"]);
      writeEvidence(guarded.folder, "early", statement, people[1]!, "platform-engineering");
      await readiness.configure({ "readiness-evidence": { files: { evidence: guarded.folder } } });
      const found = await readiness.analyze(component({ wish: wishFor("full"), live: at }));
      assert.match(found[0]!.message, /it may not begin before/);
    } finally {
      await readiness.end();
    }
  });
  attempt([23], "with a threshold of its own", async () => {
    others();
    approve(last);
    const file = join(guarded.folder, "production/wdbx", `${last.principal}.json`);
    writeFileSync(file, readFileSync(file, "utf8").replace(/("?attempt"?: 1)/, '$1,\n    "threshold": 99'));
    await guarded.blocked(rise, /no such field in evidence|malformed|can't be read|threshold/);
  });
  attempt([25], "not applicable without a reason, where it isn't asked", () =>
    spoilt({ result: "not-applicable" }, /not applicable/),
  );
  attempt([27], "by a key that is unknown, no longer valid, or of another role; or changed after signing", async () => {
    others();
    approve(person("eve", "devops"));
    await guarded.blocked(rise, /nobody in allowed_signers has the key/);
    writeSigners(guarded.folder, people);
    const signers = join(guarded.folder, "allowed_signers");
    writeFileSync(
      signers,
      readFileSync(signers, "utf8").replaceAll('"rampart-evidence"', '"rampart-evidence",valid-before="20200101Z"'),
    );
    approve(last);
    await guarded.blocked(rise, /the key was valid until/);
    writeSigners(guarded.folder, people);
    approve(people[1]!, {}, "devops");
    await guarded.blocked(rise, /may sign as platform-engineering, not as devops/);
    const file = join(guarded.folder, "production/wdbx", `${last.principal}.json`);
    writeFileSync(file, readFileSync(file, "utf8").replace(/("?attempt"?: )1/, "$12"));
    await guarded.blocked(rise, /the signature doesn't fit/);
  });
  attempt([28], "three of four roles: the missing one is named", async () => {
    const of = { system: "dwcp-v3" };
    const at = liveAt(wishFor("preflight", of));
    const all = ["vp-engineering", "director-infrastructure", "security-team-lead", "product-manager"].map((role) =>
      person(role, role),
    );
    writeSigners(guarded.folder, all);
    for (const one of all.slice(0, 3)) {
      writeEvidence(
        guarded.folder,
        one.principal,
        claim(at.spec, "preflight", ["approval:preflight"]),
        one,
        one.roles[0]!,
      );
    }
    const text = await guarded.said({ wish: wishFor("nodes-10", of), live: at }, of);
    assert.match(text, /preflight needs 4 signatures/);
    const missing = [...text.matchAll(/missing: approval:preflight[^;]*; to be signed as ([a-z-]+)/g)].map(
      ([, role]) => role,
    );
    assert.deepEqual(missing, ["product-manager"]);
  });
  attempt([29], "people were told 47 h before, not 48", async () => {
    const of = { system: "dwcp-v3" };
    const at = liveAt(wishFor("preflight", of));
    const vera = person("vera", "vp-engineering");
    writeSigners(guarded.folder, [vera]);
    const told = now() - 47 * 3600;
    const window = { from: instantOf(told), to: instantOf(told) };
    const statement = claim(at.spec, "preflight", ["notice:preflight"], { issuedAt: instantOf(told), window });
    writeEvidence(guarded.folder, "notice", statement, vera, "vp-engineering");
    await guarded.blocked({ wish: wishFor("nodes-10", of), live: at }, /people have to be told 48h before/, of);
  });
  attempt([45], "another folder with other signers is named in every run", async () => {
    const found = await guarded.pack.analyze({ type: "pulumi:pulumi:Stack", props: {} });
    assert.match(found.map(({ message }) => message).join(), /set by config: .*adversarial-/);
  });
  attempt([47], "a file that can't be read: the message names it, and the way down is open", async () => {
    others();
    writeFileSync(join(guarded.folder, "production/wdbx/broken.json"), '{"approval:infrastructure": ');
    await guarded.blocked(rise, /broken\.json/);
    writeFileSync(join(guarded.folder, "allowed_signers"), "nonsense");
    await guarded.blocked(rise, /allowed_signers:1/);
    await guarded.allowed({ wish: wishFor("infrastructure"), live: from("canary-5") });
  });
});
