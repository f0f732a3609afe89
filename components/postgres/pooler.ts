import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { tlsFolder } from "../../rollout/postgres/patroni.ts";
import { poolerAdmin, poolerConfig, poolerPort, poolerReplicas, poolerUsers } from "../../rollout/postgres/pooler.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { shortDigest } from "../pods.ts";
import { lockedContainer, lockedPod, tlsVolume } from "./pods.ts";

export interface PoolerArgs {
  readonly request: ClusterRequest;
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
  /** Of the application and of the pools' own administrator. */
  readonly passwords: pulumi.Input<{ readonly app: string; readonly pooler: string }>;
}

/** Connection pools before the leader, wherever that is. */
export class Pooler extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Pooler";
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: PoolerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Pooler.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { scope, namespace } = args.request;
    const labels = { "app.kubernetes.io/name": "pgbouncer", "app.kubernetes.io/instance": scope };
    const metadata = { name: `${scope}-pooler`, namespace, labels };
    const data = { "pgbouncer.ini": poolerConfig(args.request) };
    const config = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { ...metadata, name: `${scope}-pooler-${shortDigest(data)}` }, data },
      parent,
    );
    const users = pulumi.output(args.passwords).apply(({ app, pooler }) => poolerUsers({ app, [poolerAdmin]: pooler }));
    const secret = new k8s.core.v1.Secret(
      `${name}-users`,
      { metadata: { ...metadata, name: `${scope}-pooler-users` }, stringData: { "users.txt": users } },
      parent,
    );
    const container = lockedContainer({
      name: "pgbouncer",
      image: args.image,
      command: ["/usr/sbin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"],
      ports: [{ name: "pooler", containerPort: poolerPort }],
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
      readinessProbe: { tcpSocket: { port: poolerPort }, periodSeconds: 2 },
      volumeMounts: [
        { name: "config", mountPath: "/etc/pgbouncer" },
        { name: "users", mountPath: "/users" },
        { name: "tls", mountPath: tlsFolder },
      ],
    });
    const volumes = [
      { name: "config", configMap: { name: config.metadata.name } },
      { name: "users", secret: { secretName: secret.metadata.name, defaultMode: 0o440 } },
      tlsVolume(args.tlsSecret),
    ];
    // Told to end, it lets clients finish and takes no new ones.
    const pod = lockedPod(labels, {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 60,
      containers: [container],
      volumes,
    });
    const deployment = new k8s.apps.v1.Deployment(
      `${name}-pods`,
      {
        metadata,
        spec: {
          replicas: poolerReplicas,
          selector: { matchLabels: labels },
          strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: { metadata: { labels }, spec: pod },
        },
      },
      parent,
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      { metadata, spec: { selector: labels, ports: [{ name: "pooler", port: poolerPort }] } },
      parent,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    this.address = pulumi
      .all([service.metadata.name, deployment.id])
      .apply(([service]) => `${service}.${namespace}.svc:${poolerPort}`);
    this.registerOutputs({ address: this.address });
  }
}
