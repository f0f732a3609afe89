import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureImages } from "../../local/images/images.ts";
import { root } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";
import { logins, swarmFiles } from "../../rollout/postgres/compose/files.ts";
import { etcdScope } from "../../rollout/postgres/etcd.ts";
import { defaultReadiness, defaultTimings } from "../../rollout/postgres/settings.ts";
import { certificate, scope } from "./objects.ts";
import { Swarm } from "./swarm.ts";

const namespace = "data";
const [pooler, primary] = ["pooler", "primary"].map((each) => `${scope}-${each}.${namespace}.svc`);

describe("the files for Docker Swarm, run without Docker", function () {
  this.timeout(300_000);
  let swarm: Swarm;
  before(async () => {
    const [postgres, etcd] = (await ensureImages(["postgres", "etcd"])).map(({ reference }) => reference);
    const request = {
      ...{ scope, namespace, members: 3, durability: "quorum" as const, subnet: "10.20.0.0/24", postgresVersion: 17 },
      ...{ dataMiB: 200, volumeMiB: 1024, memoryMiB: 384, cpuMillis: 100, hostAliases: [] },
      ...{ timings: defaultTimings, readiness: defaultReadiness, etcd: { members: 3, volumeMiB: 1024 } },
      images: { postgres: postgres!, etcd: etcd! },
    };
    const attendant = await readFile(join(root, "components/postgres/attendant.py"), "utf8");
    const { stringData } = (await certificate(namespace, "tls", [scope, etcdScope(scope)])) as {
      stringData?: Record<string, string>;
    };
    const passwords = Object.fromEntries(logins.map((login) => [login, `password-of-${login}`]));
    swarm = await Swarm.start(swarmFiles(request, attendant), { ...stringData, ...passwords });
  });
  after(() => swarm?.stop());

  const insert = (value: number) => swarm.ask(pooler!, 6432, `insert into written values (${value})`);

  it("come up: one leads, a write waits for one of two others, and clients find them by the certificate's names", async () => {
    await waitFor("a table", () => swarm.ask(pooler!, 6432, "create table if not exists written (n int)"), {
      timeout: 180_000,
      interval: 1000,
    });
    await insert(1);
    const standby = "select current_setting('synchronous_standby_names')";
    const names = await waitFor("two to choose from", async () => {
      const [said] = await swarm.ask(primary!, 5432, standby);
      return said?.includes(",") && said;
    });
    assert.match(names, /^ANY 1 \("demo-\d","demo-\d"\)$/);
    const seen = await waitFor("the row at one that follows", () =>
      swarm.ask(primary!, 5433, "select pg_is_in_recovery(), n from written"),
    );
    assert.deepEqual(seen, ["t|1"]);
  });

  it("are well, each by its own health check", async () => {
    for (const name of swarm.services.filter((each) => each !== `${scope}-agreed`)) {
      await waitFor(`${name} to be well`, () => swarm.isWell(name), { interval: 1000 });
    }
  });

  /** Until members have agreed on whom a write waits for, nobody can take over. */
  const agreed = (member: string): Promise<unknown> =>
    waitFor("two who may take over", async () => {
      const ask = `import ssl, urllib.request; print(urllib.request.urlopen("https://127.0.0.1:8008/cluster",
        context=ssl._create_unverified_context()).read().decode())`;
      const { members } = JSON.parse(await swarm.exec(member, ["/usr/bin/python3", "-c", ask]));
      return members.filter(({ role }: { role: string }) => role === "quorum_standby").length === 2;
    });

  it("have another leader when the container of one dies, and no row is gone", async () => {
    const address = "select host(inet_server_addr())";
    const [before] = await swarm.ask(primary!, 5432, address);
    const at = Number(before!.split(".").at(-1)) - 10;
    const leader = swarm.services[at]!;
    await agreed(leader);
    await swarm.kill(leader);
    await waitFor("a write", () => insert(2), { timeout: 120_000, interval: 500 });
    const [after] = await swarm.ask(primary!, 5432, address);
    assert.notEqual(after, before);
    assert.deepEqual(await swarm.ask(primary!, 5432, "select distinct n from written order by n"), ["1", "2"]);
  });
});
