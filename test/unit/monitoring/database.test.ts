import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { databaseRules } from "../../../rollout/monitoring/database-rules.ts";
import { isAlert } from "../../../rollout/monitoring/rule.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { type Case, runCases } from "./promtool.ts";

const options = { environment: "production", runbookUrl: "https://example.com/runbooks" } as const;
const groups = databaseRules(plans, options);

const of = (name: string, index: number): string =>
  `${name}{job="databases",system="distributed-postgres",cluster="pg-1",pod="pg-1-${index}"}`;
/** The first leads and two follow, for so many scrapes, but for what is said otherwise. */
const members = (otherwise: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const usual = (index: number) => ({
    up: 1,
    patroni_primary: index === 0 ? 1 : 0,
    patroni_standby_leader: 0,
    patroni_replica: index === 0 ? 0 : 1,
    patroni_postgres_running: 1,
    patroni_postgres_streaming: index === 0 ? 0 : 1,
    patroni_postgres_timeline: 3,
    patroni_xlog_location: index === 0 ? 900e6 : 0,
    patroni_xlog_replayed_location: index === 0 ? 0 : 899e6,
  });
  const all = [0, 1, 2].flatMap((index) =>
    Object.entries(usual(index)).map(([name, value]): [string, string] => [of(name, index), `${value}x300`]),
  );
  return { ...Object.fromEntries(all), ...otherwise };
};
const silent = (indexes: readonly number[], course: string) =>
  Object.fromEntries(indexes.map((index) => [of("up", index), course]));
/** What is told by one member, well or ill, and well again. */
const level = (name: string, good: number, bad: number): Case => ({
  well: { [of(name, 1)]: `${good}x300` },
  ill: { [of(name, 1)]: `${good}x20 ${bad}x60 ${good}x220` },
});
/** A day has 5760 of these scrapes: times are shifted instead, as promtool's clock begins in 1970. */
const hoursAgo = (hours: number): number => -hours * 3600;

const cases: Readonly<Record<string, Case>> = {
  DatabaseSilent: { well: members(silent([0, 1], "0x300")), ill: members(silent([0, 1, 2], "1x20 0x60 1x220")) },
  DatabaseMemberSilent: { well: members(silent([1], "1x20 0x3 1x270")), ill: members(silent([1], "1x20 0x60 1x220")) },
  DatabaseWithoutLeader: {
    well: members({ [of("patroni_primary", 0)]: "0x300", [of("patroni_standby_leader", 0)]: "1x300" }),
    ill: members({ [of("patroni_primary", 0)]: "1x20 0x60 1x220" }),
  },
  DatabaseTwoLeaders: {
    well: members({ [of("patroni_primary", 1)]: "0x20 1x1 0x270" }),
    ill: members({ [of("patroni_primary", 1)]: "0x20 1x60 0x220" }),
  },
  DatabaseLeaderChanged: {
    well: Object.fromEntries([0, 1, 2].map((index) => [of("patroni_postgres_timeline", index), "0x20 1x280"])),
    ill: members({ [of("patroni_postgres_timeline", 0)]: "3x20 4x280" }),
  },
  DatabaseReplicaCutOff: {
    well: members({ [of("patroni_postgres_streaming", 1)]: "0x300", [of("patroni_postgres_running", 1)]: "0x300" }),
    ill: members({ [of("patroni_postgres_streaming", 1)]: "1x20 0x60 1x220" }),
  },
  DatabaseReplicaBehind: {
    well: members({ [of("patroni_xlog_replayed_location", 1)]: "700000000x300" }),
    ill: members({ [of("patroni_xlog_replayed_location", 1)]: "899000000x20 600000000x60 899000000x220" }),
  },
  DatabaseOnItsOwn: level("patroni_failsafe_mode_is_active", 0, 1),
  DatabasePageBroken: level("pg_stat_database_checksum_failures", 0, 2),
  DatabaseMemberMadeAnew: {
    well: { [of("rampart_postgres_made_anew_total", 1)]: "1x300" },
    ill: { [of("rampart_postgres_made_anew_total", 1)]: "0x20 1x600" },
    over: 120,
  },
  DatabaseVolumeFull: {
    well: {
      [of("rampart_postgres_volume_available_bytes", 1)]: "11x300",
      [of("rampart_postgres_volume_size_bytes", 1)]: "100x300",
    },
    ill: {
      [of("rampart_postgres_volume_available_bytes", 1)]: "11x20 9x60 50x220",
      [of("rampart_postgres_volume_size_bytes", 1)]: "100x300",
    },
  },
  DatabaseArchiveFails: level("rampart_postgres_archive_failing", 0, 1),
  DatabaseBackupsSilent: level("pgbackrest_up", 1, 0),
  DatabaseBackupOld: level("pgbackrest_backup_last_timestamp_seconds", hoursAgo(25), hoursAgo(27)),
  DatabaseBackupBroken: level("pgbackrest_backup_last_error", 0, 1),
  DatabaseBackupUnproven: {
    well: {
      [of("pgbackrest_backup_first_timestamp_seconds", 1)]: `${hoursAgo(400)}x300`,
      [of("pgbackrest_backup_verified_timestamp_seconds", 1)]: `${hoursAgo(48)}x300`,
    },
    ill: {
      [of("pgbackrest_backup_first_timestamp_seconds", 1)]: `${hoursAgo(51)}x300`,
      [of("pgbackrest_backup_verified_timestamp_seconds", 1)]: "_x80 3600x220",
    },
  },
};

describe("the rules about a database's clusters", function () {
  this.timeout(60_000);

  it("are tried one by one", () => {
    const names = groups.flatMap(({ rules }) => rules.filter(isAlert)).map(({ alert }) => alert);
    assert.deepEqual(names.sort(), Object.keys(cases).sort());
  });

  it("fire when they should, not when they shouldn't, and resolve", async () => {
    assert.equal(await runCases(cases, groups), "");
  });

  it("aren't there where no system is a database", () => {
    assert.deepEqual(
      databaseRules(
        plans.filter(({ system }) => system === "wdbx"),
        options,
      ),
      [],
    );
  });
});
