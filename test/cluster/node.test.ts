import assert from "node:assert/strict";
import { ExecError } from "../../local/exec.ts";
import { Space } from "../support/pods.ts";

describe("a node", () => {
  let space: Space;

  before(async () => {
    space = await Space.open();
    await space.apply(...space.simulator("web", "stable", "1.0.0", 2));
    await space.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
  });

  it("runs pods that answer through their Service's name", async () => {
    const { tracks } = await space.probe("http://web/", "-n", "50");
    assert.deepEqual(tracks, { stable: { "200": 50 } });
  });

  it("resolves full names, and says at once that a name doesn't exist", async () => {
    const said = await space.kubectl(
      "exec",
      "client",
      "--",
      "load",
      "resolve",
      `web.${space.namespace}.svc.cluster.local`,
    );
    assert.match(said, /10\.96\.\d+\.\d+/);
    await assert.rejects(space.kubectl("exec", "client", "--", "load", "resolve", "nobody.example.com"), /nobody/);
  });

  it("answers for a Service with a single pod", async () => {
    await space.apply(...space.simulator("self", "stable"));
    await space.kubectl("rollout", "status", "deployment/self", "--timeout=60s");
    const { tracks } = await space.probe("http://self/", "-n", "5");
    assert.deepEqual(tracks, { stable: { "200": 5 } });
  });

  it("gives pods a token that the API server knows, and no rights with it", async () => {
    const who = `system:serviceaccount:${space.namespace}:default`;
    assert.equal((await space.kubectl("auth", "can-i", "get", "pods", "--as", who).catch(() => "no")).trim(), "no");
    const mounts = await space.kubectl(
      "get",
      "pod",
      "client",
      "--output",
      "jsonpath={.spec.containers[0].volumeMounts}",
    );
    assert.match(mounts, /serviceaccount/);
  });

  it("shows logs and runs commands in pods", async () => {
    const logs = await space.kubectl("logs", "deployment/web");
    assert.match(logs, /\S/);
  });

  it("has no way out", async () => {
    // The address is one of those set aside for documents: nothing anywhere has it.
    await assert.rejects(space.probe("http://192.0.2.1/", "-n", "1"), (error) => {
      assert.ok(error instanceof ExecError);
      assert.deepEqual(JSON.parse(error.stdout).errors, { unreachable: 1 });
      return true;
    });
  });
});
