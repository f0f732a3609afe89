import assert from "node:assert/strict";
import type { Properties } from "../../local/providers/base/properties.ts";
import { waitFor } from "../../local/wait.ts";
import { type ApiCluster, apiCluster, destroy, up, type Workspace, workspace } from "./support.ts";

const namespace = "awaits";

describe("waiting for what was deployed", () => {
  let cluster: ApiCluster;
  let project: Workspace;
  before(async () => {
    cluster = await apiCluster();
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    await cluster.objects.apply(space, { fieldManager: "test", force: false, dryRun: false });
    project = await workspace(
      `
      import * as k8s from "@pulumi/kubernetes";
      const metadata = { namespace: "${namespace}", name: "app" };
      const matchLabels = { app: "app" };
      if (process.env.WORKLOAD) {
        const annotations = { "pulumi.com/timeoutSeconds": process.env.TIMEOUT ?? "40" };
        new k8s.apps.v1.Deployment("workload", { metadata: { ...metadata, annotations }, spec: { replicas: 1, selector: { matchLabels },
          template: { metadata: { labels: matchLabels }, spec: { containers: [{ name: "main", image: "missing:1" }] } } } });
        new k8s.core.v1.Service("service", { metadata: { ...metadata, annotations }, spec: { selector: matchLabels, ports: [{ port: 80 }] } });
      } else {
        const annotations = { "pulumi.com/waitFor": '["jsonpath={.data.done}=yes", "jsonpath={.metadata.uid}"]' };
        new k8s.core.v1.ConfigMap("gate", { metadata: { ...metadata, annotations }, data: { a: "1" } });
      }
    `,
      { kubeconfig: cluster.kubeconfig },
    );
  });
  after(() => project.remove());

  it("waits for what the annotation names, and says meanwhile what is missing", async () => {
    const running = project.start(up);
    await running.printed("jsonpath={.data.done}=yes does not hold yet");
    const done = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: "app" }, data: { done: "yes" } };
    await cluster.objects.apply(done, { fieldManager: "somebody", force: false, dryRun: false });
    assert.equal((await running.done).code, 0);
  });

  it("keeps a deployment that doesn't come up in the state, with the reason", async () => {
    const stopKubelet = playKubelet(cluster, "ImagePullBackOff");
    const { text } = await project.failure(up, { WORKLOAD: "1", TIMEOUT: "2" }).finally(stopKubelet);
    assert.match(text, /not ready after 2 s: 0 of 1 pods ready/);
    assert.match(text, /pod app-\S+, container main: ImagePullBackOff: no such image/);
    const { resources } = await project.state();
    assert.match(String(resources.find(({ urn }) => urn.endsWith("::workload"))?.initErrors), /ImagePullBackOff/);
  });

  it("goes on from there, and waits for the service's endpoints too", async () => {
    const stopKubelet = playKubelet(cluster, "ready");
    await cluster.objects.apply(endpoint, { fieldManager: "test", force: true, dryRun: false });
    const { operations } = await project.run(up, { WORKLOAD: "1" }).finally(stopKubelet);
    assert.deepEqual([operations.workload, operations.service], [["update"], ["update"]]);
    assert.equal(
      (await project.state()).resources.find(({ initErrors }) => initErrors),
      undefined,
    );
    await project.run(destroy);
  });
});

/** Reports a state for every pod, as a kubelet would, until it is stopped. */
function playKubelet({ client, objects }: ApiCluster, state: "ready" | "ImagePullBackOff"): () => Promise<void> {
  let stopped = false;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const report = async () => {
    for (const pod of await objects.list({ apiVersion: "v1", kind: "Pod", namespace })) {
      const { name } = pod.metadata as Properties;
      const body = { status: state === "ready" ? readyStatus : failingStatus };
      await client
        .request({ method: "PATCH", path: `${pods}/${name}/status`, contentType: "application/merge-patch+json", body })
        .catch(() => {});
    }
  };
  const playing = waitFor(
    "the end of the test",
    async () => {
      if (!stopped) await report();
      return stopped;
    },
    { interval: 200 },
  );
  return async () => {
    stopped = true;
    await playing;
  };
}

/** What the controller would write for a ready pod; ours run on no node. */
const endpoint = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { namespace, name: "app-1", labels: { "kubernetes.io/service-name": "app" } },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.1.2.3"], conditions: { ready: true } }],
  ports: [{ port: 80 }],
};
const readyStatus = {
  phase: "Running",
  podIP: "10.1.2.3",
  podIPs: [{ ip: "10.1.2.3" }],
  conditions: [{ type: "Ready", status: "True" }],
  containerStatuses: [],
};
const failingStatus = {
  phase: "Pending",
  containerStatuses: [
    {
      name: "main",
      image: "missing:1",
      imageID: "",
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } },
    },
  ],
};
