import assert from "node:assert/strict";
import { type Properties, unknown } from "../../../local/providers/base/properties.ts";
import { NotReadyError } from "../../../local/providers/base/provider.ts";
import { KubernetesProvider } from "../../../local/providers/kubernetes/kubernetes-provider.ts";
import { waitFor } from "../../../local/wait.ts";
import { FakeApi } from "./fake-api.ts";

const path = "/api/v1/namespaces/space/configmaps/map";
const denied = (policy: string) => ({
  code: 422,
  body: {
    reason: "Invalid",
    message: `configmaps "map" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding 'b' denied request: no`,
  },
});

describe("the Kubernetes provider against an API server", () => {
  let api: FakeApi;
  let provider: KubernetesProvider;
  let engineLives: boolean;
  const said: string[] = [];
  const log = { progress: (message: string) => said.push(message), warn: (message: string) => said.push(message) };
  const resource = { urn: "urn:map", type: "kubernetes:core/v1:ConfigMap", name: "map", log };
  const inputs = (rest: Properties = {}, annotations: Properties = {}): Properties => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "map", namespace: "space", annotations },
    ...rest,
  });
  const create = (given: Properties, preview = false, timeoutSeconds = 0) =>
    provider.create({ ...resource, inputs: given, preview, timeoutSeconds });
  const remove = (timeoutSeconds = 0) =>
    provider.delete({ ...resource, id: "space/map", oldInputs: inputs(), oldOutputs: {}, timeoutSeconds });

  beforeEach(async () => {
    said.length = 0;
    engineLives = true;
    api = new FakeApi();
    provider = new KubernetesProvider(() => engineLives);
    await provider.configure({ kubeconfig: await api.start() });
  });
  afterEach(() => api.stop());

  it("gives objects a namespace where the kind has one, and takes it away where not", async () => {
    const check = async (type: string, metadata: Properties) =>
      (await provider.check({ ...resource, type, oldInputs: {}, inputs: { metadata }, randomSeed: new Uint8Array() }))
        .inputs;
    assert.deepEqual(await check("kubernetes:core/v1:ConfigMap", { name: "a" }), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: "default" },
    });
    assert.deepEqual((await check("kubernetes:core/v1:Namespace", { name: "a", namespace: "b" })).metadata, {
      name: "a",
    });
    assert.deepEqual((await check("kubernetes:example.com/v1:Later", { name: "a" })).metadata, { name: "a" });
  });

  it("tries a write again while one of the project's own policies denies it", async () => {
    let denials = 3;
    api.answer = (method) => (method === "PATCH" && denials-- > 0 ? denied("rampart-weights") : undefined);
    assert.equal((await create(inputs())).id, "space/map");
    assert.equal(api.sent("PATCH").length, 4);
  });

  it("takes another policy's denial as final, and its own in a preview", async () => {
    api.answer = (method) => (method === "PATCH" ? denied("team-policy") : undefined);
    await assert.rejects(create(inputs()), /^Error: ConfigMap space\/map: .*team-policy/);
    api.answer = (method) => (method === "PATCH" ? denied("rampart-weights") : undefined);
    await assert.rejects(create(inputs(), true), /rampart-weights/);
    assert.equal(api.sent("PATCH").length, 2);
  });

  it("sends a request again that the server postponed, and shows the server's warnings", async () => {
    let postponed = 2;
    api.answer = (method) =>
      method === "PATCH" && postponed-- > 0 ? { code: 429, body: {}, headers: { "retry-after": "0" } } : undefined;
    await create(inputs());
    assert.equal(api.sent("PATCH").length, 3);
    api.objects.clear();
    api.answer = (method) =>
      method === "PATCH"
        ? { code: 200, body: inputs(), headers: { warning: '299 - "unknown field \\"x\\""' } }
        : undefined;
    await create(inputs());
    assert.deepEqual(said, ['unknown field "x"']);
  });

  it("tries nothing out in a preview that depends on unknown values or on a namespace to come", async () => {
    const { outputs } = await create(inputs({ data: { a: unknown } }), true);
    assert.equal((outputs.metadata as Properties).uid, unknown);
    assert.equal(api.sent("PATCH").length, 0);
    api.answer = (method) =>
      method === "PATCH" ? { code: 404, body: { message: 'namespaces "space" not found' } } : undefined;
    assert.deepEqual((await create(inputs({ data: { a: "1" } }), true)).outputs.data, { a: "1" });
  });

  it("writes nothing any more once the engine is gone", async () => {
    api.put(path, inputs());
    engineLives = false;
    await assert.rejects(remove(), /the Pulumi engine is gone; nothing was written/);
    api.drop(path);
    await assert.rejects(create(inputs()), /the Pulumi engine is gone/);
    assert.deepEqual([...api.sent("PATCH"), ...api.sent("DELETE")], []);
  });

  it("takes up its own object after an interruption, and nobody else's", async () => {
    const made = await create(inputs());
    const manager = String(made.outputs.__fieldManager);
    const managedBy = (name: string) => ({
      name: "map",
      namespace: "space",
      managedFields: [{ manager: name, operation: "Apply" }],
    });
    api.put(path, inputs({ metadata: managedBy(manager) }));
    assert.equal((await create(inputs())).id, "space/map");
    api.put(path, inputs({ metadata: managedBy("kubectl") }));
    await assert.rejects(create(inputs()), /ConfigMap space\/map: it already exists .* import: "space\/map"/);
  });

  it("follows the object until what it waits for holds, and tells what is missing", async () => {
    const waited = inputs({}, { "pulumi.com/waitFor": "jsonpath={.data.step}=3" });
    const created = create(waited);
    await waitFor("the first progress", async () => said.length > 0);
    api.put(path, { ...waited, data: { step: 3 } });
    assert.deepEqual((await created).outputs.data, { step: 3 });
    assert.equal(said[0], "jsonpath={.data.step}=3 does not hold yet (there is nothing)");
  });

  it("reads the object now and then if this identity may not watch it", async () => {
    api.answer = (_method, url) =>
      url.searchParams.has("watch") ? { code: 403, body: { message: "no watch" } } : undefined;
    const waited = inputs({}, { "pulumi.com/waitFor": "jsonpath={.data.step}=3" });
    const created = create(waited);
    await waitFor("the first progress", async () => said.length > 0);
    api.put(path, { ...waited, data: { step: 3 } });
    assert.deepEqual((await created).outputs.data, { step: 3 });
  });

  it("keeps an object in the state that was not ready in time, or when the user cancels", async () => {
    const waited = inputs({}, { "pulumi.com/waitFor": "jsonpath={.data.step}" });
    const late = await create(waited, false, 0.2).catch((error) => error);
    assert.ok(late instanceof NotReadyError);
    assert.equal(late.state.id, "space/map");
    assert.match(late.reasons[0] ?? "", /^not ready after 0\.2 s: jsonpath=\{\.data\.step\} does not hold yet/);

    api.objects.clear();
    said.length = 0;
    const created = create(waited).catch((error) => error);
    await waitFor("the first progress", async () => said.length > 0);
    provider.cancel();
    assert.match((await created).reasons[0], /^cancelled before it was ready/);
  });

  it("refuses a wait that it can't read before it writes anything", async () => {
    await assert.rejects(create(inputs({}, { "pulumi.com/waitFor": "soon" })), /can't read "soon"/);
    assert.deepEqual(api.sent("PATCH"), []);
  });

  it("deletes with what it owns, waits until it is gone, and says what holds it", async () => {
    await remove(); // gone already
    const held = { metadata: { name: "map", namespace: "space", finalizers: ["example.com/slow"] } };
    api.put(path, inputs(held));
    await assert.rejects(
      remove(0.2),
      /ConfigMap space\/map: still there after 0\.2 s: finalizers hold it: example\.com\/slow/,
    );
    const gone = remove();
    await waitFor("the second delete", async () => api.sent("DELETE").length === 2);
    api.drop(path);
    await gone;
  });

  it("says that the cluster can't be reached, and where it looked", async () => {
    api.stop();
    await assert.rejects(
      create(inputs()),
      /cannot reach the Kubernetes API server at http:\/\/127\.0\.0\.1:\d+: .*; is the cluster up\?/,
    );
  });
});
