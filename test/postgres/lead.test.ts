import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../../local/wait.ts";
import { keptUntilAnnotation, wayBackHours } from "../../rollout/postgres/way-back.ts";
import { assertResumed, assertSafe, Database, type Report } from "./database.ts";
import { scope, successor } from "./objects.ts";

/** The 72 hours in which the way back is open, so short that they can be waited for. */
const shortHours = 240 / 3600;

describe("the lead of two clusters of PostgreSQL", function () {
  this.timeout(600_000);
  let database: Database;
  before(async () => {
    database = await Database.open({ wayBackHours: shortHours });
    await database.up();
    await database.up({ leads: scope });
    await database.startWriter(30);
  });
  after(() => database?.close());

  async function move(leads: string): Promise<Report> {
    const report = await database.move(leads);
    const { pooler, service } = report.gaps;
    console.log(`      without a row: ${pooler.toFixed(1)} s by the pools, ${service.toFixed(1)} s by the Service`);
    return report;
  }

  const assertMoved = (report: Report): void => {
    assertSafe(report);
    assertResumed(report);
    // Clients of the pools waited, and those that read elsewhere noticed nothing.
    assert.deepEqual([report.failures.pooler, report.failures.reader], [[], []]);
  };

  /** A second update has nothing to do. */
  async function assertSettled(leads: string): Promise<void> {
    const { operations } = await database.up({ leads });
    assert.deepEqual(
      Object.entries(operations).filter(([, each]) => each.some((operation) => operation !== "same")),
      [],
    );
  }

  /** When the old cluster may go. */
  const openUntil = async (): Promise<number> => {
    const { metadata } = JSON.parse(await database.space.kubectl("get", "statefulset", scope, "--output", "json"));
    return Date.parse(metadata.annotations[keptUntilAnnotation]);
  };

  it("stays where it is as long as nothing else is asked, and a second update has nothing to do", async () => {
    await database.followed(scope, successor);
    await assertSettled(scope);
  });

  it("goes to the new cluster by one update without losing a row, and the old one follows", async () => {
    const report = await move(successor);
    assertMoved(report);
    await database.followed(successor, scope);
    await assertSettled(successor);
  });

  it("leaves the old cluster as the way back, which can't be removed before its time", async () => {
    const said = await database.refusal({ leads: successor, mayGo: true });
    assert.match(said, /mayGo: .*\/demo has to stay, it is the way back until 2/);
    await assert.rejects(database.space.kubectl("delete", "statefulset", scope), /is the way back/);
  });

  it("goes back after a minute without losing a row that the new cluster took", async () => {
    await pause(Math.max(0, (await openUntil()) - shortHours * 3_600_000 + 60_000 - Date.now()));
    const report = await move(scope);
    assertMoved(report);
    await database.followed(scope, successor);
  });

  it("goes back in the last hour of the way back without losing a row that the new cluster took", async () => {
    await move(successor);
    await database.followed(successor, scope);
    const lastHour = (shortHours * 3_600_000) / wayBackHours;
    await pause(Math.max(0, (await openUntil()) - lastHour - Date.now()));
    await assert.rejects(database.space.kubectl("delete", "statefulset", scope, "--dry-run=server"), /is the way back/);
    const report = await move(scope);
    assertMoved(report);
    await database.followed(scope, successor);
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
