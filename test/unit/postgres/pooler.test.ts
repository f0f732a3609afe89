import assert from "node:assert/strict";
import { parametersOf } from "../../../rollout/postgres/parameters.ts";
import { poolerConfig, poolerReplicas, poolerUsers } from "../../../rollout/postgres/pooler.ts";
import { good } from "./fixture.ts";

const setting = (config: string, name: string): string | undefined =>
  new RegExp(`^${name} = (.*)$`, "m").exec(config)?.[1];

describe("the connection pools", () => {
  it("take less connections together than the server has, however much memory it has", () => {
    for (const memoryMiB of [256, 384, 1024, 8192, 262_144]) {
      const request = { ...good, memoryMiB };
      const size = Number(setting(poolerConfig(request), "default_pool_size"));
      assert.ok(size >= 5, `${size} connections with ${memoryMiB} MiB`);
      assert.ok(size * poolerReplicas <= Number(parametersOf(request).max_connections) - 10);
    }
  });

  it("go to the leader's Service and verify who answers there", () => {
    const config = poolerConfig(good);
    assert.match(config, /^app = host=demo-primary\.data\.svc port=5432 dbname=app$/m);
    assert.equal(setting(config, "server_tls_sslmode"), "verify-full");
  });

  it("let clients wait longer than a failover takes", () => {
    const { ttl, loopWait } = good.timings;
    assert.ok(Number(setting(poolerConfig(good), "query_wait_timeout")) > ttl + loopWait + 5);
  });

  it("know their users by lines that PgBouncer reads", () => {
    assert.equal(poolerUsers({ app: "a1", pooler: "b2" }), '"app" "a1"\n"pooler" "b2"\n');
  });
});
