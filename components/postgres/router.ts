import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { memberHosts, memberName } from "../../rollout/postgres/pair.ts";
import { postgresPort, tlsFolder } from "../../rollout/postgres/patroni.ts";
import {
  replicaPort,
  routerConfig,
  routerFolder,
  routerHealthPort,
  routerReplicas,
  startRouter,
} from "../../rollout/postgres/router.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { apart, bounded, lockedPod } from "../monitoring/pod.ts";
import { shortDigest } from "../pods.ts";
import { tlsVolume } from "./pods.ts";

export interface RouterArgs {
  readonly request: ClusterRequest;
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
}

/** Finds the leader by asking the members, where no label of theirs says who leads. */
export class Router extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Router";
  /** Leads to the leader. */
  readonly primary: k8s.core.v1.Service;

  constructor(name: string, args: RouterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Router.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { scope, namespace, readiness } = args.request;
    const labels = {
      "app.kubernetes.io/name": "haproxy",
      "app.kubernetes.io/instance": scope,
      "app.kubernetes.io/part-of": scope,
    };
    const metadata = (suffix: string) => ({ name: `${scope}-${suffix}`, namespace, labels });
    const members = memberHosts(args.request, namespace).map((host) => ({ name: memberName(host), host }));
    const data = { "haproxy.cfg": routerConfig(members, readiness) };
    const config = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: metadata(`router-${shortDigest(data)}`), data },
      parent,
    );
    const container: k8s.types.input.core.v1.Container = {
      name: "haproxy",
      image: args.image,
      command: ["/usr/bin/dash", "-euc", startRouter],
      ports: [
        { name: "primary", containerPort: postgresPort },
        { name: "replica", containerPort: replicaPort },
        { name: "health", containerPort: routerHealthPort },
      ],
      resources: bounded("50m", "128Mi"),
      // Until each member was asked once, it takes them all to lead.
      readinessProbe: {
        tcpSocket: { port: postgresPort },
        periodSeconds: 2,
        initialDelaySeconds: readiness.periodSeconds + 3,
      },
      livenessProbe: { httpGet: { path: "/livez", port: routerHealthPort }, periodSeconds: 10, failureThreshold: 3 },
      // New connections find the other router before this one goes.
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      volumeMounts: [
        { name: "config", mountPath: routerFolder, readOnly: true },
        { name: "tls", mountPath: tlsFolder, readOnly: true },
      ],
    };
    const pod = lockedPod(container, {
      automountServiceAccountToken: false,
      ...apart(labels),
      volumes: [{ name: "config", configMap: { name: config.metadata.name } }, tlsVolume(args.tlsSecret)],
    });
    new k8s.apps.v1.Deployment(
      `${name}-pods`,
      {
        metadata: metadata("router"),
        spec: {
          replicas: routerReplicas,
          selector: { matchLabels: labels },
          strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: { metadata: { labels }, spec: pod },
        },
      },
      parent,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata: metadata("router"), spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    const service = (suffix: "primary" | "replica"): k8s.core.v1.Service =>
      new k8s.core.v1.Service(
        `${name}-${suffix}`,
        {
          metadata: { ...metadata(suffix), annotations: { "pulumi.com/skipAwait": "true" } },
          spec: { selector: labels, ports: [{ name: "postgres", port: postgresPort, targetPort: suffix }] },
        },
        parent,
      );
    service("replica");
    this.primary = service("primary");
    this.registerOutputs({});
  }
}
