import assert from "node:assert/strict";
import { join } from "node:path";
import { apply, type Cluster, kubectl } from "../../../local/cluster/cluster.ts";
import { root } from "../../../local/paths.ts";
import { waitFor } from "../../../local/wait.ts";
import { keptForever, keptUntilAnnotation, wayBackHours } from "../../../rollout/postgres/way-back.ts";
import { sharedCluster } from "../../support/clusters.ts";
import { up, type Workspace, workspace } from "../support.ts";

const namespace = "way-back";
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

describe("the cluster of PostgreSQL that is the way back", function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let project: Workspace;
  before(async () => {
    cluster = await sharedCluster("api");
    const component = JSON.stringify(join(root, "components/postgres/way-back.ts"));
    const program = `import { WayBack } from ${component};\nnew WayBack("way-back");\n`;
    project = await workspace(program, { kubeconfig: cluster.where.kubeconfig("admin") });
    await project.run(up);
    await kubectl(cluster, ["create", "namespace", namespace]);
    await put("probe", inHours(1));
    // A policy is in force a moment after it is there.
    await waitFor("the policy", async () =>
      /way back/.test(await refusal("delete", "statefulset", "probe", "--dry-run=server")),
    );
  });
  after(() => project?.remove());

  function put(name: string, until: string): Promise<void> {
    const labels = { app: name };
    const spec = {
      replicas: 0,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "postgres", image: "rampart.local/postgres" }] } },
    };
    const metadata = { name, namespace, annotations: { [keptUntilAnnotation]: until } };
    return apply(cluster, [{ apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec }]);
  }

  /** What the API server says to it; nothing where it may be. */
  const refusal = (...args: string[]): Promise<string> =>
    kubectl(cluster, ["-n", namespace, ...args]).then(
      () => "",
      (error: Error) => error.message,
    );
  const annotate = (name: string, until: string): Promise<string> =>
    refusal("annotate", "statefulset", name, "--overwrite", `${keptUntilAnnotation}${until}`);

  it("can't be removed before its time, not even by an admin, and can afterwards", async () => {
    await put("early", inHours(1));
    assert.match(await refusal("delete", "statefulset", "early"), /is the way back/);
    await put("late", inHours(-1));
    assert.equal(await refusal("delete", "statefulset", "late"), "");
  });

  it("can't have its time made less, nor taken away", async () => {
    await put("kept", inHours(wayBackHours));
    assert.match(await annotate("kept", `=${inHours(2)}`), /can't be made less/);
    assert.match(await annotate("kept", "-"), /can't be made less/);
    assert.equal(await annotate("kept", `=${inHours(2 * wayBackHours)}`), "");
  });

  it("has its time from when it no longer leads", async () => {
    await put("led", keptForever);
    assert.match(await refusal("delete", "statefulset", "led"), /is the way back/);
    assert.equal(await annotate("led", `=${inHours(wayBackHours)}`), "");
  });
});
