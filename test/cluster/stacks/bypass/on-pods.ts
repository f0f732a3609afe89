import { type Attempt, at, type Place, policy, system } from "./attempt.ts";

const labels = (track: string, revision = "x") => ({
  "app.kubernetes.io/name": system,
  "rampart.dev/track": track,
  "rampart.dev/revision": revision,
});
const secure = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const pods = (track: string, image: string) => ({
  metadata: { labels: labels(track) },
  spec: { containers: [{ name: "app", image, securityContext: secure }] },
});
const deployment = (track: string): string => at("apps/v1", "deployments", `${system}-${track}`);
const template = (spec: object) => ({ spec: { template: { spec } } });

export const onPods = ({ stable, artifact, canaryPod }: Place): readonly Attempt[] =>
  [
    {
      what: "a bare one that claims to be stable",
      path: at("v1", "pods"),
      body: {
        apiVersion: "v1",
        kind: "Pod",
        ...pods("stable", artifact),
        metadata: { name: "side", labels: labels("stable") },
      },
      refusal: policy("track-images"),
    },
    {
      what: "a bare one with stable's image",
      path: at("v1", "pods"),
      body: {
        apiVersion: "v1",
        kind: "Pod",
        ...pods("stable", stable),
        metadata: { name: "side", labels: labels("stable") },
      },
      refusal: /come from its Deployment/,
    },
    {
      what: "the canary's relabelled as stable",
      path: at("v1", "pods", canaryPod),
      by: "merge",
      body: { metadata: { labels: { "rampart.dev/track": "stable" } } },
      refusal: policy("track-images"),
    },
    ...(["ReplicaSet", "StatefulSet", "DaemonSet"] as const).map(
      (kind): Attempt => ({
        what: `a ${kind} that claims to be stable`,
        path: at("apps/v1", `${kind.toLowerCase()}s`),
        body: {
          apiVersion: "apps/v1",
          kind,
          metadata: { name: "side" },
          spec: {
            selector: { matchLabels: labels("stable") },
            template: pods("stable", stable),
            ...(kind === "StatefulSet" ? { serviceName: "x" } : {}),
          },
        },
        refusal: policy("track-images"),
      }),
    ),
    {
      what: "a Job that claims to be stable",
      path: at("batch/v1", "jobs"),
      body: {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "side" },
        spec: {
          template: { ...pods("stable", stable), spec: { ...pods("stable", stable).spec, restartPolicy: "Never" } },
        },
      },
      refusal: policy("track-images"),
    },
    {
      what: "a second Deployment of the stable track",
      path: at("apps/v1", "deployments"),
      body: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "side" },
        spec: { selector: { matchLabels: labels("stable") }, template: pods("stable", stable) },
      },
      refusal: /come from its Deployment/,
    },
    {
      what: "stable runs the canary's image",
      path: deployment("stable"),
      by: "strategic",
      body: template({ containers: [{ name: "app", image: artifact }] }),
      refusal: /stable track of wdbx runs/,
    },
    {
      what: "stable runs the canary's image, as who moves the systems",
      who: "systems",
      path: deployment("stable"),
      by: "strategic",
      body: template({ containers: [{ name: "app", image: artifact }] }),
      refusal: /stable track of wdbx runs/,
    },
    {
      what: "stable gets another environment",
      path: deployment("stable"),
      by: "strategic",
      body: template({ containers: [{ name: "app", env: [{ name: "NEW", value: "1" }] }] }),
      refusal: /changes with their artifact/,
    },
    {
      what: "stable gets a sidecar",
      path: deployment("stable"),
      by: "strategic",
      body: template({ containers: [{ name: "side", image: artifact }] }),
      refusal: /changes with their artifact/,
    },
    {
      what: "stable gets an init container",
      path: deployment("stable"),
      by: "strategic",
      body: template({ initContainers: [{ name: "side", image: artifact }] }),
      refusal: /changes with their artifact/,
    },
    {
      what: "the canary runs a third image",
      path: deployment("canary"),
      by: "strategic",
      body: template({ containers: [{ name: "app", image: artifact.replace(/.{4}$/, "0000") }] }),
      refusal: /canary track of wdbx runs/,
    },
    {
      what: "the canary's environment changes under its users",
      path: deployment("canary"),
      by: "strategic",
      body: template({ containers: [{ name: "app", env: [{ name: "NEW", value: "1" }] }] }),
      refusal: /only while they have no users/,
    },
    {
      what: "stable without pods",
      path: deployment("stable"),
      by: "merge",
      body: { spec: { replicas: 0 } },
      refusal: /never without pods/,
    },
    {
      what: "stable scaled away",
      path: `${deployment("stable")}/scale`,
      by: "merge",
      body: { spec: { replicas: 0 } },
      refusal: policy("stable-size"),
    },
    { what: "stable's Deployment deleted", path: deployment("stable"), by: "delete", refusal: policy("keep-traffic") },
  ].map((one): Attempt => ({ ...one, what: `pods: ${one.what}` }) as Attempt);
