import { importImages } from "../local/cluster/addons/addons.ts";
import { waitFor } from "../local/wait.ts";
import { backups, Database, type Report } from "../test/postgres/database.ts";
import { killServer } from "../test/postgres/faults.ts";
import { scope } from "../test/postgres/objects.ts";
import { stopSharedClusters } from "../test/support/clusters.ts";
import { type Gaps, gapLine, gapsOf } from "./database/gaps.ts";
import { fillTables, plainAddress, startPlain, transactionsPerSecond } from "./database/pgbench.ts";
import { quantile, round } from "./support/measure.ts";

export const summary =
  "a database: failover, switchover, pgbench beside a plain PostgreSQL, backup and restore (--runs, 20 if left out)";

const rounds = 3;
const seconds = 20;
/** Some 15 MB each. */
const scale = { pgbench: 10, backup: 67 };
/** Room for the latter, a gigabyte. */
const size = { dataMiB: 2048, volumeMiB: 8192 };

interface Throughput {
  readonly what: string;
  /** Transactions a second, and those of the plain server just before. */
  readonly rounds: readonly { readonly plain: number; readonly own: number }[];
  readonly ratio: number;
}

interface Moved {
  readonly what: string;
  readonly megabytes: number;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
}

export async function run({ json, runs = 20 }: { json: boolean; runs?: number }): Promise<Record<string, unknown>> {
  try {
    const database = await Database.open({ backups: undefined, ...size });
    await database.up();
    const gaps = await measureGaps(database, runs);
    if (!json) for (const each of gaps) console.log(gapLine(each));
    const throughput = await measureThroughput(database);
    if (!json) for (const each of throughput) console.log(throughputLine(each));
    const moved = await measureBackups(database);
    if (!json) for (const each of moved) console.log(movedLine(each));
    return { gaps, throughput, moved };
  } finally {
    await stopSharedClusters();
  }
}

async function measureGaps(database: Database, runs: number): Promise<Gaps[]> {
  await database.startWriter();
  const faults = {
    "failover: the leader's server is killed": (leader: string) => killServer(database.space, leader),
    "switchover to another member": (leader: string) => database.switchOver(leader),
  };
  const measured: Gaps[] = [];
  for (const [what, fault] of Object.entries(faults)) {
    const found: Report[] = [];
    for (let index = 0; index < runs; index += 1) found.push(await database.suffer(fault));
    measured.push(gapsOf(what, found));
  }
  await database.space.kubectl("delete", "pod", "writer", "--grace-period=0", "--force");
  return measured;
}

async function measureThroughput(database: Database): Promise<Throughput[]> {
  const { space } = database;
  const images = await importImages(space.cluster, ["postgres"]);
  await startPlain(space, images.get("postgres")!);
  const [plain, own] = [await plainAddress(space), `${scope}-primary`];
  await fillTables(space, plain, scale.pgbench);
  await fillTables(space, own, scale.pgbench);
  const measured: Throughput[] = [];
  for (const durability of ["quorum", "asynchronous"]) {
    await database.up({ durability });
    const isQuorum = durability === "quorum";
    await waitFor(durability, async () => {
      const [names] = await database.ask(
        await database.leader(),
        "select current_setting('synchronous_standby_names')",
      );
      return (names !== "") === isQuorum;
    });
    const found: { plain: number; own: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      found.push({
        plain: await transactionsPerSecond(space, plain, seconds),
        own: await transactionsPerSecond(space, own, seconds),
      });
    }
    const ratios = found.map((each) => each.own / each.plain);
    measured.push({ what: `pgbench, ${durability}`, rounds: found, ratio: quantile(ratios, 0.5) });
  }
  await space.kubectl("delete", "pod", "plain", "--grace-period=0", "--force");
  return measured;
}

async function measureBackups(database: Database): Promise<Moved[]> {
  const { space } = database;
  await database.up({ backups: { ...backups, volumeMiB: 3 * size.dataMiB } });
  await fillTables(space, `${scope}-primary`, scale.backup);
  const said = async (job: string): Promise<string> => {
    await space.kubectl("create", "job", `--from=cronjob/${scope}-backup-${job}`, job);
    await space.kubectl("wait", "--for=condition=Complete", `job/${job}`, "--timeout=600s");
    return space.kubectl("logs", `job/${job}`);
  };
  const logs = { backup: await said("full"), restore: await said("verification") };
  const info = await space.kubectl(
    ...["exec", `${scope}-0`, "--container=patroni", "--", "pgbackrest"],
    ...[`--stanza=${scope}`, "--output=json", "--log-level-console=off", "info"],
  );
  const bytes: number = JSON.parse(info)[0].backup.at(-1).info.size;
  return (["backup", "restore"] as const).map((what) => {
    const ended = new RegExp(`${what} command end: completed successfully \\((\\d+)ms\\)`).exec(logs[what]);
    const took = Number(ended![1]) / 1000;
    return { what, megabytes: round(bytes / 1e6), seconds: took, megabytesPerSecond: round(bytes / 1e6 / took) };
  });
}

const throughputLine = ({ what, rounds: all, ratio }: Throughput): string =>
  `${what.padEnd(42)} ${ratio} of a plain server's (${all.map(({ own, plain }) => `${Math.round(own)}/${Math.round(plain)}`).join(", ")} a second)`;
const movedLine = ({ what, megabytes, seconds: took, megabytesPerSecond }: Moved): string =>
  `${what.padEnd(42)} ${megabytesPerSecond} MB/s (${megabytes} MB in ${took} s)`;
