import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Lead } from "../../../components/postgres/lead.ts";
import { Passwords } from "../../../components/postgres/passwords.ts";
import { PatroniCluster, type PatroniClusterArgs } from "../../../components/postgres/patroni-cluster.ts";
import type { Pair } from "../../../rollout/postgres/pair.ts";
import { good } from "./fixture.ts";

const schedule = { full: "0 1 * * 0", differential: "0 1 * * 1-6", verification: "0 4 * * *" };
const backups = { volumeMiB: 1500, keptFull: 2, schedule };
const alias = { ip: "10.0.0.1", hostnames: ["a"] };
const image = `registry.example/postgres@sha256:${"a".repeat(64)}`;
const etcd = { members: 3, volumeMiB: 1024, image: `registry.example/etcd@sha256:${"b".repeat(64)}` };

/** Whatever is wrong with the arguments is said by the program itself, so a preview says it and nothing has changed yet. */
describe("a program that asks for a cluster of PostgreSQL", function () {
  this.timeout(20_000); // the first to load Pulumi pays for it
  let passwords: Passwords;
  before(async () => {
    const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({ id: `${name}-id`, state: inputs });
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "rampart", "test", true);
    passwords = new Passwords("demo", { scope: "demo", namespace: "data" });
  });
  after(() => pulumi.runtime.disconnect());

  let counter = 0;
  const declare = (change: Partial<PatroniClusterArgs>): PatroniCluster => {
    const scope = change.scope ?? `demo-${++counter}`;
    const args = { ...good, image, tlsSecret: "tls", clients: ["10.0.0.0/8"], passwords, backups };
    return new PatroniCluster(scope, { ...args, durability: "quorum", ...change, scope });
  };

  it("gets it where nothing speaks against it", () => {
    assert.doesNotThrow(() => declare({}));
    assert.doesNotThrow(() => declare({ etcd }));
  });

  const refused: readonly [string, Partial<PatroniClusterArgs>, RegExp][] = [
    ["a volume without room for WAL", { volumeMiB: 1000 }, /volumeMiB: 1000 leaves 200 MiB for WAL/],
    ["two members", { members: 2 }, /members: got 2, allowed are 3 to 9/],
    [
      "a lock that ends while it is renewed",
      { timings: { ttl: 14, loopWait: 5, retryTimeout: 5 } },
      /timings: .* 15 s/,
    ],
    [
      "a frozen leader left in its Service",
      { readiness: { periodSeconds: 5, failureThreshold: 4 } },
      /readiness: .*20 s/,
    ],
    ["a downgrade", { runningVersion: 18 }, /18 runs and 17 is asked for.*a downgrade/],
    ["two aliases of one address", { hostAliases: [alias, alias] }, /10\.0\.0\.1 is there twice/],
    ["backups without the room", { backups: { ...backups, volumeMiB: 1499 } }, /at least 1500 is needed/],
    [
      "an even number of etcd members",
      { etcd: { ...etcd, members: 4 } },
      /etcd\.members: got 4; 4 survive no more losses than 3, and more can be lost; allowed are 3, 5, 7/,
    ],
    ["a single member of etcd", { etcd: { ...etcd, members: 1 } }, /etcd\.members: got 1; allowed are 3, 5, 7/],
    [
      "an etcd without room for its log",
      { etcd: { ...etcd, volumeMiB: 1023 } },
      /etcd\.volumeMiB: got 1023, at least 1024/,
    ],
    ["a time of no zone", { restore: { scope: "other", asOf: "2026-11-21 10:00:00" } }, /a time with its zone/],
    [
      "a restore into itself",
      { scope: "self", restore: { scope: "self", asOf: "2026-11-21 10:00:00+00" } },
      /self can't be restored into itself/,
    ],
  ];
  for (const [what, change, reason] of refused) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => declare(change), reason);
    });
  }

  it("is refused for a second cluster with the scope of the first", () => {
    declare({ scope: "twice" });
    assert.throws(() => declare({ scope: "twice" }), /data\/twice names two clusters/);
  });

  it("is refused for a second cluster whose WAL would go where that of the first goes", () => {
    const bucket = { name: "backups", prefix: "x", region: "eu-central-1", addresses: ["10.0.0.0/8"], secret: "login" };
    const stored = { scope: "stored", backups: { keptFull: 2, schedule, bucket } };
    declare(stored);
    assert.throws(
      () => declare({ ...stored, namespace: "other" }),
      /WAL of two clusters, data\/stored and other\/stored/,
    );
    assert.doesNotThrow(() => declare({ ...stored, scope: "stored-too" }));
  });

  it("is refused for a lead that neither of two clusters can have", () => {
    const clusters: Pair["clusters"] = [
      { scope: "old", members: 3, postgresVersion: 17 },
      { scope: "new", members: 3, postgresVersion: 17 },
    ];
    const lead = { namespace: "data", clusters, leads: "oldest", image, tlsSecret: "tls", passwords };
    assert.throws(() => new Lead("lead", lead), /got "oldest", allowed are old and new/);
  });

  it("is refused for another major version than its lead knows of, and for a lead to an older one", () => {
    const [old, fresh]: Pair["clusters"] = [
      { scope: "fifteen", members: 3, postgresVersion: 15 },
      { scope: "seventeen", members: 3, postgresVersion: 17 },
    ];
    const given = { namespace: "data", leads: "fifteen", image, tlsSecret: "tls", passwords };
    const lead = new Lead("versions", { ...given, clusters: [old, fresh] });
    declare({ scope: "fifteen", lead, postgresVersion: 15 });
    const reason = /got 16, and to its lead seventeen has 17/;
    assert.throws(() => declare({ scope: "seventeen", lead, postgresVersion: 16 }), reason);
    assert.throws(() => new Lead("back", { ...given, clusters: [fresh, old] }), /an older version can't take over/);
  });

  it("is refused for a store of its own where the lead goes from one cluster to another", () => {
    const clusters: Pair["clusters"] = [
      { scope: "left", members: 3, postgresVersion: 17 },
      { scope: "right", members: 3, postgresVersion: 17 },
    ];
    const lead = new Lead("pair", { namespace: "data", clusters, leads: "left", image, tlsSecret: "tls", passwords });
    assert.throws(
      () => declare({ scope: "left", lead, etcd }),
      /by objects of the API server.*leave out etcd, or lead/,
    );
  });
});
