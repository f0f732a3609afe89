import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { isObject, type Json, type Properties } from "../base/properties.ts";
import type { Failure } from "../base/provider.ts";
import type { Clients } from "./kind.ts";

const services = ["s3", "kms", "iam"] as const;
const used = ["region", "accessKey", "secretKey", "endpoints"];
/** What an official provider is told so that it leaves the real AWS alone; this one has nothing to leave. */
const harmless = [
  ...["version", "pluginDownloadURL", "s3UsePathStyle"],
  ...["skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId"],
];

/** The engine gives a provider's lists and objects as text. */
const parsed = (value: Json | undefined): Json | undefined =>
  typeof value === "string" && /^\s*[[{]/.test(value) ? JSON.parse(value) : value;

function endpointsOf(config: Properties): Readonly<Record<string, Json>> {
  const given = parsed(config.endpoints);
  return Object.assign({}, ...(Array.isArray(given) ? given.filter(isObject) : []));
}

const isOwn = (endpoint: Json | undefined): boolean => {
  const host = typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint).hostname : "";
  return ["127.0.0.1", "localhost", "[::1]"].includes(host);
};

/** A stand-in has no business with the real AWS: all that it speaks to has to be on this machine. */
export function checkConfig(config: Properties): Failure[] {
  const allowed = [...used, ...harmless];
  const unknown = Object.keys(config)
    .filter((key) => !allowed.includes(key) && !key.startsWith("__") && config[key] !== null)
    .map((property) => ({
      property,
      reason: `"${property}" is not offered by the embedded provider; allowed are ${allowed.join(", ")}`,
    }));
  const endpoints = endpointsOf(config);
  const foreign = services
    .filter((service) => !isOwn(endpoints[service]))
    .map((service) => ({
      property: "endpoints",
      reason:
        `${service} is ${JSON.stringify(endpoints[service]) ?? "not there"}; the embedded provider is a stand-in and speaks ` +
        "to a server on this machine only, such as http://127.0.0.1:5000; install the official Pulumi CLI and plugin for AWS",
    }));
  return [...unknown, ...foreign];
}

export function clientsOf(config: Properties): Clients {
  const endpoints = endpointsOf(config);
  const text = (key: string, otherwise: string): string =>
    typeof config[key] === "string" && config[key] !== "" ? config[key] : otherwise;
  const region = text("region", "us-east-1");
  const credentials = { accessKeyId: text("accessKey", "none"), secretAccessKey: text("secretKey", "none") };
  const at = (service: string) => ({ region, credentials, endpoint: endpoints[service] as string });
  return {
    region,
    s3: new S3Client({ ...at("s3"), forcePathStyle: true }),
    kms: new KMSClient(at("kms")),
    iam: new IAMClient(at("iam")),
  };
}
