import assert from "node:assert/strict";
import { join } from "node:path";
import { importImages } from "../../local/cluster/addons/addons.ts";
import { root } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";
import { ask, Sink } from "../cluster/monitoring/inside.ts";
import { up, type Workspace, workspace } from "../engine/support.ts";
import { databaseSeries } from "../unit/monitoring/catalogue.ts";
import { Database } from "./database.ts";
import { noPacketsFrom, restrict } from "./faults.ts";
import { memberNames } from "./objects.ts";

const system = "distributed-postgres";
const monitoring = "monitoring-of-postgres";
/** That a segment can't be handed over is known after minutes: until then it is tried again. */
const patience = { timeout: 420_000, interval: 500 };

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** The project's own Prometheus and Alertmanager beside a cluster in the namespace that its plan has. */
describe("a cluster of PostgreSQL that is watched", function () {
  this.timeout(900_000);
  let database: Database;
  let project: Workspace;
  let sink: Sink;

  before(async () => {
    database = await Database.open({}, system);
    const { cluster } = database.space;
    const images = await importImages(cluster, ["prometheus", "alertmanager"]);
    sink = new Sink(cluster, 9998);
    const from = (path: string) => JSON.stringify(join(root, path));
    const program = `
import * as pulumi from "@pulumi/pulumi";
import { Monitoring } from ${from("components/monitoring/monitoring.ts")};
import { distributedPostgres } from ${from("stacks/systems/distributed-postgres/plan.ts")};
new Monitoring("monitoring", {
  namespace: "${monitoring}",
  environment: "production",
  plans: [distributedPostgres],
  systems: { "${system}": "${system}" },
  images: { prometheus: "${images.get("prometheus")}", alertmanager: "${images.get("alertmanager")}" },
  receivers: { webhook: true },
  secrets: { webhook: pulumi.secret("http://${cluster.address}:${sink.port}/") },
  runbookUrl: "https://example.com/docs/runbooks",
});
`;
    project = await workspace(program, { kubeconfig: cluster.where.kubeconfig("admin") });
    await Promise.all([database.up(), project.run(up)]);
  });
  after(async () => {
    sink?.close();
    await database?.space.kubectl("delete", "namespace", monitoring, "--wait=false", "--ignore-not-found");
    await project?.remove();
    await database?.close();
  });

  async function query(expression: string): Promise<Sample[]> {
    const address = ["get", "pod", "prometheus-0", "--output=jsonpath={.status.podIP}", `--namespace=${monitoring}`];
    const url = `http://${await database.space.kubectl(...address)}:9090/api/v1/query`;
    return JSON.parse(await ask(database.space.cluster, `${url}?query=${encodeURIComponent(expression)}`)).data.result;
  }
  const called = (alert: string, since: number) =>
    waitFor(`${alert} at the webhook`, async () => sink.firing(alert, since), patience);
  const isQuiet = async () => (await query('ALERTS{alertname=~"Database.*|Postgres.*",severity!="info"}')).length === 0;

  it("tells of each member all that rules and runbooks ask for, and gives no cause for alarm", async () => {
    const verified = "pgbackrest_backup_verified_timestamp_seconds";
    for (const name of databaseSeries.filter((each) => each !== verified)) {
      const isThere = async () => (await query(`count(${name}{job="databases",cluster="demo"}) == 3`)).length === 1;
      await waitFor(name, isThere, patience);
    }
    const [leader] = await query('patroni_primary{job="databases"} == 1');
    assert.equal(leader?.metric.pod, await database.leader());
    assert.equal(leader?.metric.system, system);
    assert.ok(await isQuiet());
  });

  it("tells when a backup was last restored and read", async () => {
    const since = Date.now() / 1000;
    await database.space.kubectl("create", "job", "--from=cronjob/demo-backup-verification", "try");
    await database.space.kubectl("wait", "--for=condition=Complete", "job/try", "--timeout=180s");
    const isTold = async () =>
      (await query(`max(pgbackrest_backup_verified_timestamp_seconds) > ${since}`)).length === 1;
    await waitFor("the verification to be told of", isTold, patience);
  });

  it("calls somebody when a member is cut off from the leader, and when the archive takes nothing", async () => {
    const leader = await database.healthy();
    const since = Date.now();
    const address = await database.space.kubectl("get", "pod", leader, "--output", "jsonpath={.status.podIP}");
    const cut = memberNames.find((each) => each !== leader)!;
    const mend = await restrict(database.space, cut, noPacketsFrom(address));
    const keeper = (replicas: number) =>
      database.space.kubectl("scale", "deployment", "demo-backup", `--replicas=${replicas}`);
    await keeper(0);
    await database.ask(leader, "select pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()");
    const told = await Promise.all([called("DatabaseReplicaCutOff", since), called("DatabaseArchiveFails", since)]);
    const seconds = told.map(({ labels, at }) => `${labels.alertname} ${((at - since) / 1000).toFixed(0)} s`);
    console.log(`      from the fault to the page: ${seconds.join(", ")}`);
    assert.deepEqual([told[0].labels.pod, told[0].labels.system], [cut, system]);
    assert.deepEqual([told[1].labels.pod, told[1].labels.severity], [leader, "critical"]);
    assert.match(told[1].annotations.runbook_url!, /\/docs\/runbooks\/database\.md$/);
    await Promise.all([mend(), keeper(1)]);
    await database.healthy();
    await waitFor("quiet again", isQuiet, patience);
  });
});
