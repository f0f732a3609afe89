import assert from "node:assert/strict";
import { parametersOf, parametersReadAtStart } from "../../../rollout/postgres/parameters.ts";
import { type Durability, dynamicConfig, memberConfig } from "../../../rollout/postgres/patroni.ts";
import { good } from "./fixture.ts";

// biome-ignore lint/suspicious/noExplicitAny: it is JSON for another program
const agreed = (durability: Durability, clients: readonly string[]): any =>
  dynamicConfig({ timings: good.timings, parameters: parametersOf(good), durability, clients });

describe("what the members of a cluster agree on", () => {
  it("is that a write waits for another member, or that it doesn't", () => {
    assert.equal(agreed("quorum", []).synchronous_mode, "quorum");
    assert.equal(agreed("asynchronous", []).synchronous_mode, false);
  });

  it("lets nobody in from elsewhere, without TLS or without a password", () => {
    const rules: string[] = agreed("quorum", ["10.1.0.0/16"]).postgresql.pg_hba;
    assert.deepEqual(rules, [
      "local all all peer",
      "hostssl replication standby 127.0.0.1/32 scram-sha-256",
      "hostssl replication standby 10.1.0.0/16 scram-sha-256",
      "hostssl all all 127.0.0.1/32 scram-sha-256",
      "hostssl all all 10.1.0.0/16 scram-sha-256",
      "hostnossl all all all reject",
    ]);
  });
});

describe("a member on its own", () => {
  it("verifies whom it connects to, be it a server or another member's interface", () => {
    // biome-ignore lint/suspicious/noExplicitAny: it is JSON for another program
    const { ctl, restapi, postgresql } = memberConfig({ postgresVersion: 17 }) as any;
    assert.equal(restapi.verify_client, "optional");
    assert.ok(ctl.certfile && ctl.cacert, "without a certificate of its own nothing would be verified");
    for (const login of ["superuser", "replication", "rewind"]) {
      assert.equal(postgresql.authentication[login].sslmode, "verify-ca");
    }
  });
});

describe("parameters that are read at a start only", () => {
  const restarts = (change: object): boolean => {
    const [before, after] = [good, { ...good, ...change }].map((each) => parametersReadAtStart(parametersOf(each)));
    return JSON.stringify(before) !== JSON.stringify(after);
  };

  it("change with the memory, and not with the volume", () => {
    assert.equal(restarts({ memoryMiB: 1024 }), true);
    assert.equal(restarts({ volumeMiB: 8192, dataMiB: 600 }), false);
  });
});
