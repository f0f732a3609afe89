import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instantOf, type Statement } from "../../rollout/evidence/statement.ts";
import { claim, type Person, person, signedText, writeEvidence, writeSigners } from "./evidence.ts";
import { type Pack, startPack } from "./pack.ts";
import { component, liveAt, wishFor } from "./rollouts.ts";

const tess = person("tess", "technical-lead", "devops");
const dora = person("dora", "devops");
const pia = person("pia", "platform-engineering");
const item = "approval:infrastructure";

describe("approvals in the guard pack", () => {
  let pack: Pack;
  let folder: string;
  const live = liveAt(wishFor("infrastructure"));
  const rise = component({ wish: wishFor("canary-5"), live });

  const sign = (by: Person, role: string, over: Partial<Statement> = {}, items = [item]) =>
    writeEvidence(folder, `${by.principal}-${role}`, claim(live.spec, "infrastructure", items, over), by, role);
  const messages = async (resource = rise): Promise<string> => {
    const found = (await pack.analyze(resource)).filter(({ level }) => level === "mandatory");
    return found.map(({ policy, message }) => `${policy} ${message}`).join("\n");
  };

  before(async () => {
    pack = await startPack("guard");
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "approvals-"));
    writeFileSync(join(folder, "calendar.yaml"), "freezes: []\nwindows: []\n");
    writeSigners(folder, [tess, dora, pia]);
    const files = { files: { evidence: folder, calendar: join(folder, "calendar.yaml") } };
    await pack.configure({ "rollout-approvals": files, "rollout-calendar": files });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => pack.end());

  it("lets a phase be left when all roles of its plan have signed", async () => {
    sign(tess, "technical-lead");
    sign(dora, "devops");
    sign(pia, "platform-engineering");
    assert.equal(await messages(), "");
  });

  it("names every role that is missing, and who could sign", async () => {
    sign(tess, "technical-lead");
    const said = await messages();
    assert.match(
      said,
      /rollout-approvals wdbx: advance .*: infrastructure needs 3 signatures by different people: missing/,
    );
    assert.match(said, /to be signed as platform-engineering/);
    assert.match(said, /to be signed as devops/);
    assert.doesNotMatch(said, /to be signed as technical-lead/);
  });

  it("doesn't count one person twice", async () => {
    sign(tess, "technical-lead");
    sign(tess, "devops");
    sign(pia, "platform-engineering");
    assert.match(
      await messages(),
      /missing: .* to be signed as (technical-lead|devops), by somebody who hasn't signed/,
    );
  });

  it("asks nobody again for a phase whose pass was taken over from a cluster that was lost", async () => {
    const passed = live.status.passed.map((pass) => ({ ...pass, restored: true }));
    const restored = { ...live, status: { ...live.status, passed } };
    assert.equal(await messages(component({ wish: wishFor("canary-5"), live: restored })), "");
  });

  it("needs two people in the hotfix lane", async () => {
    const of = { ladder: "expedited" } as const;
    const hotfix = liveAt(wishFor("hotfix-preflight", of));
    const resource = component({ wish: wishFor("hotfix-5", of), live: hotfix }, of);
    const approve = (by: Person, role: string) => {
      const statement = claim(hotfix.spec, "hotfix-preflight", ["approval:hotfix-preflight"]);
      writeEvidence(folder, `${by.principal}-${role}`, statement, by, role);
    };
    approve(tess, "technical-lead");
    approve(tess, "devops");
    assert.match(await messages(resource), /hotfix-preflight needs 2 signatures by different people/);
    approve(dora, "devops");
    assert.equal(await messages(resource), "");
  });

  const spoilt: [string, () => void, RegExp][] = [
    ["is for another attempt", () => sign(dora, "devops", { attempt: 2 }), /replayed: made for attempt 2/],
    ["is for another artifact", () => sign(dora, "devops", { artifact: "x" }), /made for the artifact x/],
    ["is for another revision", () => sign(dora, "devops", { revision: "r2" }), /made for the revision r2/],
    ["is for another phase", () => sign(dora, "devops", { phase: "canary-5" }), /made for the phase canary-5/],
    [
      "is for another plan",
      () => sign(dora, "devops", { planDigest: `sha256:${"0".repeat(64)}` }),
      /made for the plan sha256:000/,
    ],
    [
      "has expired",
      () =>
        sign(dora, "devops", {
          issuedAt: instantOf(Date.now() / 1000 - 600),
          expires: instantOf(Date.now() / 1000 - 60),
        }),
      /expired at/,
    ],
    [
      "was made in the future",
      () => sign(dora, "devops", { issuedAt: instantOf(Date.now() / 1000 + 7200) }),
      /issued at .*; now it's/,
    ],
    [
      "lives too long",
      () => sign(dora, "devops", { expires: instantOf(Date.now() / 1000 + 30 * 86_400) }),
      /allowed are 7 days at most/,
    ],
    ["is by somebody in another role", () => sign(pia, "devops"), /pia@example.com may sign as platform-engineering/],
    ["is by somebody who isn't known", () => sign(person("eve"), "devops"), /nobody in allowed_signers has the key/],
    ["says that it failed", () => sign(dora, "devops", { result: "failed" }), /it says that it failed/],
    [
      "is about something else",
      () => sign(dora, "devops", {}, ["approval:canary-5"]),
      /missing: approval:infrastructure/,
    ],
    [
      "lies in the folder of another stack",
      () => {
        const statement = claim(live.spec, "infrastructure", [item], { stack: "staging" });
        writeEvidence(folder, "dora", statement, dora, "devops");
      },
      /to be signed as devops/,
    ],
    [
      "was changed after it was signed",
      () => {
        const text = signedText(claim(live.spec, "infrastructure", [item], { attempt: 2 }), dora, "devops");
        const forged = text.replace(/("?attempt"?: )2/, "$11");
        assert.notEqual(forged, text);
        sign(dora, "devops");
        writeFileSync(join(folder, "production/wdbx/dora@example.com-devops.json"), forged);
      },
      /the signature doesn't fit the statement/,
    ],
  ];
  for (const [what, spoil, message] of spoilt) {
    it(`doesn't take a signature that ${what}`, async () => {
      sign(tess, "technical-lead");
      sign(pia, "platform-engineering");
      spoil();
      assert.match(await messages(), message);
    });
  }

  it("wants people told two days before, and no later", async () => {
    const of = { system: "dwcp-v3" };
    const phases = wishFor(undefined, of).phases.map(({ name }) => name);
    const at = liveAt(wishFor(phases[0], of));
    const told = component({ wish: wishFor(phases[1], of), live: at }, of);
    const lead = person("lia", "vp-engineering");
    writeSigners(folder, [lead]);
    const notice = (hoursAgo: number) => {
      const issued = Date.now() / 1000 - hoursAgo * 3600;
      const window = { from: instantOf(issued), to: instantOf(issued) };
      const statement = claim(at.spec, phases[0]!, [`notice:${phases[0]}`], { issuedAt: instantOf(issued), window });
      writeEvidence(folder, "notice", { ...statement, expires: instantOf(issued + 6 * 86_400) }, lead, lead.roles[0]!);
    };
    notice(47);
    assert.match(await messages(told), /people have to be told 48h before: missing: notice:/);
    notice(49);
    assert.doesNotMatch(await messages(told), /people have to be told/);
  });

  it("asks nobody on the way down", async () => {
    const down = component({ wish: wishFor("infrastructure"), live: liveAt(wishFor("canary-5")) });
    rmSync(join(folder, "allowed_signers"));
    assert.equal(await messages(down), "");
  });

  describe("after an attempt that was ended", () => {
    const of = { system: "dwcp-manager" };
    const ivy = person("ivy", "incident-commander");
    const aborted = { attempt: 1, trigger: "errors", reason: "3 % failed", to: { all: 0 } };
    const ended = liveAt(wishFor("canary-5", of), { aborted });
    const again = (lived = ended) => component({ wish: wishFor("prep", of, { retry: 1 }), live: lived }, of);
    const note = (over: Partial<Statement> = {}, role = "incident-commander") =>
      writeEvidence(folder, "note", claim(ended.spec, "canary-5", ["post-mortem"], over), ivy, role);
    beforeEach(() => writeSigners(folder, [ivy]));

    it("begins no other one before somebody has signed what had happened", async () => {
      const said = await messages(again());
      assert.match(
        said,
        /attempt 1 was ended by errors \(3 % failed\), and nobody has signed yet what happened: missing/,
      );
      assert.match(said, /rampart sign dwcp-manager --item post-mortem --attempt 1 --phase canary-5/);
      note({ reason: "docs/post-mortems/2026-03-01.md" });
      assert.equal(await messages(again()), "");
    });

    it("takes the word about that attempt only, and wherever the config has gone since", async () => {
      note({ attempt: 2 });
      assert.match(await messages(again()), /nobody has signed yet/);
      note();
      assert.equal(await messages(again(liveAt(wishFor("prep", of), { aborted }))), "");
    });

    it("asks nothing where the plan doesn't, or where nothing was ended", async () => {
      const other = liveAt(wishFor("canary-5"), { aborted });
      assert.equal(await messages(component({ wish: wishFor("infrastructure", {}, { retry: 1 }), live: other })), "");
      assert.equal(
        await messages(component({ wish: wishFor("prep", of), live: liveAt(wishFor(undefined, of)) }, of)),
        "",
      );
    });
  });
});
