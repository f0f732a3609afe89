import type * as k8s from "@pulumi/kubernetes";
import { digestOf } from "../rollout/evidence/canonical.ts";

/** What a system's pods are, apart from the image. */
export interface PodArgs {
  readonly env: Readonly<Record<string, string>>;
  /** What is set aside for one. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Left out, the memory that is set aside. */
  readonly limits?: { readonly cpu?: string; readonly memory: string };
  readonly ports: { readonly app: number; readonly health: number };
}

export type Track = "stable" | "canary";

export const revisionLabel = "rampart.dev/revision";

export const selectorOf = (system: string, track: Track): Record<string, string> => ({
  "app.kubernetes.io/name": system,
  "rampart.dev/track": track,
});

/** Hash over all that decides what the pods of an artifact do; the same for both tracks. */
export function revisionOf(system: string, image: string, pod: PodArgs): string {
  const template = podSpec(system, "canary", image, pod);
  return shortDigest(JSON.parse(JSON.stringify(template)));
}

/** Short enough for a label. */
export const shortDigest = (value: unknown): string => digestOf(value).slice("sha256:".length, "sha256:".length + 16);

export function podSpec(system: string, track: Track, image: string, pod: PodArgs): k8s.types.input.core.v1.PodSpec {
  const probe = (path: string) => ({ httpGet: { path, port: "health" }, periodSeconds: 2 });
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    // Where there is one node only, all pods run there all the same.
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selectorOf(system, track) },
      },
    ],
    containers: [
      {
        name: "app",
        image,
        imagePullPolicy: "IfNotPresent",
        env: Object.entries({ ...pod.env, TRACK: track }).map(([name, value]) => ({ name, value })),
        ports: [
          { name: "http", containerPort: pod.ports.app },
          { name: "health", containerPort: pod.ports.health },
        ],
        resources: { requests: pod.resources, limits: pod.limits ?? { memory: pod.resources.memory } },
        readinessProbe: probe("/readyz"),
        livenessProbe: { ...probe("/healthz"), periodSeconds: 10, failureThreshold: 3 },
        // The gateway hears late of a pod that leaves, and later still on a busy machine; until then it has to answer.
        lifecycle: { preStop: { sleep: { seconds: 10 } } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}

/**
 * The fields of a pod template that stay as they were when the program describes other pods than those that run: all
 * but the image, which is the Rollout's to say.
 */
export function frozenTemplate(spec: k8s.types.input.core.v1.PodSpec): string[] {
  const template = "spec.template";
  const [app, ...others] = (spec.containers as k8s.types.input.core.v1.Container[]).map((container, index) => ({
    at: `${template}.spec.containers[${index}]`,
    keys: Object.keys(container),
  }));
  const ofPod = Object.keys(spec).filter((key) => key !== "containers");
  const ofApp = app!.keys.filter((key) => key !== "image");
  return [
    `${template}.metadata`,
    ...ofPod.map((key) => `${template}.spec.${key}`),
    ...ofApp.map((key) => `${app!.at}.${key}`),
    ...others.map(({ at }) => at),
  ];
}
