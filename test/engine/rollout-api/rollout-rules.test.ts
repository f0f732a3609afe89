import assert from "node:assert/strict";
import { planCrd, rolloutCrd } from "../../../components/rollout-api/crds.ts";
import { rolloutRules } from "../../../components/rollout-api/rollout-rules.ts";
import { apiCluster } from "../support.ts";
import { type Case, type Change, cases, first, places } from "./rule-cases.ts";
import { changed, installRolloutApi, refusals, rendered, rulesIn, Walk } from "./support.ts";

/** Rules that other tests below show. */
const elsewhere = ["name", "latch", "observed-ahead"];

describe("the Rollout on the API server", function () {
  this.timeout(120_000);
  const walks = new Map<string, Walk>();
  before(async () => {
    await installRolloutApi();
    for (const [name, arrive] of Object.entries(places)) {
      const walk = await Walk.begin();
      await arrive(walk);
      walks.set(name, walk);
    }
  });

  it("has every rule that the program sent, letter by letter", async () => {
    const { objects } = await apiCluster();
    for (const crd of [rolloutCrd, planCrd]) {
      const live = (await objects.get({ ...crd, spec: {} })) as unknown as typeof crd;
      const rules = (one: typeof crd) => one.spec.versions[0]!.schema.openAPIV3Schema["x-kubernetes-validations"];
      assert.deepEqual(rules(live), rules(crd));
    }
  });

  for (const { rule, at, refused, passes, also = [], status } of cases) {
    const what = (change: Case["refused"]) => (typeof change === "function" ? "" : `, as in ${short(change)}`);
    it(`${rule}: refused at ${at}${what(refused)}; its legal neighbour passes`, async () => {
      const walk = walks.get(at)!;
      const { live } = walk;
      const before = live?.status;
      if (status) await walk.report(status);
      const spec = (change: Case["refused"]) =>
        typeof change === "function" ? change(walk.live!) : rendered(changed(walk.live!, change));
      try {
        const messages = await walk.try(spec(refused));
        assert.deepEqual(rulesIn(messages), [rule, ...also].sort(), messages.join("\n"));
        const { message } = rolloutRules.find(({ id }) => id === rule)!;
        const isSaid = rule === "aborted" ? /aborted by errors \(5 % failed\)/ : message;
        const found = messages.some((one) => (typeof isSaid === "string" ? one.includes(isSaid) : isSaid.test(one)));
        assert.ok(found, messages.join("\n"));
        assert.deepEqual(await walk.try(spec(passes), { dryRun: true }), []);
      } finally {
        if (before) await walk.report(before);
      }
    });
  }

  it("is called rollout and nothing else", async () => {
    const { client } = await apiCluster();
    const { namespace } = walks.get("nowhere")!;
    const create = (name: string) =>
      refusals(() =>
        client.request({
          method: "PATCH",
          path: `/apis/rampart.dev/v1alpha1/namespaces/${namespace}/rollouts/${name}`,
          query: { fieldManager: "test", dryRun: "All" },
          contentType: "application/apply-patch+yaml",
          body: JSON.parse(
            JSON.stringify({
              apiVersion: "rampart.dev/v1alpha1",
              kind: "Rollout",
              metadata: { name },
              spec: first()(),
            }),
          ),
        }),
      );
    assert.deepEqual(rulesIn(await create("second")), ["name"]);
    assert.deepEqual(await create("rollout"), []);
  });

  it("keeps an abort for as long as its attempt, and only lowers where it goes", async () => {
    const walk = walks.get("aborted")!;
    const { aborted } = walk.live!.status;
    const tryAbort = async (value: object | null) =>
      rulesIn(await refusals(() => walk.patchStatus(JSON.parse(JSON.stringify({ aborted: value })))));
    assert.deepEqual(await tryAbort(null), ["latch"]);
    assert.deepEqual(await tryAbort({ ...aborted, to: { all: 50 } }), ["latch"]);
    assert.deepEqual(await tryAbort({ ...aborted, to: { beta: 1 } }), ["latch"]);
    assert.deepEqual(await tryAbort({ ...aborted, attempt: 2 }), ["latch"]);
    assert.deepEqual(await tryAbort({ ...aborted, reason: "7 % failed" }), []);
    assert.deepEqual(await tryAbort(JSON.parse(JSON.stringify(aborted))), []);
  });

  it("takes no status that has seen the future, and no status at all through its spec", async () => {
    const walk = walks.get("first")!;
    const messages = await refusals(() => walk.patchStatus({ observedStep: 2 }));
    assert.deepEqual(rulesIn(messages), ["observed-ahead"]);
    const { client } = await apiCluster();
    const path = `/apis/rampart.dev/v1alpha1/namespaces/${walk.namespace}/rollouts/rollout`;
    const contentType = "application/merge-patch+json";
    await client.request({ method: "PATCH", path, contentType, body: { status: { complete: true } } });
    assert.equal(((await walk.read()) as { status?: { complete?: boolean } }).status?.complete, undefined);
  });

  it("shows itself in a table, and every field explains itself", async () => {
    const schemas = [rolloutCrd, planCrd].map(({ spec }) => spec.versions[0]!.schema.openAPIV3Schema);
    const silent: string[] = [];
    const look = (schema: object, path: string): void => {
      const { description, properties = {}, items, additionalProperties } = schema as Record<string, never>;
      if (!description) silent.push(path);
      for (const [name, value] of Object.entries(properties)) look(value as object, `${path}.${name}`);
      if (items) look(items, `${path}[]`);
      if (additionalProperties) look(additionalProperties, `${path}{}`);
    };
    for (const schema of schemas) look(schema, "");
    assert.deepEqual(silent, []);
    const columns = rolloutCrd.spec.versions[0]!.additionalPrinterColumns.filter(({ priority = 0 }) => priority === 0);
    const names = columns.map(({ name }) => name);
    assert.deepEqual(names, ["Artifact", "Percent", "Effective", "Phase", "Verdict", "Age"]);
  });

  it("has no rule without a test", () => {
    const tested = new Set([...cases.map(({ rule }) => rule), ...elsewhere]);
    assert.deepEqual([...tested].sort(), [...new Set(rolloutRules.map(({ id }) => id))].sort());
  });
});

function short(change: Change): string {
  const { phases, ...rest } = change;
  const words = Object.entries(rest).map(([key, value]) => `${key} ${value ?? "left out"}`);
  return [...words, ...(phases ? [`phases ${phases.map(({ name }) => name).join(" ")}`] : [])].join(", ");
}
