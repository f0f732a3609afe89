import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allChecks } from "../../rollout/baseline/checks.ts";
import { type Waiver, waiverBytes } from "../../rollout/baseline/waiver.ts";
import { signWithPem } from "../../rollout/evidence/ssh-signature.ts";
import { evidenceNamespace, instantOf } from "../../rollout/evidence/statement.ts";
import { change, good, spoilt, spoiltTogether, together } from "./baseline-fixtures.ts";
import { type Person, person, writeSigners } from "./evidence.ts";
import { type AnalyzedResource, type Pack, rootResource, startPack, unknownText, type Violation } from "./pack.ts";
import { component, liveAt, wishFor } from "./rollouts.ts";

const idsOf = (found: readonly Violation[]) => [...new Set(found.map(({ message }) => message.slice(0, 5)))].sort();
const levelOf = (id: string) => allChecks.find((check) => check.id === id)!.level ?? "mandatory";

describe("the baseline pack", () => {
  let pack: Pack;
  let folder: string;
  const configure = async (more: object = {}) => {
    const settings = { registries: ["registry.example"], waivers: join(folder, "waivers"), ...more };
    await pack.configure({
      "baseline-waivers": { settings: { ...settings, signers: join(folder, "allowed_signers") } },
    });
    return pack.analyze(rootResource);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "baseline-"));
    pack = await startPack("baseline");
    await configure();
  });
  after(async () => {
    await pack.end();
    rmSync(folder, { recursive: true });
  });

  for (const [name, make] of Object.entries(good)) {
    if (name === "pod") continue; // there is no good one
    it(`finds nothing wrong with a good ${name}`, async () => assert.deepEqual(await pack.analyze(make()), []));
  }

  it("finds nothing wrong with good resources together", async () =>
    assert.deepEqual(await pack.analyzeStack(together), []));

  for (const [id, what, resource, others = []] of spoilt) {
    it(`${id} refuses ${what}`, async () => {
      const found = await pack.analyze(resource);
      assert.deepEqual(idsOf(found), [id, ...others].sort());
      assert.equal(found.find(({ message }) => message.startsWith(id))!.level, levelOf(id));
    });
  }

  for (const [id, what, resources] of spoiltTogether) {
    it(`${id} refuses ${what}`, async () => assert.deepEqual(idsOf(await pack.analyzeStack(resources)), [id]));
  }

  it("has for every check something that breaks it", () => {
    const tested = new Set([...spoilt, ...spoiltTogether].map(([id]) => id));
    assert.deepEqual(
      allChecks.map(({ id }) => id).filter((id) => !tested.has(id)),
      [],
    );
    assert.equal(new Set(allChecks.map(({ id }) => id)).size, allChecks.length);
  });

  it("looks at init containers, patches and cron jobs as well", async () => {
    const { spec } = (good.deployment().props as { spec: { template: { spec: object } } }).spec.template as never;
    const bad = structuredClone(spec) as { containers: { securityContext: object }[]; initContainers?: unknown };
    bad.initContainers = [{ ...bad.containers[0], securityContext: { privileged: true } }];
    const inInit = change(good.deployment(), "spec.template.spec", bad);
    assert.ok(idsOf(await pack.analyze(inInit)).includes("KB-01"));
    const privileged = change(good.deployment(), "spec.template.spec.containers.#.securityContext.privileged", true);
    const patch: AnalyzedResource = { ...privileged, type: "kubernetes:apps/v1:DeploymentPatch" };
    assert.ok(idsOf(await pack.analyze(patch)).includes("KB-01"));
    const job = (privileged.props as { spec: object }).spec;
    const cron = {
      ...privileged,
      type: "kubernetes:batch/v1:CronJob",
      props: { spec: { jobTemplate: { spec: job } } },
    };
    assert.ok(idsOf(await pack.analyze(cron)).includes("KB-01"));
  });

  it("never repeats a secret", async () => {
    const secrets = spoilt.filter(([id]) => id === "KB-40" || id === "KB-41").map(([, , resource]) => resource);
    const found = await Promise.all(secrets.map((resource) => pack.analyze(resource)));
    assert.ok(found.length > 2);
    assert.doesNotMatch(JSON.stringify(found), /hunter2/);
  });

  it("only tells where something isn't known yet, for the update asks again", async () => {
    const resource = change(good.deployment(), "spec.template.spec.containers.#.image", unknownText);
    const found = await pack.analyze(resource);
    assert.ok(found.length > 0 && found.every(({ level }) => level === "advisory"));
  });

  it("stops nothing of a system that goes down", async () => {
    const another = await startPack("baseline");
    try {
      await another.analyze(component({ wish: wishFor("canary-5"), live: liveAt(wishFor("canary-25")) }));
      const bad = { ...good.pod(), name: "wdbx-stable-deployment" };
      assert.deepEqual([...new Set((await another.analyze(bad)).map(({ level }) => level))], ["advisory"]);
      const foreign = { ...bad, name: "dwcp-manager-stable-deployment" };
      assert.ok((await another.analyze(foreign)).some(({ level }) => level === "mandatory"));
    } finally {
      await another.end();
    }
  });

  describe("with waivers", () => {
    const cleo = person("cleo", "security-reviewer");
    const devi = person("devi", "devops");
    const bad = spoilt.find(([id]) => id === "KB-05")![2];
    const waive = (over: Partial<Waiver> = {}, by: Person = cleo, spoil = (text: string) => text) => {
      const now = Date.now() / 1000;
      const waiver: Waiver = {
        format: "rampart-waiver/v1",
        stack: "production",
        check: "KB-05",
        resource: "wdbx",
        reason: "writes its cache there until 4.2",
        issuedAt: instantOf(now - 60),
        expires: instantOf(now + 7 * 86_400),
        signer: { principal: by.principal, role: by.roles[0]! },
        ...over,
      };
      const signature = signWithPem(waiverBytes(waiver), by.key, evidenceNamespace);
      mkdirSync(join(folder, "waivers/production"), { recursive: true });
      writeFileSync(join(folder, "waivers/production/one.json"), spoil(JSON.stringify({ waiver, signature })));
    };
    const judge = async () => {
      const listed = await configure();
      const [found] = await pack.analyze(bad);
      return { level: found!.level, message: found!.message, listed: listed.map(({ message }) => message).join("\n") };
    };

    before(() => writeSigners(folder, [cleo, devi]));
    after(async () => {
      rmSync(join(folder, "waivers"), { recursive: true });
      await configure();
    });

    it("tells what is waived, by whom, why and until when, and stops nobody for it", async () => {
      waive();
      const { level, message, listed } = await judge();
      assert.equal(level, "advisory");
      assert.match(message, /^KB-05 .*waived by cleo@example.com until .*: writes its cache there until 4.2$/);
      assert.match(listed, /KB-05 of wdbx is waived by cleo@example.com/);
    });

    const hour = 3600;
    const from = (seconds: number) => instantOf(Date.now() / 1000 + seconds);
    const bads: [string, () => void, RegExp | undefined][] = [
      ["has expired", () => waive({ issuedAt: from(-2 * hour), expires: from(-hour) }), /expired at/],
      ["lives for more than a month", () => waive({ expires: from(40 * 24 * hour) }), /30 days are allowed at most/],
      ["isn't valid yet", () => waive({ issuedAt: from(hour) }), /is issued at/],
      ["is for another stack", () => waive({ stack: "staging" }), /is for the stack staging/],
      ["is for another resource", () => waive({ resource: "other" }), undefined],
      ["is for another check", () => waive({ check: "KB-06" }), undefined],
      ["is signed by somebody who may not", () => waive({}, devi), /is signed as devops; needed is ciso/],
      [
        "is signed by somebody unknown",
        () => waive({}, person("eve", "ciso")),
        /nobody in allowed_signers has its key/,
      ],
      [
        "claims another's name",
        () => waive({ signer: { principal: devi.principal, role: "ciso" } }),
        /says devi@example.com/,
      ],
      ["was changed", () => waive({}, cleo, (text) => text.replace("KB-05", "KB-06")), /signature doesn't fit/],
      ["has a field too many", () => waive({}, cleo, (text) => text.replace("{", '{"all":true,')), /Unrecognized key/],
      ["gives no reason", () => waive({ reason: "" }), /waiver.reason/],
      ["is no JSON", () => waive({}, cleo, () => "{"), /is not JSON/],
    ];
    for (const [what, write, message] of bads) {
      it(`doesn't count a waiver that ${what}`, async () => {
        write();
        const { level, listed } = await judge();
        assert.equal(level, "mandatory");
        if (message) assert.match(listed, message);
      });
    }
  });
});
