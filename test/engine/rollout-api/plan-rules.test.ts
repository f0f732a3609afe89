import assert from "node:assert/strict";
import type { Json } from "../../../local/providers/base/properties.ts";
import { ladder, phase } from "../../unit/transitions/fixture.ts";
import { analyzer, clientAs, installRolloutApi, makeNamespace, refusals, rulesIn } from "./support.ts";

const namespace = "plans";
const version = (phases: object = ladder) => ({ ladder: "normal", phases });
const spec = { system: "wdbx", artifactKind: "image", versions: { p1: version() } };

describe("the RolloutPlan on the API server", function () {
  this.timeout(60_000);
  before(async () => {
    await installRolloutApi();
    await makeNamespace(namespace);
  });

  const tryWrite = async (
    body: object,
    { name = "plan", contentType = "application/apply-patch+yaml", sub = "" } = {},
  ) =>
    rulesIn(
      await refusals(async () => {
        const client = await clientAs(analyzer);
        return client.request({
          method: "PATCH",
          path: `/apis/rampart.dev/v1alpha1/namespaces/${namespace}/rolloutplans/${name}${sub}`,
          query: contentType.includes("apply") ? { fieldManager: "test" } : {},
          contentType,
          body: JSON.parse(JSON.stringify(body)) as Json,
        });
      }),
    );
  const plan = (over: object, name = "plan") =>
    tryWrite(
      { apiVersion: "rampart.dev/v1alpha1", kind: "RolloutPlan", metadata: { name }, spec: { ...spec, ...over } },
      { name },
    );
  const record = (settled: object | null) =>
    tryWrite({ status: { settled } }, { contentType: "application/merge-patch+json", sub: "/status" });

  it("name: is called plan and nothing else", async () => {
    assert.deepEqual(await plan({}, "second"), ["name"]);
    assert.deepEqual(await plan({}), []);
  });

  it("same-system: belongs to one system for good", async () => {
    assert.deepEqual(await plan({ system: "other" }), ["same-system"]);
  });

  it("version-frozen: takes new versions beside the old ones, and never changes what a digest stands for", async () => {
    const other = version([phase("prep", 0), phase("full", 100)]);
    assert.deepEqual(await plan({ versions: { p1: other } }), ["version-frozen"]);
    assert.deepEqual(await plan({ versions: { p1: version(), p2: other } }), []);
    assert.deepEqual(await plan({ versions: { p2: other } }), []);
  });

  it("record-kept: neither forgets the last settled state nor turns it back", async () => {
    assert.deepEqual(await record({ artifact: "B", attempt: 3 }), []);
    assert.deepEqual(await record({ artifact: "A", attempt: 2 }), ["record-kept"]);
    assert.deepEqual(await record(null), ["record-kept"]);
    assert.deepEqual(await record({ artifact: "C", attempt: 4 }), []);
  });
});
