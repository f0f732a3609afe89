import assert from "node:assert/strict";
import { join } from "node:path";
import { DescribeKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import {
  DeleteBucketPolicyCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectLockConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { root } from "../../local/paths.ts";
import { destroy, preview, refresh, up, type Workspace, workspace } from "../engine/support.ts";
import { Moto } from "../support/moto.ts";

const Bucket = "our-backups";

/** The component as it is, by the real engine, in a server that answers as AWS does. */
describe("a bucket for backups, by the embedded provider for AWS", function () {
  this.timeout(300_000);
  let moto: Moto;
  let project: Workspace;
  let s3: S3Client;
  let kms: KMSClient;
  before(async () => {
    moto = await Moto.start();
    project = await workspace("");
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const at = { endpoint: moto.endpoint, region: "eu-central-1", credentials };
    s3 = new S3Client({ ...at, forcePathStyle: true });
    kms = new KMSClient(at);
    await declare();
  });
  after(async () => {
    moto?.stop();
    await project?.remove();
  });

  async function declare(change: object = {}, endpoint = moto.endpoint): Promise<void> {
    const [s3, kms, iam] = [endpoint, endpoint, endpoint];
    const provider = { region: "eu-central-1", accessKey: "test", secretKey: "test", endpoints: [{ s3, kms, iam }] };
    const users = [{ namespace: "data", scope: "demo", prefix: "production" }];
    const bucket = {
      name: Bucket,
      region: "eu-central-1",
      account: "123456789012",
      lockedDays: 21,
      issuer: "oidc",
      users,
    };
    await project.write({
      "index.ts": `
        import { BackupBucket } from ${JSON.stringify(join(root, "components/aws/backup-bucket.ts"))};
        import { Provider } from "@pulumi/aws/provider.js";
        const provider = new Provider("moto", ${JSON.stringify(provider)});
        new BackupBucket("backups", ${JSON.stringify({ ...bucket, ...change })}, { provider });`,
    });
  }
  const lockedDays = async (): Promise<number | undefined> => {
    const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    return ObjectLockConfiguration?.Rule?.DefaultRetention?.Days;
  };

  it("is shown by a preview, made by an update, and then the same", async () => {
    assert.equal((await project.run(preview)).changes.create, 14);
    assert.equal((await project.run(up)).changes.create, 14);
    assert.equal(await lockedDays(), 21);
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    assert.equal(Rules?.[0]?.NoncurrentVersionExpiration?.NoncurrentDays, 21);
    assert.deepEqual(Object.keys((await project.run(preview)).changes), ["same"]);
    assert.equal((await project.run([...refresh, "--expect-no-changes"])).code, 0);
  });

  it("is changed in place where that can be", async () => {
    await declare({ lockedDays: 30 });
    const { operations } = await project.run(up);
    const changed = Object.keys(operations).filter((name) => operations[name]!.some((one) => one !== "same"));
    assert.deepEqual(changed.sort(), ["backups", "backups-lifecycle", "backups-lock"]);
    assert.equal(await lockedDays(), 30);
  });

  it("sees what somebody else has changed or removed, and mends it", async () => {
    const VersioningConfiguration = { Status: "Suspended" as const };
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    const mayNot = s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    await mayNot.catch(() => undefined); // what is locked may refuse it
    await project.run(refresh);
    const { operations } = await project.run(up);
    assert.deepEqual(operations["backups-policy"], ["create"]);
    assert.equal((await project.run([...refresh, "--expect-no-changes"])).code, 0);
  });

  it("refuses to speak to anybody but a server on this machine, and what it doesn't offer, by name", async () => {
    await declare({}, "https://s3.eu-central-1.amazonaws.com");
    assert.match((await project.failure(preview)).text, /a stand-in and speaks to a server on this machine only/);
    await declare();
  });

  it("goes with all that it is made of, once nobody protects it", async () => {
    await declare({ lockedDays: 30 });
    assert.match((await project.failure(destroy)).text, /protect/);
    await project.run(["state", "unprotect", "--all", "--yes"]);
    await project.run(destroy);
    await assert.rejects(lockedDays(), /bucket does not exist/i);
    const { Keys } = await kms.send(new ListKeysCommand({}));
    const [key] = await Promise.all((Keys ?? []).map(({ KeyId }) => kms.send(new DescribeKeyCommand({ KeyId }))));
    const { KeyState, DeletionDate } = key!.KeyMetadata!;
    assert.equal(KeyState, "PendingDeletion");
    assert.ok(DeletionDate!.getTime() > Date.now() + 29 * 86_400_000);
  });
});
