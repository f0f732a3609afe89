import assert from "node:assert/strict";
import type { Properties } from "../../local/providers/base/properties.ts";
import { waitFor } from "../../local/wait.ts";
import { sharedCluster } from "../support/clusters.ts";
import { type ApiCluster, apiCluster, destroy, preview, refresh, up, type Workspace, workspace } from "./support.ts";

const object = (apiVersion: string, kind: string, namespace: string | undefined, name: string): Properties => ({
  apiVersion,
  kind,
  metadata: namespace === undefined ? { name } : { name, namespace },
});

describe("the embedded Kubernetes provider", () => {
  let cluster: ApiCluster;
  const projects: Workspace[] = [];
  const project = async (program: string) => {
    const made = await workspace(program, { kubeconfig: cluster.kubeconfig });
    projects.push(made);
    return made;
  };
  before(async function () {
    this.timeout(60_000);
    cluster = await apiCluster();
  });
  after(async () => {
    for (const each of projects) await each.remove();
  });

  describe("through a resource's life", () => {
    let life: Workspace;
    before(async () => {
      life = await project(`
        import * as k8s from "@pulumi/kubernetes";
        const namespace = new k8s.core.v1.Namespace("space", { metadata: { name: "life" } });
        const metadata = { namespace: namespace.metadata.name };
        const settings = new k8s.core.v1.ConfigMap("settings", { metadata, data: { size: process.env.SIZE ?? "1" } });
        new k8s.core.v1.Secret("login", { metadata: { ...metadata, name: "login" }, stringData: { password: "hunter2-hunter2" } });
        const stepped = { rule: "self.n <= oldSelf.n + 1", message: "one step at a time" };
        const spec = { type: "object", properties: { n: { type: "integer" } }, "x-kubernetes-validations": [stepped] };
        const crd = new k8s.apiextensions.v1.CustomResourceDefinition("steps", {
          metadata: { name: "steps.life.example.com" },
          spec: { group: "life.example.com", names: { kind: "Step", plural: "steps" }, scope: "Namespaced",
            versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } }] },
        } as any);
        new k8s.apiextensions.CustomResource("step", { apiVersion: "life.example.com/v1", kind: "Step",
          metadata: { ...metadata, name: "step" }, spec: { n: Number(process.env.STEP ?? 1) } }, { dependsOn: crd });
        export const uid = namespace.metadata.uid;
        export const size = settings.data;
      `);
    });

    it("knows in a first preview what it will make, but not what only the server can know", async () => {
      const { changes, text } = await life.run(preview);
      assert.deepEqual(changes, { create: 6 });
      assert.match(text, /uid *: \[unknown\]/);
      assert.match(text, /size: "1"/);
    });

    it("makes everything, drops nothing on the way, and then has nothing to do", async () => {
      await life.run(up);
      const crd = await cluster.objects.get(
        object("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, "steps.life.example.com"),
      );
      assert.match(JSON.stringify(crd), /"message":"one step at a time"/);
      assert.deepEqual((await life.run(preview)).changes, { same: 6 });
    });

    it("keeps secrets encrypted in the state", async () => {
      const { text, resources } = await life.state();
      for (const plain of ["hunter2-hunter2", Buffer.from("hunter2-hunter2").toString("base64")])
        assert.ok(!text.includes(plain), plain);
      const login = resources.find(({ urn }) => urn.endsWith("::login"));
      assert.match(JSON.stringify(login?.outputs?.data), /ciphertext/);
    });

    it("shows in a preview what a rule of the API server denies", async () => {
      const { text } = await life.failure(preview, { STEP: "3" });
      assert.match(text, /Step life\/step: .*one step at a time/);
    });

    it("replaces a ConfigMap whose data changes under a new name, old one last", async () => {
      const { operations } = await life.run(up, { SIZE: "2" });
      assert.deepEqual(operations.settings, ["create-replacement", "replace", "delete-replaced"]);
      const maps = await cluster.objects.list({ apiVersion: "v1", kind: "ConfigMap", namespace: "life" });
      const ours = maps.filter((map) => map.data && "size" in (map.data as Properties));
      assert.deepEqual(
        ours.map((map) => map.data),
        [{ size: "2" }],
      );
    });

    it("finds on refresh what is gone, makes it again, and finds nothing when nothing drifted", async () => {
      assert.deepEqual((await life.run(refresh, { SIZE: "2" })).changes, { same: 6 });
      await cluster.objects.delete(object("life.example.com/v1", "Step", "life", "step"), "Background");
      assert.equal((await life.run(refresh, { SIZE: "2" })).changes.delete, 1);
      assert.deepEqual((await life.run(up, { SIZE: "2" })).changes, { create: 1, same: 5 });
    });

    it("deletes all of it and waits until it is gone", async () => {
      await life.run(destroy);
      assert.equal(await cluster.objects.get(object("v1", "Namespace", undefined, "life")), undefined);
    });
  });

  it("names the other field manager, and takes its field over only when told to", async () => {
    const forced = await project(`
      import * as k8s from "@pulumi/kubernetes";
      const annotations = process.env.FORCE ? { "pulumi.com/patchForce": "true" } : {};
      new k8s.core.v1.ConfigMap("shared", { metadata: { name: "forced", annotations }, data: { a: "ours" } });
    `);
    await forced.run(["config", "set", "kubernetes:enableConfigMapMutable", "true"]);
    await forced.run(up);
    const theirs = { ...object("v1", "ConfigMap", "default", "forced"), data: { a: "theirs" } };
    await cluster.objects.apply(theirs, { fieldManager: "somebody", force: true, dryRun: false });
    assert.equal((await forced.run(refresh)).changes.update, 1);
    const { text } = await forced.failure(up);
    assert.match(
      text,
      /ConfigMap default\/forced: other field managers .*\.data\.a \(managed by "somebody"\).*patchForce/,
    );
    await forced.run(up, { FORCE: "yes" });
    assert.deepEqual((await cluster.objects.get(theirs))?.data, { a: "ours" });
    await forced.run(destroy);
  });

  it("shows in a preview what an admission policy denies", async () => {
    const name = "no-forbidden-maps";
    const rules = [
      { apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["CREATE", "UPDATE"] },
    ];
    const validations = [{ expression: "object.metadata.name != 'forbidden'", message: "this name is not for you" }];
    const policy = {
      ...object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", undefined, name),
      spec: { failurePolicy: "Fail", matchConstraints: { resourceRules: rules }, validations },
    };
    const binding = {
      ...object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", undefined, name),
      spec: { policyName: name, validationActions: ["Deny"] },
    };
    for (const each of [policy, binding]) {
      await cluster.objects.apply(each, { fieldManager: "test", force: true, dryRun: false });
    }
    const forbidden = object("v1", "ConfigMap", "default", "forbidden");
    const tried = { fieldManager: "test", force: false, dryRun: true };
    await waitFor("the policy's start", () =>
      cluster.objects.apply(forbidden, tried).then(
        () => false,
        () => true,
      ),
    );
    const denied = await project(`
      import * as k8s from "@pulumi/kubernetes";
      new k8s.core.v1.ConfigMap("map", { metadata: { name: "forbidden" }, data: { a: "1" } });
    `);
    const { text } = await denied.failure(preview);
    assert.match(
      text,
      /ConfigMap default\/forbidden: .*ValidatingAdmissionPolicy 'no-forbidden-maps'.*this name is not for you/,
    );
    for (const each of [binding, policy]) await cluster.objects.delete(each, "Background");
  });

  it("shows a preview to somebody without rights, and lets him do nothing", async () => {
    const account = (value: string) => `
      import * as k8s from "@pulumi/kubernetes";
      new k8s.core.v1.ServiceAccount("account", { metadata: { name: "watched", labels: { a: "${value}" } } });
    `;
    const watched = await project(account("1"));
    const { where } = await sharedCluster("api");
    const stranger = { KUBECONFIG: where.kubeconfig("previewer") };
    const created = await watched.run(preview, stranger);
    assert.deepEqual(created.operations.account, ["create"]);
    assert.match(created.text, /the API server wasn't asked, for .* cannot get resource "serviceaccounts"/);
    await watched.run(up);
    await watched.write({ "index.ts": account("2") });
    const changed = await watched.run(preview, stranger);
    assert.deepEqual(changed.operations.account, ["update"]);
    assert.match(changed.text, /the API server wasn't asked, for .* cannot patch resource "serviceaccounts"/);
    assert.match((await watched.failure(up, stranger)).text, /cannot patch resource "serviceaccounts"/);
    await watched.run(destroy);
  });

  it("patches a few fields of an object that somebody else made, and gives them back", async () => {
    const theirs = { ...object("v1", "ConfigMap", "default", "patched"), data: { a: "theirs" } };
    await cluster.objects.apply(theirs, { fieldManager: "somebody", force: false, dryRun: false });
    const patch = await project(`
      import * as k8s from "@pulumi/kubernetes";
      new k8s.core.v1.ConfigMapPatch("patch", { metadata: { name: "patched" }, data: { b: "ours" } });
    `);
    await patch.run(up);
    assert.deepEqual((await cluster.objects.get(theirs))?.data, { a: "theirs", b: "ours" });
    await patch.run(destroy);
    assert.deepEqual((await cluster.objects.get(theirs))?.data, { a: "theirs" });
    await cluster.objects.delete(theirs, "Background");
  });

  it("doesn't take over an object that it did not make, imports it, and refuses what isn't a Kubernetes kind", async () => {
    const theirs = { ...object("v1", "ConfigMap", "default", "imported"), data: { a: "1" } };
    await cluster.objects.apply(theirs, { fieldManager: "somebody", force: false, dryRun: false });
    const taken = await project(`
      import * as k8s from "@pulumi/kubernetes";
      const options = process.env.IMPORT ? { import: "default/imported" } : {};
      new k8s.core.v1.ConfigMap("taken", { metadata: { name: "imported" }, data: { a: "1" } }, options);
      if (process.env.HELM) new k8s.helm.v3.Release("chart", { chart: "x" });
    `);
    assert.match((await taken.failure(preview)).text, /ConfigMap default\/imported: it already exists/);
    assert.match(
      (await taken.failure(preview, { IMPORT: "1", HELM: "1" })).text,
      /helm.sh\/v3:Release is not offered by the embedded provider/,
    );
    assert.deepEqual((await taken.run(up, { IMPORT: "1" })).changes, { create: 1, import: 1 });
    assert.deepEqual((await taken.run(preview)).changes, { same: 2 });
    await taken.run(destroy);
    assert.equal(await cluster.objects.get(theirs), undefined);
  });
});
