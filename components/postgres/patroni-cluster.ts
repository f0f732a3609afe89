import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  archiving,
  type BackupRequest,
  backupRefusals,
  memberBackups,
  restoreAsOf,
  restoredBackups,
  restoreRefusals,
} from "../../rollout/postgres/backups.ts";
import { sharedBuckets } from "../../rollout/postgres/bucket.ts";
import { type EtcdRequest, etcdHosts, etcdRefusals, keptInEtcd } from "../../rollout/postgres/etcd.ts";
import type { Tried } from "../../rollout/postgres/migration.ts";
import {
  agreedInPair,
  halfRefusals,
  halvesOf,
  isLogical,
  isToldToFollow,
  type Pair,
  routesOf,
} from "../../rollout/postgres/pair.ts";
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
import { keptForever, keptUntilAnnotation, wayBackRefusals } from "../../rollout/postgres/way-back.ts";
import { shortDigest } from "../pods.ts";
import { attendantScript } from "./attendant.ts";
import { Backups } from "./backups.ts";
import { Copy } from "./copy.ts";
import { Etcd } from "./etcd.ts";
import type { Lead } from "./lead.ts";
import { memberPod } from "./members.ts";
import { openToClients } from "./network.ts";
import type { Passwords } from "./passwords.ts";
import { PatroniAccess } from "./patroni-access.ts";
import { Pooler } from "./pooler.ts";
import { Router } from "./router.ts";
import { Validation } from "./validation.ts";

export interface PatroniClusterArgs extends ClusterRequest {
  /** Pinned by digest. */
  readonly image: string;
  /** Holds tls.crt, tls.key and ca.crt. */
  readonly tlsSecret: pulumi.Input<string>;
  /** Address ranges that members and clients come from. */
  readonly clients: readonly string[];
  readonly durability: Durability;
  readonly storageClass?: string;
  readonly backups?: BackupRequest;
  /** A store of its own for the leader's lock, in place of the API server; stays what it was when the cluster was made. */
  readonly etcd?: EtcdRequest & { readonly image: string };
  /** Another cluster with the same data has the same. */
  readonly passwords: Passwords;
  /** Which of this cluster and another with the same data leads. */
  readonly lead?: Lead;
  /** It led before and isn't needed as the way back any longer: an update without it may remove it. */
  readonly mayGo?: boolean;
  /** It leads alone: nobody may remove it, as if it were the way back. */
  readonly isKept?: boolean;
  /** What is tried with it once. */
  readonly tried?: Tried;
  /** Begins with what a cluster of this namespace was at a time, such as "2026-11-21 10:00:00+00". */
  readonly restore?: { readonly scope: string; readonly asOf: string };
}

/** What this program has declared so far. */
const declared: PatroniClusterArgs[] = [];

/** PostgreSQL on several members, one of them the leader: who that is they settle among themselves. */
export class PatroniCluster extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:PatroniCluster";
  /** Where applications connect to: pools before the leader. */
  readonly pooler: pulumi.Output<string>;
  /** Where the leader itself answers. */
  readonly primary: pulumi.Output<string>;

  constructor(name: string, args: PatroniClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(PatroniCluster.__pulumiType, name, args, opts);
    const { backups, restore, lead, passwords, tried, etcd } = args;
    const all = [...declared, args];
    const refused = [
      ...refusals(args),
      ...sharedScopes(all),
      ...sharedBuckets(all.flatMap((each) => (each.backups?.bucket ? [{ ...each, ...each.backups }] : []))),
      ...(backups ? backupRefusals(args, backups) : []),
      ...(restore ? restoreRefusals(args, restore) : []),
      ...(etcd ? etcdRefusals(etcd, lead !== undefined) : []),
      ...(lead ? halfRefusals(args, lead.pair) : []),
    ];
    if (refused.length > 0) throw new Error(`PatroniCluster ${name}: ${refused.join("; ")}`);
    declared.push(args);
    const parent = { parent: this };
    const afterMove = lead ? { ...parent, dependsOn: lead.moved } : parent;
    const { scope, namespace } = args;
    // With another label no update can mix members that have their lock in two places: it would have to replace them all.
    const labels = { application: "patroni", "cluster-name": scope, ...(etcd && { "rampart.dev/store": "etcd" }) };
    const metadata = (suffix = "") => ({ name: `${scope}${suffix}`, namespace, labels });

    const { image, tlsSecret, storageClass } = args;
    const shared = { request: args, image, tlsSecret, ...(storageClass && { storageClass }) };
    const access = etcd ? undefined : new PatroniAccess(`${name}-access`, { scope, namespace }, parent);
    const parameters = { ...parametersOf(args), ...(backups && archiving(scope)) };
    const alone = dynamicConfig({ ...args, parameters });
    const inPair = lead ? agreedInPair(alone, scope, lead.pair) : alone;
    const follows = isToldToFollow(inPair);
    const config = JSON.stringify(inPair);
    const own = {
      "patroni.json": JSON.stringify({
        ...memberConfig(args, restore && restoreAsOf(restore.scope, restore.asOf)),
        ...(etcd && keptInEtcd(etcdHosts(args, etcd))),
      }),
      "make-database": makeDatabase,
      ...attendantScript,
      ...(backups && { "pgbackrest.conf": memberBackups(args) }),
      ...(restore && { "restored.conf": restoredBackups({ scope: restore.scope, namespace }) }),
    };
    const agreed = etcd
      ? new Etcd(`${name}-etcd`, { ...shared, etcd, clients: labels }, parent).agree(config)
      : new k8s.core.v1.ConfigMap(
          `${name}-config`,
          { metadata: { ...metadata("-config"), annotations: { config, ...(lead && takenOver) } } },
          afterMove,
        );
    const each = new k8s.core.v1.ConfigMap(
      `${name}-patroni`,
      // Another content is another object: members that are not replaced yet may start again with theirs.
      { metadata: metadata(`-patroni-${shortDigest(own)}`), data: own },
      parent,
    );

    const until = args.isKept ? keptForever : lead?.keptUntil(scope);
    if (args.mayGo) refuseEarly(name, `${namespace}/${scope}`, parent);
    const router = etcd && new Router(`${name}-router`, shared, parent);
    const primary = services(name, metadata, labels, { pair: lead?.pair, router, parent, afterMove });
    if (etcd) openToClients(name, { request: args, clients: args.clients, labels }, parent);
    const members = new k8s.apps.v1.StatefulSet(
      `${name}-members`,
      {
        metadata: { ...metadata(), ...(until && { annotations: { [keptUntilAnnotation]: until } }) },
        spec: {
          serviceName: scope,
          replicas: args.members,
          podManagementPolicy: "Parallel",
          minReadySeconds: 5,
          selector: { matchLabels: labels },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          volumeClaimTemplates: [dataClaim(args)],
          template: {
            metadata: {
              labels,
              annotations: { "rampart.dev/read-at-start": shortDigest(parametersReadAtStart(parameters)) },
            },
            spec: memberPod({
              request: args,
              image,
              labels,
              config: each.metadata.name,
              serviceAccount: access?.serviceAccount,
              passwords: passwords.secret,
              tlsSecret,
              isBackedUp: backups !== undefined,
            }),
          },
        },
      },
      {
        ...{ ...parent, dependsOn: agreed, protect: until !== undefined && !args.mayGo },
        // Nobody takes it away from one that has it; who hasn't led says nothing about it.
        ignoreChanges: until === undefined ? [`metadata.annotations["${keptUntilAnnotation}"]`] : [],
      },
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata: metadata(), spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    if (backups) {
      const made = new Backups(`${name}-backups`, { ...shared, backups, isIdle: follows }, parent);
      // Who follows sends no WAL: the one that leads does.
      const proof = follows ? undefined : made.prove(members);
      if (proof && tried) made.tryOut(tried, proof);
    }
    if (lead && follows && tried?.trials.includes("validation")) {
      const password = passwords.secret;
      const { leading } = halvesOf(lead.pair);
      new Validation(
        `${name}-validation`,
        { ...shared, password, attempt: tried.attempt, leading },
        {
          ...parent,
          dependsOn: members,
        },
      );
    }
    if (lead && isLogical(lead.pair) && lead.pair.clusters[1].scope === scope) {
      const [from] = lead.pair.clusters;
      new Copy(`${name}-copy`, { ...shared, from, password: passwords.secret }, { ...parent, dependsOn: members });
    }
    const pooler = new Pooler(`${name}-pooler`, { ...shared, passwords: passwords.values }, parent);
    this.pooler = pooler.address;
    this.primary = pulumi
      .all([primary.metadata.name, members.id])
      .apply(([service]) => `${service}.${namespace}.svc:${postgresPort}`);
    this.registerOutputs({ pooler: this.pooler, primary: this.primary });
  }
}

/** Reads the live cluster, so that a preview says it. */
function refuseEarly(name: string, id: string, parent: pulumi.CustomResourceOptions): void {
  k8s.apps.v1.StatefulSet.get(`${name}-may-go`, id, parent).metadata.apply(({ annotations }) => {
    const [refused] = wayBackRefusals(id, annotations?.[keptUntilAnnotation], new Date().toISOString());
    if (refused) throw new Error(`PatroniCluster ${name}: ${refused}`);
  });
}

type Labels = Readonly<Record<string, string>>;
/** Who moves the lead writes them before the program does. */
const takenOver = { "pulumi.com/patchForce": "true" };

interface Ways {
  /** Where there are two. */
  readonly pair: Pair | undefined;
  /** Where no label says who leads. */
  readonly router: Router | undefined;
  readonly parent: pulumi.CustomResourceOptions;
  readonly afterMove: pulumi.CustomResourceOptions;
}

/** One for the leader, which it gives, one for those that follow and one in which each member has a name of its own. */
function services(
  name: string,
  metadata: (suffix: string) => { readonly name: string; readonly namespace: string; readonly labels: Labels },
  labels: Labels,
  { pair, router, parent, afterMove }: Ways,
): k8s.core.v1.Service {
  const service = (suffix: string, selector: Labels, options = parent, spec: object = {}): k8s.core.v1.Service =>
    new k8s.core.v1.Service(
      `${name}-service${suffix}`,
      {
        // No member is ready before the members are; they are what is waited for.
        metadata: { ...metadata(suffix), annotations: { "pulumi.com/skipAwait": "true", ...(pair && takenOver) } },
        spec: { selector: { ...labels, ...selector }, ports: [{ name: "postgres", port: postgresPort }], ...spec },
      },
      options,
    );
  service("", {}, parent, { clusterIP: "None", publishNotReadyAddresses: true });
  if (router) return router.primary;
  // Whichever cluster leads, clients of either find it.
  const toLeading = (role: "primary" | "replica"): Labels => ({
    role,
    ...(pair && routesOf(pair).includes(role) && { "cluster-name": pair.leads }),
  });
  service("-replica", toLeading("replica"), afterMove);
  return service("-primary", toLeading("primary"), afterMove);
}

const dataClaim = ({ storageClass, volumeMiB }: PatroniClusterArgs): k8s.types.input.core.v1.PersistentVolumeClaim => ({
  metadata: { name: "pgdata" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    ...(storageClass && { storageClassName: storageClass }),
    resources: { requests: { storage: `${volumeMiB}Mi` } },
  },
});
