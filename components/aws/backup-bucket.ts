import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { Alias } from "@pulumi/aws/kms/alias.js";
import { Key } from "@pulumi/aws/kms/key.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketObjectLockConfiguration } from "@pulumi/aws/s3/bucketObjectLockConfiguration.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";
import {
  type AwsBucket,
  awsBucketRefusals,
  type BucketUser,
  bucketPolicy,
  keyAlias,
  roleName,
  trustPolicy,
  userPolicy,
} from "../../rollout/postgres/aws-bucket.ts";

export interface BackupBucketArgs extends AwsBucket {
  /** Clusters that keep their backups in it, each in a folder of its own. */
  readonly users: readonly BucketUser[];
}

/** A bucket from which nothing can be taken away before its time, and for each cluster a role that reaches its own folder. */
export class BackupBucket extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:aws:BackupBucket";

  constructor(name: string, args: BackupBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super(BackupBucket.__pulumiType, name, args, opts);
    const { lockedDays, users } = args;
    const refused = awsBucketRefusals(args, users);
    if (refused.length > 0) throw new Error(`BackupBucket ${name}: ${refused.join("; ")}`);
    const parent = { parent: this };
    const kept = { ...parent, protect: true };

    const key = new Key(
      `${name}-key`,
      { description: `Backups in ${args.name}`, enableKeyRotation: true, deletionWindowInDays: 30 },
      kept,
    );
    new Alias(`${name}-alias`, { name: keyAlias(args), targetKeyId: key.keyId }, parent);
    // With the lock, a bucket that isn't empty can't be removed, whatever is asked for.
    const made = new Bucket(`${name}-bucket`, { bucket: args.name, objectLockEnabled: true }, kept);
    const bucket = made.bucket;
    const versioning = new BucketVersioning(
      `${name}-versioning`,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    const afterVersioning = { ...parent, dependsOn: versioning };
    new BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
            bucketKeyEnabled: true,
          },
        ],
      },
      parent,
    );
    new BucketObjectLockConfiguration(
      `${name}-lock`,
      { bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: lockedDays } } },
      afterVersioning,
    );
    new BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          {
            id: "removed-goes",
            status: "Enabled",
            filter: { prefix: "" },
            noncurrentVersionExpiration: { noncurrentDays: lockedDays },
            expiration: { expiredObjectDeleteMarker: true },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
          },
        ],
      },
      afterVersioning,
    );
    const closed = new BucketPublicAccessBlock(
      `${name}-closed`,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    // Two changes at once of who may come in are refused.
    new BucketPolicy(`${name}-policy`, { bucket, policy: bucketPolicy(args) }, { ...parent, dependsOn: closed });

    for (const user of users) {
      const of = `${name}-${user.namespace}-${user.scope}`;
      const assumeRolePolicy = trustPolicy(args, user);
      const role = new Role(`${of}-role`, { name: roleName(args, user), assumeRolePolicy }, parent);
      new RolePolicy(
        `${of}-rights`,
        { role: role.name, name: "backups", policy: key.arn.apply((arn) => userPolicy(args, user, arn)) },
        parent,
      );
    }
    this.registerOutputs({});
  }
}
