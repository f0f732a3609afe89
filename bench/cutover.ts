import { Database, type Report } from "../test/postgres/database.ts";
import { scope, successor } from "../test/postgres/objects.ts";
import { stopSharedClusters } from "../test/support/clusters.ts";
import { gapLine, gapsOf } from "./database/gaps.ts";

export const summary =
  "how long writes wait when a database's lead goes to another cluster, and back; rows lost (--runs, 20 if left out)";

export async function run({ json, runs = 20 }: { json: boolean; runs?: number }): Promise<Record<string, unknown>> {
  const [there, back]: [Report[], Report[]] = [[], []];
  try {
    const database = await Database.open();
    await database.up();
    await database.up({ leads: scope });
    await database.startWriter(30);
    await database.followed(scope, successor);
    for (let index = 0; index < runs; index += 1) {
      there.push(await database.move(successor));
      await database.followed(successor, scope);
      back.push(await database.move(scope));
      await database.followed(scope, successor);
      const [to, fro] = [there, back].map((each) => each.at(-1)!.gaps.pooler.toFixed(1));
      console.error(`[${index + 1}/${runs}] there ${to} s, back ${fro} s by the pools`);
    }
  } finally {
    await stopSharedClusters();
  }
  const rows = [gapsOf("cut-over to another cluster", there), gapsOf("rollback", back)];
  if (!json) for (const row of rows) console.log(gapLine(row));
  return { rows };
}
