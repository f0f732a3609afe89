import assert from "node:assert/strict";
import { AwsProvider } from "../../../local/providers/aws/aws-provider.ts";
import { fromAws, toAws } from "../../../local/providers/aws/kind.ts";
import { type Properties, unknown } from "../../../local/providers/base/properties.ts";

const provider = new AwsProvider();
const log = { info() {}, warn() {}, status() {} } as never;
const about = (type: string) => ({ urn: "urn", type: `aws:${type}`, name: "x", log });
const ofBucket = about("s3/bucket:Bucket");
const check = (of: typeof ofBucket, inputs: Properties) =>
  provider.check({ ...of, oldInputs: {}, inputs, randomSeed: new Uint8Array() });
const diff = (of: typeof ofBucket, oldInputs: Properties, inputs: Properties) =>
  provider.diff({ ...of, id: "x", oldInputs, oldOutputs: oldInputs, inputs });

const own = "http://127.0.0.1:5000";
const endpoints = { s3: own, kms: own, iam: own };

describe("the stand-in for the provider of AWS", () => {
  it("speaks to a server on this machine, whether told in a list or in its text", () => {
    assert.deepEqual(provider.checkConfig({ region: "eu-central-1", endpoints: [endpoints] }), []);
    assert.deepEqual(provider.checkConfig({ endpoints: JSON.stringify([endpoints]) }), []);
  });

  it("refuses the real AWS, whichever service is left to it", () => {
    assert.equal(provider.checkConfig({ region: "eu-central-1" }).length, 3);
    const found = provider.checkConfig({ endpoints: [{ ...endpoints, iam: "https://iam.amazonaws.com" }] });
    assert.deepEqual(
      found.map(({ reason }) => reason.split(";")[0]),
      ['iam is "https://iam.amazonaws.com"'],
    );
    assert.equal(
      provider.checkConfig({ endpoints: [{ ...endpoints, s3: "http://127.0.0.1.evil.example" }] }).length,
      1,
    );
  });

  it("refuses settings that it would ignore", () => {
    assert.match(provider.checkConfig({ endpoints: [endpoints], profile: "x" })[0]!.reason, /"profile" is not offered/);
  });

  it("refuses a type or an input that it doesn't offer, and makes no name", async () => {
    await assert.rejects(check(about("rds/instance:Instance"), {}), /aws:rds\/instance:Instance is not offered/);
    assert.match(
      (await check(ofBucket, { bucket: "x", acl: "private" })).failures[0]!.reason,
      /not offered.* bucket, /,
    );
    assert.match((await check(ofBucket, {})).failures[0]!.reason, /is missing/);
    assert.deepEqual((await check(ofBucket, { bucket: "x", objectLockEnabled: true })).failures, []);
  });

  it("makes a bucket anew for another name, and changes what is set on it in place", async () => {
    const [renamed] = (await diff(ofBucket, { bucket: "x" }, { bucket: "y" })).changes;
    assert.deepEqual(renamed, { path: "bucket", kind: "update", replaces: true });
    const policy = about("s3/bucketPolicy:BucketPolicy");
    const [changed] = (await diff(policy, { bucket: "x", policy: '{"a":1}' }, { bucket: "x", policy: '{"a":2}' }))
      .changes;
    assert.deepEqual(changed, { path: "policy", kind: "update", replaces: false });
  });

  it("takes policies that mean the same for the same", async () => {
    const policy = about("s3/bucketPolicy:BucketPolicy");
    const { changes } = await diff(policy, { policy: '{"a":1,"b":[2]}' }, { policy: '{ "b": [2], "a": 1 }' });
    assert.deepEqual(changes, []);
  });

  it("shows in a preview what is known and what isn't, without asking anybody", async () => {
    const inputs = { description: "x" };
    const { outputs } = await provider.create({ ...about("kms/key:Key"), inputs, preview: true, timeoutSeconds: 0 });
    assert.deepEqual(outputs, { description: "x", arn: unknown, keyId: unknown });
  });

  it("writes names as AWS does, there and back", () => {
    const ours: Properties = {
      rules: [
        { id: "a", applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "k" } },
        { bucketKeyEnabled: true },
      ],
    };
    assert.deepEqual(toAws(ours), {
      Rules: [
        { ID: "a", ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "k" } },
        { BucketKeyEnabled: true },
      ],
    });
    assert.deepEqual(fromAws(toAws(ours)), ours);
  });
});
