import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { AnalyzerIdentity } from "../../../components/analyzer-identity.ts";
import { SignedEvidence } from "../../../components/signed-evidence.ts";
import { about, signedFiles, signersText } from "../../../live/signed-files.ts";
import { formatEvidence } from "../../../rollout/evidence/evidence-file.ts";
import { signed, signersText as signers, statement } from "../evidence/fixture.ts";

async function configMaps(declare: () => void) {
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any kind of object
  const found: any[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      if (type.endsWith(":ConfigMap")) found.push(inputs);
      return { id: name, state: inputs };
    },
    call: () => ({}),
  });
  declare();
  await pulumi.runtime.disconnect();
  return found;
}

describe("what was signed, on its way to the analyzer", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "signed-"));
    mkdirSync(join(root, "evidence/production/wdbx/attempt-3"), { recursive: true });
    writeFileSync(join(root, "evidence/allowed_signers"), signers);
    const other = signed({ artifact: `registry.example/wdbx@sha256:${"c".repeat(64)}` });
    for (const [name, text] of [
      ["mine.json", formatEvidence(signed())],
      ["of-another-artifact.json", formatEvidence(other)],
      ["broken.json", "{"],
      ["attempt-3/log.json", "{}"],
    ] as const)
      writeFileSync(join(root, "evidence/production/wdbx", name), text);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is what speaks of the artifact, each in an object that never changes", async () => {
    const files = about(statement.artifact, signedFiles(root, "production", "wdbx"));
    assert.deepEqual(
      files.map(({ file }) => file),
      ["evidence/production/wdbx/mine.json"],
    );
    const [map, ...more] = await configMaps(() => new SignedEvidence("wdbx", { namespace: "wdbx", files }));
    assert.deepEqual(more, []);
    assert.equal(map.immutable, true);
    assert.deepEqual(map.metadata.labels, { "rampart.dev/evidence": "wdbx" });
    assert.deepEqual(map.data, { "mine.json": formatEvidence(signed()) });
  });

  it("comes with who may sign, in a namespace that the systems' identity can't write", async () => {
    const [map] = await configMaps(
      () => new AnalyzerIdentity("analyzer", { namespace: "rampart-system", allowedSigners: signersText(root) }),
    );
    assert.equal(map.metadata.name, "allowed-signers");
    assert.deepEqual(map.data, { allowed_signers: signers });
    assert.deepEqual(await configMaps(() => new AnalyzerIdentity("analyzer", { namespace: "rampart-system" })), []);
  });
});
