import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Properties } from "../base/properties.ts";
import { type Clients, fromAws, ifThere, type Kind, toAws } from "./kind.ts";

const bucket: Kind = {
  required: ["bucket"],
  optional: ["objectLockEnabled"],
  fixed: ["bucket", "objectLockEnabled"],
  outputs: ["arn"],
  async write({ s3, region }, inputs, id) {
    const Bucket = inputs.bucket as string;
    if (id !== undefined) return id;
    const elsewhere = region !== "us-east-1" && { CreateBucketConfiguration: { LocationConstraint: region as "EU" } };
    const ObjectLockEnabledForBucket = inputs.objectLockEnabled === true;
    await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket, ...elsewhere }));
    return Bucket;
  },
  async read({ s3 }, Bucket) {
    if (!(await ifThere(s3.send(new HeadBucketCommand({ Bucket }))))) return undefined;
    const lock = await ifThere(s3.send(new GetObjectLockConfigurationCommand({ Bucket })));
    const objectLockEnabled = lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
    return { bucket: Bucket, arn: `arn:aws:s3:::${Bucket}`, objectLockEnabled };
  },
  async remove({ s3 }, Bucket) {
    await ifThere(s3.send(new DeleteBucketCommand({ Bucket })));
  },
};

interface Asked {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  put(s3: S3Client, Bucket: string, inputs: Properties): Promise<unknown>;
  get(s3: S3Client, Bucket: string): Promise<object | undefined>;
  remove(s3: S3Client, Bucket: string): Promise<unknown>;
}

/** What is set on a bucket as a whole, and has the bucket's name for an id. */
const setting = ({ required, optional = [], put, get, remove }: Asked): Kind => ({
  required: ["bucket", ...required],
  optional,
  fixed: ["bucket"],
  outputs: [],
  async write({ s3 }, { bucket: name, ...inputs }) {
    await put(s3, name as string, inputs);
    return name as string;
  },
  async read({ s3 }: Clients, id) {
    const found = await ifThere(get(s3, id));
    return found && { bucket: id, ...fromAws(found) };
  },
  async remove({ s3 }, id) {
    await ifThere(remove(s3, id));
  },
});

const versioning = setting({
  required: ["versioningConfiguration"],
  put: (s3, Bucket, inputs) => s3.send(new PutBucketVersioningCommand({ Bucket, ...toAws(inputs) })),
  async get(s3, Bucket) {
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    return Status && { VersioningConfiguration: { Status } };
  },
  async remove(s3, Bucket) {
    // With a lock it can't be stopped, and goes with the bucket.
    const lock = await ifThere(s3.send(new GetObjectLockConfigurationCommand({ Bucket })));
    if (lock) return;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
  },
});

const encryption = setting({
  required: ["rules"],
  put: (s3, Bucket, inputs) =>
    s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: toAws(inputs) })),
  get: async (s3, Bucket) =>
    (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
  remove: (s3, Bucket) => s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
});

const lockOf = (rule: object) => ({ ObjectLockEnabled: "Enabled" as const, ...rule });
const objectLock = setting({
  required: ["rule"],
  put: (s3, Bucket, inputs) =>
    s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: lockOf(toAws(inputs)) })),
  async get(s3, Bucket) {
    const { ObjectLockConfiguration: found } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    return found?.Rule && { Rule: found.Rule };
  },
  remove: (s3, Bucket) =>
    s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: lockOf({}) })),
});

const lifecycle = setting({
  required: ["rules"],
  put: (s3, Bucket, inputs) =>
    s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: toAws(inputs) })),
  async get(s3, Bucket) {
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    return Rules && { Rules };
  },
  remove: (s3, Bucket) => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
});

const publicAccess = setting({
  required: [],
  optional: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
  put: (s3, Bucket, inputs) =>
    s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: toAws(inputs) })),
  get: async (s3, Bucket) =>
    (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
  remove: (s3, Bucket) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
});

const policy = setting({
  required: ["policy"],
  put: (s3, Bucket, inputs) => s3.send(new PutBucketPolicyCommand({ Bucket, ...toAws(inputs) })),
  async get(s3, Bucket) {
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    return Policy === undefined ? undefined : { Policy };
  },
  remove: (s3, Bucket) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
});

export const s3Kinds: Readonly<Record<string, Kind>> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketVersioning:BucketVersioning": versioning,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": objectLock,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccess,
  "aws:s3/bucketPolicy:BucketPolicy": policy,
};
