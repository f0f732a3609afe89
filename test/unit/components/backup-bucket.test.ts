import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BackupBucket } from "../../../components/aws/backup-bucket.ts";
import { resourceTopics, stackTopics } from "../../../rollout/baseline/checks.ts";
import { judgeResource, judgeTogether } from "../../../rollout/baseline/judge.ts";
import type { PlainResource } from "../../../rollout/baseline/model.ts";
import { type AwsBucket, awsBucketRefusals, bucketFor } from "../../../rollout/postgres/aws-bucket.ts";
import { backupRefusals, keeperName } from "../../../rollout/postgres/backups.ts";
import { good } from "../postgres/fixture.ts";

const bucket: AwsBucket = {
  name: "our-backups",
  region: "eu-central-1",
  account: "123456789012",
  lockedDays: 21,
  issuer: "oidc.eks.eu-central-1.amazonaws.com/id/0123ABCD",
};
const user = { namespace: "data", scope: "demo", prefix: "production" };

// biome-ignore lint/suspicious/noExplicitAny: inputs of any kind of resource
type Declared = PlainResource & { readonly props: any };

async function declared(change: Partial<AwsBucket> = {}): Promise<Declared[]> {
  const found: Declared[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      if (type.startsWith("aws:")) found.push({ type, name, props: inputs });
      const arn = `arn:${name}`;
      return { id: inputs.bucket ?? name, state: { ...inputs, arn, keyId: `${name}-id` } };
    },
    call: () => ({}),
  });
  new BackupBucket("backups", { ...bucket, ...change, users: [user] });
  await pulumi.runtime.disconnect();
  return found;
}
const of = (all: readonly Declared[], kind: string) => {
  const one = all.find(({ type }) => type.endsWith(`:${kind}`));
  assert.ok(one, kind);
  return one.props;
};
const statements = (policy: string): Record<string, unknown>[] => JSON.parse(policy).Statement;

describe("a bucket for backups in AWS", function () {
  this.timeout(20_000); // the first to load Pulumi pays for it
  let all: Declared[];
  before(async () => {
    all = await declared();
  });

  it("has nothing that the baseline would speak of", () => {
    const settings = { registries: [] };
    const found = [
      ...all.flatMap((one) => resourceTopics.flatMap((topic) => judgeResource(topic, one, settings, []))),
      ...stackTopics.flatMap((topic) => judgeTogether(topic, all, [])),
    ];
    assert.deepEqual(
      found.map(({ message }) => message),
      [],
    );
    const judged = [
      "kms/key:Key",
      "s3/bucketPolicy:BucketPolicy",
      "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    ];
    for (const type of [...judged, "iam/rolePolicy:RolePolicy"])
      assert.ok(all.some((one) => one.type === `aws:${type}`));
  });

  it("keeps each version for its time, encrypted with a key of its own that is rotated", () => {
    assert.equal(of(all, "Bucket").objectLockEnabled, true);
    assert.equal(of(all, "BucketVersioning").versioningConfiguration.status, "Enabled");
    assert.deepEqual(of(all, "BucketObjectLockConfiguration").rule.defaultRetention, { mode: "GOVERNANCE", days: 21 });
    const [lifecycle] = of(all, "BucketLifecycleConfiguration").rules;
    assert.equal(lifecycle.noncurrentVersionExpiration.noncurrentDays, 21);
    assert.equal(lifecycle.expiration.days, undefined, "what pgBackRest keeps stays, however old");
    const [encryption] = of(all, "BucketServerSideEncryptionConfiguration").rules;
    assert.deepEqual(encryption.applyServerSideEncryptionByDefault, {
      sseAlgorithm: "aws:kms",
      kmsMasterKeyId: "arn:backups-key",
    });
  });

  it("refuses whoever comes without TLS, and what is put there without the key", () => {
    const [tls, encrypted] = statements(of(all, "BucketPolicy").policy);
    assert.deepEqual([tls!.Effect, tls!.Action], ["Deny", "s3:*"]);
    assert.deepEqual(tls!.Condition, { Bool: { "aws:SecureTransport": "false" } });
    assert.deepEqual(encrypted!.Condition, { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } });
  });

  it("lets a cluster into its own folder, without a way to remove versions or to read others'", () => {
    const rights = statements(of(all, "RolePolicy").policy);
    const actions = rights.flatMap(({ Action }) => Action).sort();
    const kms = ["kms:Decrypt", "kms:GenerateDataKey"];
    assert.deepEqual(actions, [...kms, "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]);
    const [list, keep, encrypt] = rights;
    assert.deepEqual(list!.Condition, { StringLike: { "s3:prefix": "production/demo/*" } });
    assert.equal(keep!.Resource, "arn:aws:s3:::our-backups/production/demo/*");
    assert.equal(encrypt!.Resource, "arn:backups-key");
  });

  it("gives the role to the pods of that cluster's backups alone", () => {
    const [trust] = statements(of(all, "Role").assumeRolePolicy);
    const account = `system:serviceaccount:data:${keeperName("demo")}`;
    assert.deepEqual(trust!.Condition, {
      StringEquals: { [`${bucket.issuer}:aud`]: "sts.amazonaws.com", [`${bucket.issuer}:sub`]: account },
    });
  });

  it("is what a cluster is told of: the same names, and nothing that would be refused there", () => {
    const told = bucketFor(bucket, user, { addresses: ["10.20.0.0/24"], secret: "backup-login" });
    const schedule = { full: "0 1 * * 0", differential: "0 1 * * 1-6", verification: "0 3 * * 0" };
    assert.deepEqual(backupRefusals(good, { keptFull: 2, schedule, bucket: told }), []);
    assert.equal(told.role, `arn:aws:iam::123456789012:role/${of(all, "Role").name}`);
    assert.equal(told.kmsKey, of(all, "Alias").name);
  });

  it("is refused without a lock, without an account, with an issuer that is an address, with a role too long", () => {
    assert.match(awsBucketRefusals({ ...bucket, lockedDays: 0 }, [])[0]!, /^lockedDays: got 0/);
    assert.match(awsBucketRefusals({ ...bucket, account: "me" }, [])[0]!, /^account: got "me", allowed are 12 digits/);
    assert.match(awsBucketRefusals({ ...bucket, issuer: "https://oidc" }, [])[0]!, /^issuer: /);
    assert.match(awsBucketRefusals(bucket, [{ ...user, scope: "x".repeat(60) }])[0]!, /64 letters at most/);
    assert.deepEqual(awsBucketRefusals(bucket, [user]), []);
  });
});
