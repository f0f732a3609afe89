import { z } from "zod";
import { allowedPercents, phasesOf } from "../plan/ladder.ts";
import type { Phase, Plan } from "../plan/model.ts";
import { bucketProblems } from "../postgres/bucket.ts";
import { environments, type LadderName, ladders, layers } from "./model.ts";

export const imageByDigest = /^[a-z0-9](?:[a-z0-9._/:-]*[a-z0-9])?@sha256:[0-9a-f]{64}$/;
// A tag before the digest would be ignored by every runtime, and two names for one digest would look like two artifacts.
const taggedImage = /:[^/@:]+@/;
const version = /^v?[0-9]+(?:\.[0-9]+){0,3}(?:[-+][0-9A-Za-z.+-]+)?$/;
const nodeName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

export const artifactHelp = {
  image: "an image by digest, like registry.example/name@sha256:<64 hex digits>",
  version: 'a version in quotes, like "3.1.0"',
} as const;

function artifactSchema(kind: Plan["artifact"]) {
  const schema = z.string().max(200);
  return kind === "version"
    ? schema.regex(version)
    : schema.regex(imageByDigest).refine((text) => !taggedImage.test(text), "a tag beside the digest means nothing");
}

/** Which part of a plan is meant; without an environment or ladder, all of them. */
export interface PlanView {
  environment?: "staging" | "production" | undefined;
  ladder?: LadderName | undefined;
}

export function phasesInView(plan: Plan, view: PlanView) {
  const inEnvironments = view.environment ? [view.environment] : (["staging", "production"] as const);
  const onLadders = view.ladder ? [view.ladder] : ladders;
  return inEnvironments.flatMap((environment) => onLadders.flatMap((ladder) => phasesOf(plan, environment, ladder)));
}

/** 100 is always one, because settled is 100. */
const percents = (phases: readonly Phase[]): number[] => [...new Set([...allowedPercents(phases), 100])];

/** A system's entry, key by key. What concerns two keys together is in rules.ts. */
export function systemSchema(plan: Plan, view: PlanView) {
  const phases = phasesInView(plan, view);
  const names = [...new Set(phases.map(({ name }) => name))];
  const artifact = artifactSchema(plan.artifact);
  return z.strictObject({
    stable: artifact.describe(`What everyone had before: ${artifactHelp[plan.artifact]}`),
    artifact: artifact.describe(
      `What is being rolled out, equal to stable when settled: ${artifactHelp[plan.artifact]}`,
    ),
    percent: z.literal(percents(phases)).describe("The ceiling of exposure: the line that gets promoted"),
    phase: z.enum(names).optional().describe("Names the phase where several share the percent"),
    ladder: z
      .enum(ladders)
      .optional()
      .describe("expedited: the shorter ladder for hotfixes; changes only at a landing"),
    retry: z.int().min(1).max(1000).optional().describe("Tries the same artifact again after an abort; needs a reason"),
    reason: z
      .string()
      .regex(/^[^\s\p{Cc}][^\p{Cc}]*$/u)
      .max(500)
      .optional()
      .describe("Why it is tried again, held or extended, in one line"),
    hold: z.boolean().optional().describe("true: nothing goes up"),
    extendDays: z.int().min(1).max(365).optional().describe("Watches every phase this many days longer"),
    excludeNodes: z
      .array(z.string().regex(nodeName))
      .max(1000)
      .refine((list) => new Set(list).size === list.length, "names a node twice")
      .optional()
      .describe("Nodes that never get the artifact"),
    expectedRps: z.number().positive().max(1e9).optional().describe("Load to expect, where the plan's figure is off"),
    decommission: z.boolean().optional().describe("true: the first of two steps to take the system away"),
  });
}

export const scaleSchema = z.strictObject({
  time: z.number().min(1).max(1e6).optional().describe("How many times faster than the plan; only in a rehearsal"),
  size: z.number().min(1).max(1e4).optional().describe("How many times smaller than the plan"),
});

const namespaceName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const handoverSchema = z
  .record(z.string(), z.string().regex(namespaceName, "expected the name of a namespace"))
  .describe("For each system that is coming or leaving: the other namespace whose routes may name its hosts meanwhile");

export const bucketSchema = z
  .strictObject({
    name: z.string().describe("The bucket's"),
    prefix: z.string().describe("Folders in it, such as production/postgres; each cluster has one of its own below"),
    region: z.string().describe("Such as eu-central-1"),
    endpoint: z.string().exactOptional().describe("Name and port of another server than AWS's"),
    uriStyle: z.enum(["host", "path"]).exactOptional().describe("path: the bucket's name is not part of the host's"),
    ca: z
      .string()
      .startsWith("-----BEGIN CERTIFICATE-----")
      .exactOptional()
      .describe("In PEM, who signed the endpoint's certificate"),
    kmsKey: z.string().exactOptional().describe("Asked of S3 with each object"),
    addresses: z
      .array(z.union([z.cidrv4(), z.cidrv6()]))
      .max(100)
      .describe("Ranges in which the endpoint answers"),
    secret: z.string().describe("The Secret with passphrase, key and key-secret"),
  })
  .superRefine((bucket, context) => {
    for (const { key, message } of bucketProblems(bucket)) context.addIssue({ code: "custom", path: [key], message });
  })
  .describe("Where both clusters keep their backups; left out, each has a volume for them");

export const databaseSchema = z
  .strictObject({
    cutover: z.string().max(200).regex(imageByDigest, `expected ${artifactHelp.image}`),
    certificate: z.string().regex(namespaceName, "expected the name of a Secret"),
    bucket: bucketSchema.exactOptional(),
  })
  .describe("With what the database is moved: the image that does it, and the Secret with both clusters' certificate");

/** Also a Secret's name: what names a namespace names that. */
export const certificateSchema = z
  .string()
  .regex(namespaceName, "expected the name of a Secret")
  .describe("The Secret beside the gateway with its certificate; with it users come by HTTPS alone");

export const environmentSchema = z.enum(environments);
export const layerSchema = z.enum(layers);
