import { Database } from "../test/postgres/database.ts";
import { killServer } from "../test/postgres/faults.ts";
import { scope, successor } from "../test/postgres/objects.ts";
import { stopSharedClusters } from "../test/support/clusters.ts";

export const summary =
  "how long writes wait when a database's lead goes to another cluster, back, and to another member; rows lost meanwhile";

const runs = { moves: 5, failovers: 5 };

interface Row {
  readonly what: string;
  /** Each run's longest time without an acknowledged row, in seconds, shortest first. */
  readonly pooler: readonly number[];
  readonly service: readonly number[];
  readonly lost: number;
  readonly acknowledged: number;
}

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const rows: Row[] = [];
  try {
    const database = await Database.open();
    await database.up();
    await database.up({ leads: scope });
    await database.startWriter(30);
    await database.followed(scope, successor);
    const there: Found[] = [];
    const back: Found[] = [];
    for (let index = 0; index < runs.moves; index += 1) {
      there.push(await database.move(successor));
      await database.followed(successor, scope);
      back.push(await database.move(scope));
      await database.followed(scope, successor);
    }
    rows.push(rowOf("cut-over to another cluster", there), rowOf("and back", back));
    const killed: Found[] = [];
    const deleted: Found[] = [];
    for (let index = 0; index < runs.failovers; index += 1) {
      killed.push(await database.suffer((leader) => killServer(database.space, leader)));
      deleted.push(await database.suffer((leader) => database.deleteLeader(leader)));
    }
    rows.push(
      rowOf("failover: the leader's server is killed", killed),
      rowOf("failover: the leader's pod is deleted", deleted),
    );
  } finally {
    await stopSharedClusters();
  }
  if (!json) {
    console.log("seconds without an acknowledged row, by the pools and by the leader's Service");
    for (const row of rows) console.log(lineOf(row));
  }
  return { rows };
}

type Found = Awaited<ReturnType<Database["move"]>>;

function rowOf(what: string, found: readonly Found[]): Row {
  const sorted = (way: "pooler" | "service"): number[] =>
    found.map(({ gaps }) => Math.round(gaps[way] * 100) / 100).sort((a, b) => a - b);
  return {
    ...{ what, pooler: sorted("pooler"), service: sorted("service") },
    lost: Math.max(...found.map(({ lost }) => lost)),
    acknowledged: found.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  };
}

function lineOf({ what, pooler, service, lost, acknowledged }: Row): string {
  const said = (sorted: readonly number[]): string =>
    `median ${sorted[Math.floor(sorted.length / 2)]}, slowest ${sorted.at(-1)}`.padEnd(26);
  return `${what.padEnd(42)} n=${pooler.length}  pools: ${said(pooler)} Service: ${said(service)} ${lost} of ${acknowledged} rows lost`;
}
