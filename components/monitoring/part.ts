import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { asked, awaitedByNobody, bounded, dataVolume, lockedPod, type Storage } from "./pod.ts";

export interface PartArgs {
  /** Also the name of its objects. */
  readonly who: string;
  readonly namespace: pulumi.Input<string>;
  readonly image: string;
  readonly args: readonly pulumi.Input<string>[];
  readonly ports: Readonly<Record<string, number>>;
  /** Where it says that it is well, at one of the ports. */
  readonly answers: { readonly path: string; readonly port: string };
  readonly cpu: string;
  readonly memory: string;
  /** Lies at /etc/<who>/<file>; a new text makes a new pod. */
  readonly config?: { readonly file: string; readonly text: string };
  /** Has a token for the API server. */
  readonly account?: string;
  /** Keeps what it has at /data. */
  readonly data?: { readonly storage?: Storage };
}

export const labelsOf = (who: string) => ({ "app.kubernetes.io/name": who, "app.kubernetes.io/part-of": "rampart" });

/** One pod of the monitoring with its config and its Service. */
export function part(name: string, args: PartArgs, opts: pulumi.ResourceOptions): void {
  const { who, namespace, config, ports } = args;
  const labels = labelsOf(who);
  const metadata = { name: who, namespace, labels, annotations: awaitedByNobody };
  const files = config
    ? [new k8s.core.v1.ConfigMap(`${name}-config`, { metadata, data: { [config.file]: config.text } }, opts)]
    : [];
  new k8s.core.v1.Service(
    `${name}-service`,
    { metadata, spec: { selector: labels, ports: Object.entries(ports).map(([own, port]) => ({ name: own, port })) } },
    opts,
  );
  const { volumes, claims } = args.data ? dataVolume(args.data.storage) : { volumes: [], claims: [] };
  const container = {
    name: who,
    image: args.image,
    args: [...args.args],
    ports: Object.entries(ports).map(([own, containerPort]) => ({ name: own, containerPort })),
    resources: bounded(args.cpu, args.memory, args.data && !args.data.storage ? "10Gi" : "1Gi"),
    ...asked(args.answers.path, args.answers.port),
    volumeMounts: [
      ...(config ? [{ name: "config", mountPath: `/etc/${who}` }] : []),
      ...(args.data ? [{ name: "data", mountPath: "/data" }] : []),
    ],
  };
  const pod = lockedPod(container, {
    ...(args.account && { serviceAccountName: args.account }),
    automountServiceAccountToken: args.account !== undefined,
    volumes: [...(config ? [{ name: "config", configMap: { name: who } }] : []), ...volumes],
  });
  const annotations = config && { "rampart.dev/config": createHash("sha256").update(config.text).digest("hex") };
  const template = { metadata: { labels, ...(annotations && { annotations }) }, spec: pod };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  const after = { ...opts, dependsOn: files };
  if (args.data) {
    const stateful = { ...spec, serviceName: who, volumeClaimTemplates: claims };
    new k8s.apps.v1.StatefulSet(name, { metadata, spec: stateful }, after);
  } else {
    new k8s.apps.v1.Deployment(name, { metadata, spec }, after);
  }
}
