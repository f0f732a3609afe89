import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import type { z } from "zod";
import { root } from "../../../../local/paths.ts";
import { productionFile, rollbackFile, swarmFiles } from "../../../../rollout/postgres/compose/files.ts";
import { readSwarmRequest, type SwarmRequest } from "../../../../rollout/postgres/compose/settings.ts";
import { rampart } from "../../cli/run.ts";
import { stack } from "./stack-schema.ts";

const folder = mkdtempSync(join(tmpdir(), "rampart-swarm-"));
after(() => rmSync(folder, { recursive: true }));

type Stack = z.infer<typeof stack>;
type Service = Stack["services"][string];

const here = import.meta.dirname;
const settings = readFileSync(join(here, "settings.yaml"), "utf8");
const request = requestOf(settings);
const attendant = readFileSync(join(root, "components/postgres/attendant.py"), "utf8");

function requestOf(text: string): SwarmRequest {
  const read = readSwarmRequest(text);
  if (read.problems) throw new Error(read.problems.join("\n"));
  return read.request;
}
const problemsOf = (text: string): readonly string[] => readSwarmRequest(text).problems ?? [];
const digest = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const anyImage = digest.map((hex) => `registry.example/any@sha256:${hex}`);
const anyRequest: fc.Arbitrary<SwarmRequest> = fc.record({
  ...Object.fromEntries(Object.entries(request).map(([name, value]) => [name, fc.constant(value)])),
  scope: fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/),
  members: fc.integer({ min: 3, max: 9 }),
  durability: fc.constantFrom("quorum", "asynchronous"),
  memoryMiB: fc.integer({ min: 256, max: 500_000 }),
  cpuMillis: fc.integer({ min: 1, max: 64_000 }),
  etcd: fc.record({ members: fc.constantFrom(3, 5, 7), volumeMiB: fc.constant(1024) }),
  images: fc.record({ postgres: anyImage, etcd: anyImage, rollback: anyImage }, { requiredKeys: ["postgres", "etcd"] }),
}) as fc.Arbitrary<SwarmRequest>;

const stackOf = (files: Readonly<Record<string, string>>, file = productionFile): Stack =>
  stack.parse(parse(files[file]!));
const servicesOf = (files: Readonly<Record<string, string>>): [string, Service][] =>
  Object.entries(stackOf(files).services);

describe("a cluster of PostgreSQL for Docker Swarm", () => {
  const files = swarmFiles(request, attendant);

  it("is, to the letter, what was reviewed", () => {
    const reviewed = readFileSync(join(here, productionFile), "utf8");
    const mend = `if it is meant, write it anew: rampart postgres compose ${join(here, "settings.yaml")}`;
    assert.equal(files[productionFile], reviewed, mend);
  });

  it("has a service for each member and each of etcd, bound to a node, and two of what stands before them", () => {
    const placed = servicesOf(files).map(([name, { deploy }]) => {
      if ("mode" in deploy) return `${name}: once`;
      return `${name}: ${deploy.placement.constraints?.[0] ?? `${deploy.replicas} anywhere`}`;
    });
    assert.deepEqual(placed.sort(), [
      "demo-0-attendant: node.labels.rampart.demo == 0",
      "demo-0: node.labels.rampart.demo == 0",
      "demo-1-attendant: node.labels.rampart.demo == 1",
      "demo-1: node.labels.rampart.demo == 1",
      "demo-2-attendant: node.labels.rampart.demo == 2",
      "demo-2: node.labels.rampart.demo == 2",
      "demo-agreed: once",
      "demo-etcd-0: node.labels.rampart.demo == 0",
      "demo-etcd-1: node.labels.rampart.demo == 1",
      "demo-etcd-2: node.labels.rampart.demo == 2",
      "demo-pooler: 2 anywhere",
      "demo-router: 2 anywhere",
    ]);
  });

  it("differs on the way back in the image of the members alone, on the same volumes", () => {
    const [forth, back] = [stackOf(files), stackOf(files, rollbackFile)];
    const images = (one: Stack) => Object.values(one.services).map(({ image }) => image.slice(-1));
    assert.deepEqual([new Set(images(forth)), new Set(images(back))], [new Set("ba"), new Set("bc")]);
    const without = ({ services, ...rest }: Stack) => ({
      ...rest,
      services: Object.fromEntries(Object.entries(services).map(([name, each]) => [name, { ...each, image: "" }])),
    });
    assert.deepEqual(without(forth), without(back));
    assert.equal(
      Object.keys(swarmFiles(requestOf(settings.replace(/.*rollback.*\n/, "")), attendant)).includes(rollbackFile),
      false,
    );
  });

  it("has the names of Kubernetes, so that one certificate and one configuration do for both", () => {
    const names = servicesOf(files).flatMap(([, { networks }]) => networks.cluster.aliases ?? []);
    for (const name of ["demo-1.demo", "demo-etcd-2.demo-etcd", "demo-primary", "demo-pooler"]) {
      assert.ok(names.includes(`${name}.data.svc`), name);
    }
    const patroni = JSON.parse(files["configs/patroni.json"]!);
    for (const host of patroni.etcd3.hosts) assert.ok(names.includes(host.split(":")[0]), host);
    assert.match(files["configs/pgbouncer.ini"]!, /host=demo-primary\.data\.svc /);
    assert.match(files["configs/haproxy.cfg"]!, /"demo-2\.demo\.data\.svc\$\{DOMAIN\}:5432"/);
  });

  it("gives what it keeps in the swarm another name when it is something else, as it can't be changed there", () => {
    const other = swarmFiles(requestOf(settings.replace("memoryMiB: 8192", "memoryMiB: 4096")), attendant);
    const changed = (name: string) => stackOf(files).configs[name]!.name !== stackOf(other).configs[name]!.name;
    assert.deepEqual(["pgbouncer.ini", "patroni.json"].map(changed), [true, false]);
  });

  it("has scripts that a shell reads, and passwords only from where the swarm has them", () => {
    const scripts = Object.entries(files).filter(([, text]) => text.startsWith("#!/usr/bin/dash"));
    assert.ok(scripts.length >= 4);
    for (const [, text] of scripts) execFileSync("sh", ["-n"], { input: text, stdio: ["pipe", "pipe", "pipe"] });
    const start = files["configs/start-member"]!.replaceAll("/run/secrets", folder).replace(
      /\/usr\/bin\/python3.*/,
      ":",
    );
    for (const name of ["superuser", "replication", "rewind", "rest", "app"])
      writeFileSync(join(folder, name), `of-${name}`);
    const said = execFileSync("sh", ["-euc", start.replace(/exec .*/, "env")], { encoding: "utf8" });
    assert.match(said, /^PATRONI_RESTAPI_PASSWORD=of-rest$/m);
    assert.match(said, /^APP_PASSWORD=of-app$/m);
  });

  it("is, whatever is asked for, what a swarm takes: no secret, no image without digest, nothing that isn't there", function () {
    this.timeout(20_000);
    fc.assert(
      fc.property(anyRequest, (asked) => {
        for (const [name, text] of Object.entries(swarmFiles(asked, attendant))) {
          if (!name.endsWith(".yml")) continue;
          const { services, networks, ...kept } = stack.parse(parse(text));
          const all = Object.values(services);
          const used = {
            volumes: all.flatMap(({ volumes = [] }) => volumes.flatMap((one) => ("source" in one ? one.source : []))),
            secrets: all.flatMap(({ secrets = [] }) => secrets.map(({ source }) => source)),
            configs: all.flatMap(({ configs = [] }) => configs.map(({ source }) => source)),
          };
          for (const kind of ["volumes", "secrets", "configs"] as const) {
            assert.deepEqual([...new Set(used[kind])].sort(), Object.keys(kept[kind]).sort(), kind);
          }
          const named = all.flatMap(({ environment = {} }) => Object.keys(environment));
          assert.deepEqual(
            named.filter((each) => /PASSWORD|SECRET|TOKEN/.test(each)),
            [],
          );
          const byNode = all.flatMap(({ deploy }) =>
            "placement" in deploy ? (deploy.placement.constraints ?? []) : [],
          );
          assert.equal(new Set(byNode).size, Math.max(asked.members, asked.etcd.members));
          assert.equal(networks.cluster.ipam.config[0]!.subnet, asked.subnet);
        }
      }),
      { numRuns: 10 },
    );
  });

  const refused: readonly [string, (text: string) => string, RegExp][] = [
    ["a tag", (text) => text.replace(/etcd@sha256:b+/, "etcd:3.6"), /^images\.etcd: .*by its digest/],
    [
      "a key that nobody knows",
      (text) => `${text}memroyMiB: 1\n`,
      /^memroyMiB: isn't known; allowed are scope, namespace,/,
    ],
    [
      "an unknown key inside",
      (text) => text.replace("members: 3, v", "member: 3, v"),
      /^etcd\.member: isn't known; allowed are members, volumeMiB/,
    ],
    ["another durability", (text) => `${text}durability: qourum\n`, /^durability: .*allowed are quorum, asynchronous/],
    ["what is missing", (text) => text.replace("namespace: data\n", ""), /^namespace: is missing/],
    [
      "an even number of etcd members",
      (text) => text.replace("members: 3, v", "members: 4, v"),
      /^etcd\.members: got 4/,
    ],
    ["two members", (text) => text.replace("\nmembers: 3", "\nmembers: 2"), /^members: got 2, allowed are 3 to 9/],
    ["a text that is no YAML", () => "a: [", /./],
  ];
  for (const [what, change, reason] of refused) {
    it(`is refused for ${what}`, () => {
      assert.match(problemsOf(change(settings))[0] ?? "", reason);
    });
  }
});

describe("rampart postgres compose", function () {
  this.timeout(30_000);

  it("writes the files into a folder and says how they are deployed", () => {
    const output = join(folder, "swarm");
    const run = rampart(["postgres", "compose", join(here, "settings.yaml"), "--output", output]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /docker stack deploy -c \S+\/docker-compose\.production\.yml distributed-pg-cluster/);
    for (const [name, text] of Object.entries(swarmFiles(request, attendant))) {
      assert.equal(readFileSync(join(output, name), "utf8"), text, name);
    }
    const { configs } = stackOf({ [productionFile]: readFileSync(join(output, productionFile), "utf8") });
    for (const { file } of Object.values(configs)) assert.ok(existsSync(join(output, file)), file);
  });

  it("says every reason why it writes none, and that nobody has deployed what it writes", () => {
    const wrong = join(folder, "wrong.yaml");
    writeFileSync(wrong, settings.replace("dataMiB: 20000", "dataMiB: many").replace("scope: demo", "scpoe: demo"));
    const { code, stderr } = rampart(["postgres", "compose", wrong]);
    assert.equal(code, 2);
    for (const reason of [/scpoe: isn't known/, /scope: is missing/, /dataMiB: "many" is a string/])
      assert.match(stderr, reason);
    assert.match(rampart(["postgres", "compose", join(folder, "none.yaml")]).stderr, /none\.yaml can't be read/);
    assert.match(rampart(["postgres", "compose", "--help"]).stdout, /never deployed/);
  });
});
