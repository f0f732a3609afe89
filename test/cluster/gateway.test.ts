import assert from "node:assert/strict";
import { servedGateway } from "../../local/cluster/addons/gateway.ts";
import { waitFor } from "../../local/wait.ts";
import { openGateway } from "../support/gateway.ts";
import { Space } from "../support/pods.ts";

describe("the gateway of a node", () => {
  let space: Space;
  const host = "gateway.test.example.com";
  const route = (stable: number, canary: number) => ({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "web" },
    spec: {
      parentRefs: [servedGateway],
      hostnames: [host],
      rules: [
        {
          backendRefs: [
            { name: "stable", port: 80, weight: stable },
            { name: "canary", port: 80, weight: canary },
          ],
        },
      ],
    },
  });
  const ask = (requests: number) => space.probe("http://envoy.projectcontour/", "-host", host, "-n", String(requests));

  before(async () => {
    space = await Space.open();
    await space.kubectl("create", "namespace", servedGateway.namespace).catch(() => undefined);
    await space.apply(
      openGateway,
      ...space.simulator("stable", "stable"),
      ...space.simulator("canary", "canary", "1.1.0"),
      route(100, 0),
    );
    for (const track of ["stable", "canary"]) await space.kubectl("rollout", "status", `deployment/${track}`);
    await waitFor("the route", () => ask(1));
  });

  it("sends everything to stable at 100 to 0", async () => {
    assert.deepEqual((await ask(500)).tracks, { stable: { "200": 500 } });
  });

  it("shares requests by weight", async () => {
    await space.apply(route(75, 25));
    await waitFor("the canary's first answer", async () => "canary" in (await ask(20)).tracks);
    const { tracks } = await ask(2000);
    const canary = tracks.canary!["200"]!;
    // 500 expected; outside of these bounds once in more than ten million runs.
    assert.ok(canary > 390 && canary < 610, `${canary} of 2000 went to the canary`);
    assert.equal(canary + tracks.stable!["200"]!, 2000);
  });

  it("answers at the node's own address, where this machine reaches it", async () => {
    const answer = await waitFor("an answer", () => fetch(`http://${space.cluster.address}/`));
    await answer.arrayBuffer();
    assert.equal(answer.status, 404); // no route has this host, so it is the gateway itself that answers
  });
});
