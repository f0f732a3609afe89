import type { IAMClient } from "@aws-sdk/client-iam";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import { isObject, type Json, type Properties } from "../base/properties.ts";

export interface Clients {
  readonly region: string;
  readonly s3: S3Client;
  readonly kms: KMSClient;
  readonly iam: IAMClient;
}

/** What one type of resource is in AWS. */
export interface Kind {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Inputs that nothing there can change. */
  readonly fixed: readonly string[];
  /** Known only when it is there. */
  readonly outputs: readonly string[];
  /** Makes it where there is no id yet, changes it where there is one; its id. */
  write(clients: Clients, inputs: Properties, id?: string): Promise<string>;
  /** Inputs and outputs as they are there; nothing where it is gone. */
  read(clients: Clients, id: string): Promise<Properties | undefined>;
  remove(clients: Clients, id: string, inputs: Properties): Promise<void>;
}

/** Names that AWS doesn't write as Pulumi does with a large first letter. */
const spelled: Readonly<Record<string, string>> = {
  id: "ID",
  sseAlgorithm: "SSEAlgorithm",
  kmsMasterKeyId: "KMSMasterKeyID",
};
const spelledBack = Object.fromEntries(Object.entries(spelled).map(([ours, theirs]) => [theirs, ours]));

const renamed = (value: Json, rename: (name: string) => string): Json => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]));
};

// The SDK's own types say of each request what it takes; what a program gives has been checked by name only.
// biome-ignore lint/suspicious/noExplicitAny: any request of the SDK
export const toAws = (value: Properties): any =>
  renamed(value, (name) => spelled[name] ?? name[0]!.toUpperCase() + name.slice(1));

export const fromAws = (value: object): Properties =>
  renamed(
    JSON.parse(JSON.stringify(value)),
    (name) => spelledBack[name] ?? name[0]!.toLowerCase() + name.slice(1),
  ) as Properties;

/** What is asked for, or nothing where AWS says that it isn't there. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === 404 || name === "NotFoundException") return undefined;
    throw error;
  }
}
