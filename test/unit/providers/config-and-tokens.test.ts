import assert from "node:assert/strict";
import { checkConfig, parseConfig } from "../../../local/providers/kubernetes/provider-config.ts";
import { parseToken } from "../../../local/providers/kubernetes/token.ts";

describe("the provider's config", () => {
  it("is read from text, and from the environment where nothing is given", () => {
    const config = parseConfig(
      { context: "a", enablePatchForce: "true", enableSecretMutable: "false" },
      { PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true", PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE: "true" },
    );
    assert.deepEqual(config, {
      context: "a",
      enableConfigMapMutable: true,
      enableSecretMutable: false,
      enablePatchForce: true,
      upsertExistingObjects: false,
      suppressDeprecationWarnings: false,
    });
  });
  it("refuses what it would ignore, by name", () => {
    assert.deepEqual(checkConfig({ kubeconfig: "x", clusterIdentifier: "y", __internal: {}, version: "4" }), []);
    const failures = checkConfig({ renderYamlToDirectory: "out", enableServerSideApply: "false" });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["renderYamlToDirectory", "enableServerSideApply"],
    );
  });
});

describe("a type token", () => {
  it("names the kind, and whether it is a patch", () => {
    assert.deepEqual(parseToken("kubernetes:core/v1:ConfigMap"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      isPatch: false,
    });
    assert.deepEqual(parseToken("kubernetes:apps/v1:DeploymentPatch"), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      isPatch: true,
    });
    assert.deepEqual(parseToken("kubernetes:rampart.dev/v1alpha1:Rollout"), {
      apiVersion: "rampart.dev/v1alpha1",
      kind: "Rollout",
      isPatch: false,
    });
  });
  for (const type of [
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:yaml:ConfigFile",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:core/v1:PodList",
  ]) {
    it(`refuses ${type} by name`, () =>
      assert.throws(() => parseToken(type), new RegExp(`^Error: ${type.replace(".", "\\.")} is not offered`)));
  }
});
