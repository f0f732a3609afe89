import { z } from "zod";

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z.array(z.looseObject({ name: z.string() })).default([]),
  ports: z.array(z.looseObject({ containerPort: z.number() })).default([]),
});
const podSpec = z.looseObject({
  containers: z.array(container).min(1),
  initContainers: z.array(container).default([]),
  serviceAccountName: z.string().default("default"),
});
const deployment = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number().default(1),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()).default({}) }).prefault({}),
      spec: podSpec,
    }),
  }),
  status: z.looseObject({ readyReplicas: z.number().default(0) }).prefault({}),
});
const pod = z.looseObject({
  status: z.looseObject({
    containerStatuses: z
      .array(z.looseObject({ name: z.string(), ready: z.boolean(), imageID: z.string().default("") }))
      .default([]),
  }),
});
export type PodSpec = z.infer<typeof podSpec>;
export type Deployment = z.infer<typeof deployment>;
export type Pod = z.infer<typeof pod>;

export const parseDeployments = (objects: unknown): Deployment[] => z.array(deployment).parse(objects);
export const parsePods = (objects: unknown): Pod[] => z.array(pod).parse(objects);

export const isSelected = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);

/** The image that all ready pods run, by digest: a tag says what somebody wanted, not what runs. */
export function runningImage(
  { spec: { template } }: Deployment,
  pods: readonly Pod[],
): { image?: string; problem?: string } {
  const [app, ...sidecars] = template.spec.containers;
  if (sidecars.length > 0) {
    const names = template.spec.containers.map(({ name }) => name).join(", ");
    return { problem: `its pods have several containers (${names}), and a system of Rampart's has one artifact` };
  }
  const ready = pods.flatMap(({ status }) =>
    status.containerStatuses.filter((one) => one.name === app!.name && one.ready),
  );
  if (ready.length === 0) return { problem: "none of its pods is ready, so there is nothing that serves" };
  const pinned = /^[^@]+@sha256:[0-9a-f]{64}$/;
  const name = app!.image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  const digests = new Set(ready.map(({ imageID }) => /sha256:[0-9a-f]{64}$/.exec(imageID)?.[0]));
  if (pinned.test(app!.image)) return { image: `${name}@${app!.image.split("@")[1]}` };
  const [digest, ...others] = digests;
  if (others.length > 0)
    return { problem: `its pods run ${digests.size} different images behind ${app!.image}; let its update end first` };
  if (!digest) return { problem: `the node doesn't say which digest ${app!.image} is; name the image by digest` };
  return { image: `${name}@${digest}` };
}

/** Fields of a pod and of its container in which two versions of one program may differ. */
const ofPod = [
  "serviceAccountName",
  "nodeSelector",
  "tolerations",
  "affinity",
  "hostAliases",
  "hostNetwork",
  "volumes",
  "imagePullSecrets",
];
const ofContainer = ["command", "args", "envFrom", "volumeMounts", "workingDir"];

/** What the old pods have and Rampart's don't, or have otherwise; values stay out of it, they may be secret. */
export function podDifferences(before: PodSpec, now: PodSpec): string[] {
  const [old] = before.containers;
  const [fresh] = now.containers;
  const differing = (fields: readonly string[], a: Record<string, unknown>, b: Record<string, unknown>) =>
    fields.filter((field) => isSomething(a[field]) && JSON.stringify(a[field]) !== JSON.stringify(b[field]));
  const env = old!.env.flatMap((variable) => {
    const same = fresh!.env.find(({ name }) => name === variable.name);
    if (!same) return `the variable ${variable.name} is missing`;
    return JSON.stringify(same) === JSON.stringify(variable) ? [] : `the variable ${variable.name} has another value`;
  });
  const ports = old!.ports
    .filter(({ containerPort }) => !fresh!.ports.some((port) => port.containerPort === containerPort))
    .map(({ containerPort }) => `port ${containerPort} is missing`);
  return [
    ...env,
    ...ports,
    ...[...differing(ofPod, before, now), ...differing(ofContainer, old!, fresh!)].map(
      (field) => `${field} is missing or different`,
    ),
    ...before.initContainers.map(({ name }) => `the init container ${name} is missing`),
  ];
}

const isSomething = (value: unknown): boolean =>
  value !== undefined &&
  value !== false &&
  !(typeof value === "object" && value !== null && Object.keys(value).length === 0);
