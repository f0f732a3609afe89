import assert from "node:assert/strict";
import { waitFor } from "../../local/wait.ts";
import { assertSafe, Database, type Report } from "./database.ts";
import { scope, successor } from "./objects.ts";

describe("the lead of two clusters of PostgreSQL", function () {
  this.timeout(600_000);
  let database: Database;
  before(async () => {
    database = await Database.open();
    await database.up();
    await database.up({ leads: scope });
    await database.startWriter(30);
  });
  after(() => database?.close());

  /** Moves the lead by one update; what the writer saw of it. */
  async function move(leads: string): Promise<Report> {
    const since = Date.now();
    await database.up({ leads });
    await database.healthy(leads);
    return database.report(since);
  }

  const assertMoved = (report: Report): void => {
    assertSafe(report);
    // Clients of the pools waited, and those that read elsewhere noticed nothing.
    assert.deepEqual([report.failures.pooler, report.failures.reader], [0, 0]);
  };

  /** A second update has nothing to do. */
  async function assertSettled(leads: string): Promise<void> {
    const { operations } = await database.up({ leads });
    assert.deepEqual(
      Object.entries(operations).filter(([, each]) => each.some((operation) => operation !== "same")),
      [],
    );
  }

  /** The other one streams from it. */
  const followed = (leader: string, follower: string): Promise<unknown> =>
    waitFor(
      `${follower} to follow`,
      async () => {
        const slot = `select active from pg_replication_slots where slot_name = '${follower}'`;
        return (await database.ask(await database.leader(leader), slot))[0] === "t";
      },
      { timeout: 180_000, interval: 500 },
    );

  it("stays where it is as long as nothing else is asked, and a second update has nothing to do", async () => {
    await followed(scope, successor);
    await assertSettled(scope);
  });

  it("goes to the new cluster by one update without losing a row, and the old one follows", async () => {
    const report = await move(successor);
    assertMoved(report);
    await followed(successor, scope);
    await assertSettled(successor);
  });

  it("leaves the old cluster as the way back, which can't be removed before its time", async () => {
    const said = await database.refusal({ leads: successor, mayGo: true });
    assert.match(said, /mayGo: .*\/demo has to stay, it is the way back until 2/);
    await assert.rejects(database.space.kubectl("delete", "statefulset", scope), /is the way back/);
  });

  it("goes back without losing a row that the new cluster took", async () => {
    const report = await move(scope);
    assertMoved(report);
    await followed(scope, successor);
  });

  it("goes over without losing a row when the one that moves it dies in between", async () => {
    const moving = move(successor);
    const agreed = ["get", "configmap", `${scope}-config`, "--output", "jsonpath={.metadata.annotations.config}"];
    const isDemoted = async (): Promise<boolean> =>
      (await database.space.kubectl(...agreed)).includes("standby_cluster");
    await waitFor("the old leader to be told to follow", isDemoted, { timeout: 180_000 });
    const mover = `job-name=${scope}-leads-${successor}-1`;
    await database.space.kubectl("delete", "pod", "--selector", mover, "--grace-period=0", "--force");
    assertSafe(await moving);
  });
});
