import { keeperName } from "./backups.ts";
import { type Bucket, pathInBucket } from "./bucket.ts";

/** A bucket of AWS that clusters keep their backups in. */
export interface AwsBucket {
  /** Also the alias of the key that it is encrypted with. */
  readonly name: string;
  readonly region: string;
  /** The account's number. */
  readonly account: string;
  /** For so many days no version of an object can be removed by those who write it, nor by anybody without the right to. */
  readonly lockedDays: number;
  /** Who vouches for pods: the issuer of their tokens, without its `https://`, as the account knows it. */
  readonly issuer: string;
}

/** A cluster that keeps its backups there. */
export interface BucketUser {
  readonly namespace: string;
  readonly scope: string;
  readonly prefix: string;
}

export const bucketArn = ({ name }: Pick<AwsBucket, "name">): string => `arn:aws:s3:::${name}`;
export const keyAlias = ({ name }: Pick<AwsBucket, "name">): string => `alias/${name}`;
export const roleName = ({ name }: Pick<AwsBucket, "name">, { namespace, scope }: BucketUser): string =>
  `${name}.${namespace}.${scope}`;

/** What a cluster has to be told of it. */
export function bucketFor(bucket: AwsBucket, user: BucketUser, own: Pick<Bucket, "addresses" | "secret">): Bucket {
  return {
    ...own,
    ...{ name: bucket.name, prefix: user.prefix, region: bucket.region, kmsKey: keyAlias(bucket) },
    role: `arn:aws:iam::${bucket.account}:role/${roleName(bucket, user)}`,
  };
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: string | { readonly Federated: string };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
const policy = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** What the bucket itself refuses, whoever asks. */
export function bucketPolicy(bucket: AwsBucket): string {
  const arn = bucketArn(bucket);
  const everybody = { Effect: "Deny", Principal: "*" } as const;
  return policy(
    {
      ...{ Sid: "NotWithoutTls", ...everybody, Action: "s3:*", Resource: [arn, `${arn}/*`] },
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      ...{ Sid: "NotWithoutTheKey", ...everybody, Action: "s3:PutObject", Resource: `${arn}/*` },
      Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } },
    },
  );
}

/** Reads and writes what is in its own folder. What it removes is hidden, and gone when nothing holds it any longer. */
export function userPolicy(bucket: AwsBucket, user: BucketUser, keyArn: string): string {
  const arn = bucketArn(bucket);
  const folder = `${pathInBucket(user, user).slice(1)}/*`;
  return policy(
    {
      ...{ Sid: "List", Effect: "Allow", Action: "s3:ListBucket", Resource: arn },
      Condition: { StringLike: { "s3:prefix": folder } },
    },
    {
      ...{ Sid: "Keep", Effect: "Allow", Resource: `${arn}/${folder}` },
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    },
    { Sid: "Encrypt", Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: keyArn },
  );
}

/** Nobody takes the role on but pods of the cluster's backups. */
export function trustPolicy({ account, issuer }: AwsBucket, { namespace, scope }: BucketUser): string {
  return policy({
    Sid: "Backups",
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: "sts.amazonaws.com",
        [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${keeperName(scope)}`,
      },
    },
  });
}

/** Why there can't be such a bucket. */
export function awsBucketRefusals(bucket: AwsBucket, users: readonly BucketUser[]): string[] {
  const found: string[] = [];
  if (!/^\d{12}$/.test(bucket.account)) found.push(`account: got "${bucket.account}", allowed are 12 digits`);
  if (!Number.isInteger(bucket.lockedDays) || bucket.lockedDays < 1) {
    found.push(`lockedDays: got ${bucket.lockedDays}, at least 1 is needed`);
  }
  if (!/^[a-z0-9.-]+(\/[\w.-]+)*$/.test(bucket.issuer)) {
    found.push(
      `issuer: got "${bucket.issuer}", allowed is one such as oidc.eks.eu-central-1.amazonaws.com/id/0123ABCD`,
    );
  }
  const long = users.map((user) => roleName(bucket, user)).find((name) => name.length > 64);
  if (long) found.push(`users: a role's name has 64 letters at most, ${long} has ${long.length}`);
  return found;
}
