import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Backups } from "../../../components/postgres/backups.ts";
import { type BackupRequest, backupRefusals, keeperBackups, memberBackups } from "../../../rollout/postgres/backups.ts";
import { type Bucket, sharedBuckets } from "../../../rollout/postgres/bucket.ts";
import { databaseOpens } from "../../../stacks/systems/distributed-postgres/index.ts";
import { good } from "./fixture.ts";

const bucket: Bucket = {
  name: "our-backups",
  prefix: "production/postgres",
  region: "eu-central-1",
  addresses: ["10.20.0.0/24"],
  secret: "backup-login",
};
const schedule = { full: "0 1 * * 0", differential: "0 1 * * 1-6", verification: "0 3 * * 0" };
const inBucket = (change: Partial<Bucket> = {}): BackupRequest & { bucket: Bucket } => ({
  ...{ keptFull: 2, schedule },
  bucket: { ...bucket, ...change },
});
const optionsOf = (config: string): Record<string, string> =>
  Object.fromEntries(
    config.split("\n").flatMap((line) => (line.includes("=") ? [line.split(/=(.*)/).slice(0, 2)] : [])),
  );

describe("backups in a bucket", () => {
  it("lie in a folder of the cluster's own, encrypted, behind TLS that is verified", () => {
    const options = optionsOf(keeperBackups(good, inBucket()));
    const own = Object.entries(options).filter(([name]) => name.startsWith("repo1-"));
    assert.deepEqual(Object.fromEntries(own), {
      "repo1-type": "s3",
      "repo1-path": "/production/postgres/demo",
      "repo1-s3-bucket": "our-backups",
      "repo1-s3-endpoint": "s3.eu-central-1.amazonaws.com",
      "repo1-s3-region": "eu-central-1",
      "repo1-s3-uri-style": "host",
      "repo1-s3-key-type": "shared",
      "repo1-retention-full": "2",
      "repo1-bundle": "y",
      "repo1-cipher-type": "aes-256-cbc",
    });
  });

  it("go to another server than AWS's, by its name and port, if an authority of one's own has signed it", () => {
    const config = keeperBackups(good, inBucket({ endpoint: "s3.data.svc:7070", uriStyle: "path", ca: "PEM" }));
    const options = optionsOf(config);
    assert.equal(options["repo1-s3-endpoint"], "s3.data.svc:7070");
    assert.equal(options["repo1-s3-uri-style"], "path");
    assert.equal(options["repo1-storage-ca-file"], "/etc/pgbackrest/bucket-ca.crt");
  });

  it("are written by a role or encrypted by a key of AWS's, where one is named", () => {
    const options = optionsOf(keeperBackups(good, inBucket({ role: "arn", kmsKey: "key" })));
    assert.equal(options["repo1-s3-key-type"], "web-id");
    assert.equal(options["repo1-s3-kms-key-id"], "key");
  });

  it("are the same to members as any others: they know nothing of a bucket", () => {
    assert.doesNotMatch(memberBackups(good), /s3|bucket/);
  });

  it("need no room of their own", () => {
    assert.deepEqual(backupRefusals(good, inBucket()), []);
  });

  const refused: readonly [string, Partial<Bucket>, RegExp][] = [
    ["a name that no bucket has", { name: "Our_Backups" }, /bucket\.name: got "Our_Backups"/],
    ["no folder", { prefix: "" }, /bucket\.prefix: got "", allowed is folders/],
    ["a way out of its folder", { prefix: "a/../b" }, /bucket\.prefix/],
    ["an endpoint without TLS", { endpoint: "http://s3.data.svc" }, /bucket\.endpoint: .*always asked by TLS/],
    ["a second line of configuration", { region: "eu\nrepo1-storage-verify-tls=n" }, /bucket\.region/],
    ["a key that is no Secret's name", { secret: "AKIA/secret" }, /bucket\.secret/],
    ["a user instead of a role", { role: "arn:aws:iam::123456789012:user/x" }, /bucket\.role/],
    ["a way to everybody", { addresses: ["0.0.0.0/0"] }, /0\.0\.0\.0\/0 is everybody/],
    ["no address at all", { addresses: [] }, /at least one range is needed/],
  ];
  for (const [what, change, reason] of refused) {
    it(`are refused with ${what}`, () => {
      const found = backupRefusals(good, inBucket(change));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0]!, reason);
    });
  }
});

describe("a place for WAL", () => {
  const at = (namespace: string, scope: string, change: Partial<Bucket> = {}) => ({
    ...{ namespace, scope },
    bucket: { ...bucket, ...change },
  });

  it("is one cluster's: by its name, by its prefix or by its bucket", () => {
    const others = [
      at("data", "next"),
      at("other", "demo", { prefix: "other" }),
      at("third", "demo", { name: "third" }),
    ];
    assert.deepEqual(sharedBuckets([at("data", "demo"), ...others]), []);
  });

  it("is refused to two clusters of one name in two namespaces", () => {
    const [found, ...more] = sharedBuckets([at("data", "demo"), at("other", "demo")]);
    assert.match(
      found!,
      /our-backups\/production\/postgres\/demo would hold the WAL of two clusters, data\/demo and other\/demo/,
    );
    assert.deepEqual(more, []);
  });

  it("is refused inside of another's, and where AWS is named or isn't", () => {
    const inside = at("other", "next", { prefix: "production/postgres/demo" });
    assert.match(sharedBuckets([at("data", "demo"), inside])[0]!, /one inside of the other/);
    const named = at("other", "demo", { endpoint: "s3.eu-central-1.amazonaws.com" });
    assert.equal(sharedBuckets([at("data", "demo"), named]).length, 1);
  });
});

describe("whoever keeps backups in a bucket", function () {
  this.timeout(20_000); // the first to load Pulumi pays for it
  // biome-ignore lint/suspicious/noExplicitAny: what resources were asked to be has no type
  type Made = { readonly type: string; readonly name: string; readonly inputs: any };
  let made: Made[];
  const parts = ["demo-keeper", "demo-full", "demo-differential", "demo-verification", "demo-restore"];

  async function declare(change: Partial<Bucket> = {}, isReached = false): Promise<void> {
    made = [];
    const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      made.push({ type, name, inputs });
      return { id: `${name}-id`, state: inputs };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
    const backups = { ...inBucket(change), isReached };
    new Backups("demo", { request: good, backups, image: "image", tlsSecret: "tls", isIdle: false });
    await pulumi.runtime.disconnect();
  }
  const ofKind = (kind: string): Made[] => made.filter(({ type }) => type.endsWith(`:${kind}`));
  const podOf = ({ inputs }: Made) => (inputs.spec.jobTemplate?.spec ?? inputs.spec).template;
  const named = (part: string): Made =>
    [...ofKind("Deployment"), ...ofKind("CronJob")].find(({ name }) => name === part)!;
  const secretsOf = (pod: ReturnType<typeof podOf>): string[] =>
    pod.spec.containers[0].env.flatMap((one: { valueFrom?: { secretKeyRef: { name: string; key: string } } }) =>
      one.valueFrom ? [`${one.valueFrom.secretKeyRef.name}/${one.valueFrom.secretKeyRef.key}`] : [],
    );

  it("has no volume, makes no key, and stands twice", async () => {
    await declare();
    assert.deepEqual(ofKind("PersistentVolumeClaim"), []);
    assert.deepEqual(ofKind("RandomPassword"), []);
    assert.equal(named("demo-keeper").inputs.spec.replicas, 2);
    assert.doesNotMatch(JSON.stringify(podOf(named("demo-full"))), /podAffinity"/);
  });

  it("has its keys from the Secret, and whoever tries a restore only what it takes to read", async () => {
    await declare();
    const all = ["backup-login/passphrase", "backup-login/key", "backup-login/key-secret"];
    assert.deepEqual(secretsOf(podOf(named("demo-keeper"))), all);
    assert.deepEqual(secretsOf(podOf(named("demo-full"))), all);
    assert.deepEqual(secretsOf(podOf(named("demo-verification"))), ["backup-login/passphrase"]);
  });

  it("takes a role on by a token for AWS alone, instead of keys", async () => {
    const role = "arn:aws:iam::123456789012:role/backups";
    await declare({ role });
    const { spec } = podOf(named("demo-keeper"));
    assert.deepEqual(secretsOf({ spec }), ["backup-login/passphrase"]);
    assert.equal(spec.serviceAccountName, "demo-backup");
    assert.equal(spec.automountServiceAccountToken, false);
    assert.ok(spec.containers[0].env.some((one: { value?: string }) => one.value === role));
    const { projected } = spec.volumes.find(({ name }: { name: string }) => name === "identity");
    assert.equal(projected.sources[0].serviceAccountToken.audience, "sts.amazonaws.com");
    assert.equal(podOf(named("demo-verification")).spec.serviceAccountName, undefined);
  });

  it("reaches the bucket, the members and DNS, and nobody else", async () => {
    await declare({ endpoint: "s3.example.org:9000" });
    const [{ inputs }] = ofKind("NetworkPolicy") as [Made];
    const { podSelector, policyTypes, egress } = inputs.spec;
    assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
    const to = egress.map((rule: { to: object[]; ports: { port: number }[] }) => [
      JSON.stringify(rule.to),
      rule.ports.map(({ port }) => port),
    ]);
    assert.deepEqual(to, [
      ['[{"podSelector":{}}]', [8432]],
      ['[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}}}]', [53, 53]],
      ['[{"ipBlock":{"cidr":"10.20.0.0/24"}}]', [9000]],
    ]);
    const isSelected = (part: string): boolean =>
      Object.entries(podSelector.matchLabels).every(
        ([key, value]) => podOf(named(part)).metadata.labels[key] === value,
      );
    assert.deepEqual(parts.filter(isSelected), ["demo-keeper", "demo-full", "demo-differential"]);
  });

  it("leaves it to the platform whom it reaches, where that closes the namespace", async () => {
    await declare({}, true);
    assert.deepEqual(ofKind("NetworkPolicy"), []);
    const config = { cutover: "registry.example/cutover", certificate: "tls", bucket };
    const { podSelector, egress } = JSON.parse(JSON.stringify(databaseOpens(config)!["allow-bucket"]));
    const [{ key, operator }] = podSelector.matchExpressions;
    assert.equal(operator, "Exists");
    const isSelected = (part: string): boolean => key in podOf(named(part)).metadata.labels;
    assert.deepEqual(parts.filter(isSelected), ["demo-keeper", "demo-full", "demo-differential"]);
    const to = [{ ipBlock: { cidr: "10.20.0.0/24" } }];
    assert.deepEqual(egress, [{ to, ports: [{ port: 443, protocol: "TCP" }] }]);
  });
});
