import { parseDocument } from "yaml";
import { z } from "zod";
import { problemsOf } from "../../config/zod-problems.ts";
import { type EtcdRequest, etcdRefusals } from "../etcd.ts";
import type { Durability } from "../patroni.ts";
import { type ClusterRequest, defaultReadiness, defaultTimings } from "../settings.ts";
import { refusals } from "../validation.ts";

/** A cluster of PostgreSQL for Docker Swarm: what its component is asked for, as far as Swarm has a word for it. */
export interface SwarmRequest extends ClusterRequest {
  readonly durability: Durability;
  /** Of the network between all of its containers. */
  readonly subnet: string;
  readonly etcd: EtcdRequest;
  readonly images: {
    readonly postgres: string;
    readonly etcd: string;
    /** What ran before, for the way back. */
    readonly rollback?: string | undefined;
  };
}

const image = z.string().regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, "expected an image by its digest: NAME@sha256:…");
const subnet = z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, "expected a range of addresses like 10.20.0.0/24");
const namespace = z.string().regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, "expected lower-case letters, digits, dashes");
const count = z.int().min(1);

const schema = z.strictObject({
  scope: z.string(),
  namespace,
  members: count,
  durability: z.enum(["quorum", "asynchronous"]).default("quorum"),
  dataMiB: count,
  volumeMiB: count,
  memoryMiB: count,
  cpuMillis: count,
  subnet,
  etcd: z.strictObject({ members: count, volumeMiB: count }),
  images: z.strictObject({ postgres: image, etcd: image, rollback: image.optional() }),
  timings: z.strictObject({ ttl: count, loopWait: count, retryTimeout: count }).default(defaultTimings),
  readiness: z.strictObject({ periodSeconds: count, failureThreshold: count }).default(defaultReadiness),
  postgresVersion: z.literal(17).default(17),
  runningVersion: count.optional(),
});

const known = (object: z.ZodType): string =>
  object instanceof z.ZodObject ? `; allowed are ${Object.keys(object.shape).join(", ")}` : "";

/** What a file asks for, or every reason why it can't be had. */
export function readSwarmRequest(
  text: string,
): { readonly request: SwarmRequest; readonly problems?: undefined } | { readonly problems: readonly string[] } {
  const document = parseDocument(text);
  if (document.errors.length > 0) return { problems: document.errors.map(({ message }) => message.split("\n")[0]!) };
  const value: unknown = document.toJS();
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const unknown = parsed.error.issues.flatMap((issue) => {
      if (issue.code !== "unrecognized_keys") return [];
      const place = issue.path.reduce<z.ZodType>((at, key) => shapeOf(at)[String(key)] ?? at, schema);
      return [`${[...issue.path, issue.keys.join(", ")].join(".")}: isn't known${known(place)}`];
    });
    const others = problemsOf(parsed.error, value, [], "of a cluster").map(
      ({ path, message, allowed }) =>
        `${path.join(".") || "the file"}: ${message}${allowed ? `; allowed are ${allowed.join(", ")}` : ""}`,
    );
    return { problems: [...unknown, ...others] };
  }
  const { runningVersion, ...asked } = parsed.data;
  const request = { ...asked, ...(runningVersion !== undefined && { runningVersion }), hostAliases: [] };
  const problems = [...refusals(request), ...etcdRefusals(request.etcd, false)];
  return problems.length > 0 ? { problems } : { request };
}

const shapeOf = (object: z.ZodType): Readonly<Record<string, z.ZodType>> =>
  object instanceof z.ZodObject ? (object.shape as Record<string, z.ZodType>) : {};
