import { at, listAt, numberAt, textAt, textsAt, when } from "../look.ts";
import type { PlainResource, ResourceCheck, Topic } from "../model.ts";
import { statementsOf } from "./policies.ts";
import { checkOf } from "./types.ts";

const database = ["rds/instance:Instance", "rds/cluster:Cluster"];
const lacks = ({ props }: PlainResource, ...keys: string[]): string[] =>
  keys.filter((key) => at(props, key) !== true).map((key) => `${key} has to be true`);

/** Where data lies: encrypted, kept, and not open to the world. */
export const awsData: Topic<ResourceCheck> = {
  name: "aws-data",
  description: "Data in AWS is encrypted, kept and not public",
  checks: [
    {
      id: "AB-07",
      title: "databases are encrypted",
      why: "a snapshot that leaks is readable",
      requirement: "Checkov CKV_AWS_16",
      find: checkOf(database, (resource) => lacks(resource, "storageEncrypted")),
    },
    {
      id: "AB-08",
      title: "databases aren't public",
      why: "the whole world tries passwords",
      requirement: "Checkov CKV_AWS_17",
      find: checkOf(["rds/instance:Instance"], ({ props }) =>
        when(at(props, "publiclyAccessible") === true, "publiclyAccessible is true"),
      ),
    },
    {
      id: "AB-09",
      title: "databases stand in several zones",
      why: "one zone that goes is an outage",
      requirement: "Checkov CKV_AWS_157",
      find: checkOf(["rds/instance:Instance"], (resource) =>
        at(resource.props, "replicateSourceDb") === undefined ? lacks(resource, "multiAz") : [],
      ),
    },
    {
      id: "AB-10",
      title: "databases are backed up for a week or more",
      why: "a mistake is noticed days later",
      requirement: "Checkov CKV_AWS_133",
      find: checkOf(database, ({ props }) =>
        when((numberAt(props, "backupRetentionPeriod") ?? 0) < 7, "backupRetentionPeriod has to be 7 or more"),
      ),
    },
    {
      id: "AB-11",
      title: "databases can't be deleted in passing",
      why: "one wrong word and they are gone",
      requirement: "Checkov CKV_AWS_139, 293",
      find: checkOf(database, (resource) => [
        ...lacks(resource, "deletionProtection"),
        ...when(at(resource.props, "skipFinalSnapshot") === true, "skipFinalSnapshot is true"),
      ]),
    },
    {
      id: "AB-12",
      title: "databases know their users and keep logs",
      why: "nobody can tell who did what",
      requirement: "Checkov CKV_AWS_161, 129",
      find: checkOf(database, (resource) => [
        ...lacks(resource, "iamDatabaseAuthenticationEnabled"),
        ...when(
          textsAt(resource.props, "enabledCloudwatchLogsExports").length === 0,
          "enabledCloudwatchLogsExports is empty",
        ),
      ]),
    },
    {
      id: "AB-16",
      title: "buckets aren't public and speak TLS only",
      why: "public buckets are how data is lost",
      requirement: "Checkov CKV_AWS_53 to 56, 379",
      find: (resource) => [
        ...checkOf(["s3/bucketPublicAccessBlock:BucketPublicAccessBlock"], (block) =>
          lacks(block, "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
        )(resource),
        ...checkOf(["s3/bucketPolicy:BucketPolicy"], ({ props }) => {
          const statements = statementsOf(at(props, "policy"));
          const isTlsOnly = statements.some(
            ({ allows, conditions }) =>
              !allows && /"aws:SecureTransport":"?false/.test(JSON.stringify(conditions ?? "")),
          );
          const isOpen = statements.some(
            ({ allows, principals, conditions }) => allows && principals.includes("*") && !conditions,
          );
          return [
            ...when(!isTlsOnly, "no statement denies aws:SecureTransport false"),
            ...when(isOpen, "everybody is allowed in"),
          ];
        })(resource),
        ...checkOf(["s3/bucket:Bucket", "s3/bucketAclV2:BucketAclV2"], ({ props }) =>
          when(textAt(props, "acl").startsWith("public"), `acl is ${textAt(props, "acl")}`),
        )(resource),
      ],
    },
    {
      id: "AB-17",
      title: "keys are rotated and aren't everybody's",
      why: "a key that leaked stays good",
      requirement: "Checkov CKV_AWS_7, 33",
      find: checkOf(["kms/key:Key"], (resource) => [
        ...when(
          !textAt(resource.props, "customerMasterKeySpec").match(/RSA|ECC|HMAC/) &&
            at(resource.props, "enableKeyRotation") !== true,
          "enableKeyRotation has to be true",
        ),
        ...when(
          statementsOf(at(resource.props, "policy")).some(
            ({ allows, principals, conditions }) => allows && principals.includes("*") && !conditions,
          ),
          "its policy lets everybody use it",
        ),
      ]),
    },
    {
      id: "AB-18",
      title: "secrets have a key of their own and are rotated within 90 days",
      why: "a secret that leaked stays good",
      requirement: "Checkov CKV_AWS_149, 304",
      find: (resource) => [
        ...checkOf(["secretsmanager/secret:Secret"], ({ props }) =>
          when(textAt(props, "kmsKeyId") === "", "kmsKeyId names no key of its own"),
        )(resource),
        ...checkOf(["secretsmanager/secretRotation:SecretRotation"], ({ props }) => {
          const days = numberAt(props, "rotationRules.automaticallyAfterDays");
          return when(days !== undefined && days > 90, `rotates after ${days} days; 90 at most`);
        })(resource),
      ],
    },
    {
      id: "AB-24",
      title: "disks, file systems and caches are encrypted",
      why: "what is thrown away or copied is readable",
      requirement: "Checkov CKV_AWS_3, 29 to 31, 189",
      find: (resource) => [
        ...checkOf(["ebs/volume:Volume", "efs/fileSystem:FileSystem"], (each) => lacks(each, "encrypted"))(resource),
        ...checkOf(["elasticache/replicationGroup:ReplicationGroup"], (each) =>
          lacks(each, "atRestEncryptionEnabled", "transitEncryptionEnabled"),
        )(resource),
        ...checkOf(["ec2/instance:Instance", "ec2/launchTemplate:LaunchTemplate"], ({ props }) => {
          const disks = [
            ...listAt(props, "ebsBlockDevices"),
            ...listAt(props, "blockDeviceMappings").map((one) => at(one, "ebs")),
          ];
          const open = disks.filter((disk) => ![true, "true"].includes(at(disk, "encrypted") as string));
          return when(open.length > 0, "a disk isn't encrypted");
        })(resource),
      ],
    },
  ],
};
