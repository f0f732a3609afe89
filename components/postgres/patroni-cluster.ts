import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parametersOf, parametersReadAtStart } from "../../rollout/postgres/parameters.ts";
import {
  type Durability,
  dynamicConfig,
  makeDatabase,
  memberConfig,
  postgresPort,
} from "../../rollout/postgres/patroni.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { refusals, sharedScopes } from "../../rollout/postgres/validation.ts";
import { memberPod } from "./members.ts";
import { Passwords } from "./passwords.ts";
import { PatroniAccess } from "./patroni-access.ts";

export interface PatroniClusterArgs extends ClusterRequest {
  /** Pinned by digest. */
  readonly image: string;
  /** Holds tls.crt, tls.key and ca.crt. */
  readonly tlsSecret: pulumi.Input<string>;
  /** Address ranges that members and clients come from. */
  readonly clients: readonly string[];
  readonly durability: Durability;
  readonly storageClass?: string;
}

const digest = (content: object): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 10);

/** What this program has declared so far. */
const declared: ClusterRequest[] = [];

/** PostgreSQL on several members, one of them the leader: who that is they settle among themselves. */
export class PatroniCluster extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:PatroniCluster";
  /** Where the leader answers. */
  readonly primary: pulumi.Output<string>;
  /** The Secret with the password of each login. */
  readonly passwords: pulumi.Output<string>;

  constructor(name: string, args: PatroniClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(PatroniCluster.__pulumiType, name, args, opts);
    declared.push(args);
    const refused = [...refusals(args), ...sharedScopes(declared)];
    if (refused.length > 0) throw new Error(`PatroniCluster ${name}: ${refused.join("; ")}`);
    const parent = { parent: this };
    const { scope, namespace } = args;
    const labels = { application: "patroni", "cluster-name": scope };
    const metadata = (suffix = "") => ({ name: `${scope}${suffix}`, namespace, labels });

    const access = new PatroniAccess(`${name}-access`, { scope, namespace }, parent);
    const passwords = new Passwords(`${name}-passwords`, { scope, namespace }, parent);
    const config = JSON.stringify(dynamicConfig(args, args.durability, args.clients));
    const own = { "patroni.json": JSON.stringify(memberConfig()), "make-database": makeDatabase };
    const agreed = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { ...metadata("-config"), annotations: { config } } },
      parent,
    );
    const each = new k8s.core.v1.ConfigMap(
      `${name}-patroni`,
      // Another content is another object: members that are not replaced yet may start again with theirs.
      { metadata: metadata(`-patroni-${digest(own)}`), data: own },
      parent,
    );

    const service = (suffix: string, selector: Record<string, string>, spec: object = {}): k8s.core.v1.Service =>
      new k8s.core.v1.Service(
        `${name}-service${suffix}`,
        {
          // No member is ready before the members are; they are what is waited for.
          metadata: { ...metadata(suffix), annotations: { "pulumi.com/skipAwait": "true" } },
          spec: { selector: { ...labels, ...selector }, ports: [{ name: "postgres", port: postgresPort }], ...spec },
        },
        parent,
      );
    service("", {}, { clusterIP: "None", publishNotReadyAddresses: true });
    const primary = service("-primary", { role: "primary" });
    service("-replica", { role: "replica" });

    const members = new k8s.apps.v1.StatefulSet(
      `${name}-members`,
      {
        metadata: metadata(),
        spec: {
          serviceName: scope,
          replicas: args.members,
          podManagementPolicy: "Parallel",
          minReadySeconds: 5,
          selector: { matchLabels: labels },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          template: {
            metadata: {
              labels,
              annotations: { "rampart.dev/read-at-start": digest(parametersReadAtStart(parametersOf(args))) },
            },
            spec: memberPod({
              request: args,
              image: args.image,
              labels,
              config: each.metadata.name,
              serviceAccount: access.serviceAccount,
              passwords: passwords.secret,
              tlsSecret: args.tlsSecret,
            }),
          },
          volumeClaimTemplates: [
            {
              metadata: { name: "pgdata" },
              spec: {
                accessModes: ["ReadWriteOnce"],
                ...(args.storageClass && { storageClassName: args.storageClass }),
                resources: { requests: { storage: `${args.volumeMiB}Mi` } },
              },
            },
          ],
        },
      },
      { ...parent, dependsOn: agreed },
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata: metadata(), spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    this.primary = pulumi
      .all([primary.metadata.name, members.id])
      .apply(([service]) => `${service}.${namespace}.svc:${postgresPort}`);
    this.passwords = passwords.secret;
    this.registerOutputs({ primary: this.primary, passwords: this.passwords });
  }
}
