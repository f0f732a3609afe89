import type { ClusterRequest } from "./settings.ts";

/** A bucket of S3, or of a server that speaks as S3 does. */
export interface Bucket {
  readonly name: string;
  /** Folders in it; what a cluster keeps is in one of its own below them. */
  readonly prefix: string;
  readonly region: string;
  /** Name and port of who answers for it; left out, AWS in that region. */
  readonly endpoint?: string;
  /** Whether its name is part of the host's, as AWS has it, or of the path. */
  readonly uriStyle?: "host" | "path";
  /** In PEM, who has to have signed the endpoint's certificate; left out, whoever the image trusts. */
  readonly ca?: string;
  /** Asked of S3 with each object, for buckets that refuse one without it. */
  readonly kmsKey?: string;
  /** Ranges in which the endpoint is, and with a role AWS's STS: pods that hold backups reach nothing else outside. */
  readonly addresses: readonly string[];
  /** A Secret with `passphrase`, which all is encrypted with before it leaves, and, without a role, `key` and `key-secret`. */
  readonly secret: string;
  /** Taken on by the pods that hold backups, instead of a key. */
  readonly role?: string;
}

type Cluster = Pick<ClusterRequest, "scope" | "namespace">;
type Options = Readonly<Record<string, string | number>>;

/** Beside the configuration of whoever speaks to the bucket. */
export const bucketCaFile = "bucket-ca.crt";
export const identityFolder = "/identity";

export const bucketEndpoint = ({ endpoint, region }: Bucket): string => endpoint ?? `s3.${region}.amazonaws.com`;
export const bucketPort = (bucket: Bucket): number => Number(/:(\d+)$/.exec(bucketEndpoint(bucket))?.[1] ?? 443);

/** Where in its bucket a cluster's backups and WAL are. */
export const pathInBucket = ({ prefix }: Pick<Bucket, "prefix">, { scope }: Pick<Cluster, "scope">): string =>
  `/${prefix}/${scope}`;

/** What pgBackRest has to know of it; keys and passphrase it has from its environment. */
export const bucketOptions = (bucket: Bucket, cluster: Pick<Cluster, "scope">, configFolder: string): Options => ({
  "repo1-type": "s3",
  "repo1-path": pathInBucket(bucket, cluster),
  "repo1-s3-bucket": bucket.name,
  "repo1-s3-endpoint": bucketEndpoint(bucket),
  "repo1-s3-region": bucket.region,
  "repo1-s3-uri-style": bucket.uriStyle ?? "host",
  "repo1-s3-key-type": bucket.role ? "web-id" : "shared",
  ...(bucket.kmsKey && { "repo1-s3-kms-key-id": bucket.kmsKey }),
  ...(bucket.ca && { "repo1-storage-ca-file": `${configFolder}/${bucketCaFile}` }),
});

type Text = "name" | "prefix" | "region" | "endpoint" | "kmsKey" | "secret" | "role";
const allowed: readonly [Text, RegExp, string][] = [
  ["name", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "3 to 63 lower-case letters, digits, dots and dashes"],
  ["prefix", /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/, "folders such as production/postgres"],
  ["region", /^[a-z0-9-]+$/, "a region such as eu-central-1"],
  ["endpoint", /^[a-z0-9.-]+(:\d{1,5})?$/, "a name such as s3.example.org:9000; it is always asked by TLS"],
  ["kmsKey", /^[\w:/-]+$/, "the ARN, the id or the alias of a key"],
  ["secret", /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "the name of a Secret"],
  ["role", /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, "the ARN of a role"],
];

export interface BucketProblem {
  readonly key: keyof Bucket;
  readonly message: string;
}

/** What is wrong with a bucket, by what says it. */
export function bucketProblems(bucket: Bucket): BucketProblem[] {
  const wrong: BucketProblem[] = allowed.flatMap(([key, pattern, what]) => {
    const got = bucket[key];
    return got === undefined || pattern.test(got) ? [] : [{ key, message: `got "${got}", allowed is ${what}` }];
  });
  const open = bucket.addresses.find((range) => range.endsWith("/0"));
  if (open) {
    wrong.push({ key: "addresses", message: `${open} is everybody; name the ranges in which the bucket answers` });
  }
  if (bucket.addresses.length === 0) {
    wrong.push({ key: "addresses", message: "at least one range is needed, in which the bucket answers" });
  }
  return wrong;
}

/** Why backups can't be kept there. */
export const bucketRefusals = (bucket: Bucket): string[] =>
  bucketProblems(bucket).map(({ key, message }) => `backups.bucket.${key}: ${message}`);

/** Two that write WAL to one place would take each other's for their own, and neither could be restored. */
export function sharedBuckets(clusters: readonly (Cluster & { readonly bucket: Bucket })[]): string[] {
  const places = clusters.map((cluster) => {
    const { bucket, namespace, scope } = cluster;
    const at = `${bucketEndpoint(bucket)}/${bucket.name}${pathInBucket(bucket, cluster)}`;
    return { at, who: `${namespace}/${scope}` };
  });
  return places.flatMap(({ at, who }, index) =>
    places
      .slice(index + 1)
      // A cluster that is named twice is refused as that.
      .filter(
        (other) => other.who !== who && (`${other.at}/`.startsWith(`${at}/`) || `${at}/`.startsWith(`${other.at}/`)),
      )
      .map((other) => {
        const where = other.at === at ? at : `${at} and ${other.at}, one inside of the other,`;
        return `backups.bucket: ${where} would hold the WAL of two clusters, ${who} and ${other.who}; give each a prefix of its own`;
      }),
  );
}
