import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "../../../live/api.ts";
import { LiveError } from "../../../live/live-error.ts";
import { readLive } from "../../../live/read.ts";
import { stateDir } from "../../../local/paths.ts";
import { desired } from "../../unit/transitions/fixture.ts";
import { clientAs, installRolloutApi, Walk } from "../rollout-api/support.ts";
import { apiCluster } from "../support.ts";

/** What the program and the command line see of a cluster. */
describe("reading the live Rollouts", () => {
  const before = process.env.KUBECONFIG;
  let kubeconfig: { users: object[]; clusters: { cluster: object }[]; contexts: { name: string }[] };
  after(() => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  });

  /** Reads by a kubeconfig that is a little different from the admin's. */
  const readBy = async (context: string, change: (config: typeof kubeconfig) => void = () => {}) => {
    const { readFile } = await import("node:fs/promises");
    kubeconfig = JSON.parse(await readFile((await apiCluster()).kubeconfig, "utf8"));
    change(kubeconfig);
    const file = join(stateDir, "read-live-kubeconfig");
    await writeFile(file, JSON.stringify(kubeconfig));
    process.env.KUBECONFIG = file;
    return readLive(connect(context));
  };
  const context = async (): Promise<string> => {
    await readBy("none").catch(() => undefined);
    return kubeconfig.contexts[0]!.name;
  };
  const says = (message: RegExp) => (error: unknown) => error instanceof LiveError && message.test(error.message);

  it("gives plain values, an abort that a person asked for included", async () => {
    await installRolloutApi();
    const walk = await Walk.begin("read-live");
    await walk.go(desired({ system: "read-live" }));
    await (await clientAs()).request({
      method: "PATCH",
      path: "/apis/rampart.dev/v1alpha1/namespaces/read-live/rollouts/rollout",
      contentType: "application/merge-patch+json",
      body: { metadata: { annotations: { "rampart.dev/abort": "1" } } },
    });
    const { rollout } = (await readBy(await context()))!["read-live"]!;
    assert.equal(rollout!.spec.phase, "prep");
    assert.deepEqual(rollout!.status.aborted?.trigger, "a person");
    assert.equal(rollout!.annotations["rampart.dev/abort"], "1");
  });

  it("says in a sentence what is missing: the context, the cluster, the login", async () => {
    const name = await context();
    await assert.rejects(readBy("nowhere"), says(/has no context nowhere; there are: /));
    const away = readBy(name, ({ clusters }) => {
      clusters[0]!.cluster = { ...clusters[0]!.cluster, server: "https://127.0.0.1:1" };
    });
    await assert.rejects(away, says(/no answer from https:\/\/127\.0\.0\.1:1 .*is the cluster running\?/));
    const nobody = readBy(name, ({ users }) => {
      users[0] = { ...users[0], user: { token: "nobody's" } };
    });
    await assert.rejects(nobody, says(/the login isn't accepted/));
  });
});
