import assert from "node:assert/strict";
import type { PlainResource } from "../../../rollout/baseline/model.ts";
import { declaredDatabase } from "../../../rollout/checklist/declared-database.ts";
import { archiving } from "../../../rollout/postgres/backups.ts";
import { parametersOf } from "../../../rollout/postgres/parameters.ts";
import { dynamicConfig, memberConfig } from "../../../rollout/postgres/patroni.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { good as request } from "../postgres/fixture.ts";

const plan = plans.find(({ system }) => system === "distributed-postgres")!;
const parameters = { ...parametersOf(request), ...archiving("demo") };
const clients = ["10.0.0.0/8"];
const agreed = dynamicConfig({ ...request, durability: "quorum", parameters, clients });

interface Change {
  agreed?: object;
  without?: string;
  replicas?: number;
  env?: object[];
  server?: object;
  retention?: string;
}

/** What the component declares, as far as a rule looks at it. */
function resources(change: Change = {}): PlainResource[] {
  const named = (name: string) => ({ name, namespace: "distributed-postgres" });
  const container = (name: string) => ({ name, env: name === "patroni" ? (change.env ?? []) : [] });
  const template = (name: string) => ({
    spec: { containers: [container(name)], volumes: [{ name: "config", configMap: { name: "demo-patroni-1" } }] },
  });
  const all: PlainResource[] = [
    {
      type: "kubernetes:apps/v1:StatefulSet",
      name: "demo-members",
      props: {
        metadata: named("demo"),
        spec: {
          replicas: change.replicas ?? 3,
          template: template("patroni"),
          volumeClaimTemplates: [{}],
          persistentVolumeClaimRetentionPolicy: { whenDeleted: change.retention ?? "Retain" },
        },
      },
    },
    {
      type: "kubernetes:core/v1:ConfigMap",
      name: "demo-config",
      props: {
        metadata: { ...named("demo-config"), annotations: { config: JSON.stringify(change.agreed ?? agreed) } },
      },
    },
    {
      type: "kubernetes:core/v1:ConfigMap",
      name: "demo-patroni",
      props: {
        metadata: named("demo-patroni-1"),
        data: { "patroni.json": JSON.stringify(change.server ?? memberConfig({ postgresVersion: 17 })) },
      },
    },
    {
      type: "kubernetes:apps/v1:Deployment",
      name: "demo-pooler-pods",
      props: { metadata: named("demo-pooler"), spec: { template: template("pgbouncer") } },
    },
    {
      type: "kubernetes:core/v1:Service",
      name: "demo-service-primary",
      props: { metadata: named("demo-primary"), spec: { selector: { role: "primary" } } },
    },
  ];
  return all.filter(({ name }) => name !== change.without);
}

const without = (...names: string[]) => {
  const left = Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));
  return { agreed: dynamicConfig({ ...request, durability: "quorum", parameters: left, clients }) };
};
const withRules = (...rules: string[]) => ({ agreed: { ...agreed, postgresql: { parameters, pg_hba: rules } } });
const closed = "hostnossl all all all reject";

const broken: Readonly<Record<string, readonly [Change, RegExp]>> = {
  "DB-01": [{ server: { postgresql: { bin_dir: "/usr/lib/postgresql/14/bin" } } }, /runs PostgreSQL 14/],
  "DB-03": [without("work_mem"), /nothing is said of work_mem/],
  "DB-04": [withRules("hostssl all all 0.0.0.0/0 scram-sha-256", closed), /lets in whoever asks/],
  "DB-05": [without("max_replication_slots"), /max_replication_slots/],
  "DB-06": [without("archive_mode"), /archived nowhere/],
  "DB-07": [without("wal_level"), /wal_level isn't logical/],
  "DB-10": [without("autovacuum_vacuum_scale_factor"), /autovacuum_vacuum_scale_factor/],
  "DB-12": [{ without: "demo-pooler-pods" }, /no pools/],
  "SEC-04": [withRules("host all all 10.0.0.0/8 scram-sha-256", closed), /without TLS/],
  "SEC-05": [without("password_encryption"), /password_encryption/],
  "SEC-07": [{ env: [{ name: "APP_PASSWORD", value: "open" }] }, /demo-members: APP_PASSWORD/],
  "SEC-08": [without("log_connections"), /log_connections/],
  "SEC-09": [without("log_min_duration_statement"), /aren't logged/],
  "HA-01": [{ replicas: 2 }, /has 2 members/],
  "HA-04": [{ without: "demo-service-primary" }, /no Service follows/],
  "INF-05": [{ retention: "Delete" }, /doesn't outlive/],
};

describe("what the database's resources say of its checklist", () => {
  it("is that the component holds every item that they can answer", () => {
    const said = Object.entries(declaredDatabase).flatMap(([id, decide]) => {
      const wrong = decide({ plan, resources: resources() });
      return wrong ? [`${id}: ${wrong}`] : [];
    });
    assert.deepEqual(said, []);
  });

  it("is asked of each item in a way that can fail", () => {
    assert.deepEqual(Object.keys(broken).sort(), Object.keys(declaredDatabase).sort());
  });

  for (const [id, [change, message]] of Object.entries(broken)) {
    it(`${id} is broken where ${message.source}`, () => {
      assert.match(declaredDatabase[id]!({ plan, resources: resources(change) }) ?? "", message);
    });
  }

  it("is the same of a cluster with a store of its own", () => {
    const named = (name: string) => ({ name, namespace: "distributed-postgres" });
    const pod = (name: string, env: object[]) => ({ template: { spec: { containers: [{ name, env }] } } });
    const told = {
      metadata: named("demo-agreed-1"),
      spec: pod("agreed", [{ name: "AGREED", value: JSON.stringify(agreed) }]),
    };
    const own: PlainResource[] = [
      ...resources().filter(({ name }) => !["demo-config", "demo-service-primary"].includes(name)),
      { type: "kubernetes:batch/v1:Job", name: "demo-etcd-agreed", props: told },
      {
        type: "kubernetes:apps/v1:Deployment",
        name: "demo-router-pods",
        props: { metadata: named("demo-router"), spec: pod("haproxy", []) },
      },
    ];
    const said = Object.values(declaredDatabase).map((decide) => decide({ plan, resources: own }));
    assert.deepEqual(said.filter(Boolean), []);
  });

  it("is nothing where no cluster is", () => {
    assert.match(declaredDatabase["HA-01"]!({ plan, resources: [] }) ?? "", /no cluster of PostgreSQL/);
  });
});
