import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type BackupRequest,
  backupPort,
  configFolder,
  isRestored,
  keeperBackups,
  keeperName,
  proveArchive,
  restoredBackups,
  serveRestored,
  takeBackup,
  verifyRestore,
} from "../../rollout/postgres/backups.ts";
import type { Tried } from "../../rollout/postgres/migration.ts";
import { postgresPort, tlsFolder } from "../../rollout/postgres/patroni.ts";
import { neverBySchedule, restoreJobs } from "../../rollout/postgres/restored-server.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { shortDigest } from "../pods.ts";
import { type Store, storeInBucket, storeOnVolume } from "./backup-stores.ts";
import { lockedContainer, lockedPod, tlsVolume } from "./pods.ts";

export interface BackupsArgs {
  readonly request: ClusterRequest;
  readonly backups: BackupRequest;
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
  readonly storageClass?: string;
  /** The cluster follows another, whose backups hold what it has. */
  readonly isIdle: boolean;
}

type Volume = k8s.types.input.core.v1.Volume;
interface Work {
  readonly script: string;
  /** Whether it needs the backups themselves, or asks the one who keeps them. */
  readonly where: "keeper" | "elsewhere";
  readonly more?: Partial<k8s.types.input.core.v1.Container>;
}

/** The one who keeps a cluster's WAL and backups, what makes them, and what tries whether they can be restored. */
export class Backups extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Backups";
  readonly #name: string;
  readonly #args: BackupsArgs;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #config: k8s.core.v1.ConfigMap;
  readonly #store: Store;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Backups.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { request, backups } = args;
    this.#name = name;
    this.#args = args;
    this.#labels = { "app.kubernetes.io/name": "pgbackrest", "app.kubernetes.io/instance": request.scope };
    const { storageClass } = args;
    this.#store = backups.bucket
      ? storeInBucket(name, { ...this.#metadata(), ...backups }, parent)
      : storeOnVolume(name, { ...this.#metadata(), volumeMiB: backups.volumeMiB, storageClass }, parent);
    const data = {
      "pgbackrest.conf": keeperBackups(request, backups),
      "restored.conf": restoredBackups(request),
      ...this.#store.files,
    };
    this.#config = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: this.#metadata(`-${shortDigest(data)}`), data },
      parent,
    );
    this.#keep();
    const { full, differential, verification } = backups.schedule;
    this.#repeat("full", full, { script: takeBackup(request.scope, "full"), where: "keeper" });
    this.#repeat("differential", differential, { script: takeBackup(request.scope, "diff"), where: "keeper" });
    this.#repeat("verification", verification, { script: verifyRestore(request), where: "elsewhere" });
    // Nobody runs it but who creates a job from it and names a time.
    const more = {
      ports: [{ name: "postgres", containerPort: postgresPort }],
      readinessProbe: { exec: { command: ["/usr/bin/dash", "-euc", isRestored] }, periodSeconds: 2, timeoutSeconds: 5 },
      terminationMessagePolicy: "FallbackToLogsOnError",
    };
    this.#repeat(restoreJobs, neverBySchedule, { script: serveRestored(request), where: "elsewhere", more }, true);
    this.registerOutputs({});
  }

  /** Done when WAL arrives and a first backup is there; what this waits for is the members. */
  prove(members: pulumi.Resource): k8s.batch.v1.Job {
    return this.#once("proof", { script: proveArchive(this.#args.request.scope), where: "keeper" }, members);
  }

  /** One after the other, since two at once would be in each other's way. */
  tryOut({ trials, attempt }: Tried, after: pulumi.Resource): void {
    const { request } = this.#args;
    const works: Partial<Record<Tried["trials"][number], Work>> = {
      snapshot: { script: takeBackup(request.scope, "full"), where: "keeper" },
      restore: { script: verifyRestore(request), where: "elsewhere" },
      "final-backup": { script: takeBackup(request.scope, "diff"), where: "keeper" },
    };
    let before = after;
    for (const trial of trials) {
      const work = works[trial];
      if (work) before = this.#once(`${trial}-${attempt}`, work, before);
    }
  }

  #once(what: string, work: Work, after: pulumi.Resource): k8s.batch.v1.Job {
    return new k8s.batch.v1.Job(
      `${this.#name}-${what}`,
      { metadata: this.#metadata(`-${what}`), spec: { backoffLimit: 5, template: this.#pod(what, work) } },
      { parent: this, dependsOn: after },
    );
  }

  #keep(): void {
    const parent = { parent: this };
    const labels = { ...this.#labels, "app.kubernetes.io/component": "keeper" };
    const container = lockedContainer({
      name: "pgbackrest",
      image: this.#args.image,
      command: ["/usr/bin/pgbackrest", "server"],
      ports: [{ name: "pgbackrest", containerPort: backupPort }],
      readinessProbe: { tcpSocket: { port: backupPort }, periodSeconds: 2 },
      ...this.#equipment("keeper"),
    });
    const { isInOnePlace, pod } = this.#store;
    const spec = {
      automountServiceAccountToken: false,
      containers: [container],
      volumes: this.#volumes("keeper"),
      ...pod,
    };
    new k8s.apps.v1.Deployment(
      `${this.#name}-keeper`,
      {
        metadata: this.#metadata(),
        spec: {
          replicas: isInOnePlace ? 1 : 2,
          ...(isInOnePlace && { strategy: { type: "Recreate" } }), // two would write to one volume
          selector: { matchLabels: labels },
          template: { metadata: { labels: { ...labels, ...this.#store.labels } }, spec: lockedPod(labels, spec) },
        },
      },
      parent,
    );
    const ports = [{ name: "pgbackrest", port: backupPort }];
    new k8s.core.v1.Service(
      `${this.#name}-service`,
      { metadata: this.#metadata(), spec: { selector: labels, ports } },
      parent,
    );
  }

  #repeat(what: string, schedule: string, work: Work, isSuspended = this.#args.isIdle): void {
    new k8s.batch.v1.CronJob(
      `${this.#name}-${what}`,
      {
        metadata: this.#metadata(`-${what}`),
        spec: {
          schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          suspend: isSuspended,
          jobTemplate: { spec: { backoffLimit: 1, template: this.#pod(what, work) } },
        },
      },
      { parent: this },
    );
  }

  #pod(what: string, { script, where, more }: Work): k8s.types.input.core.v1.PodTemplateSpec {
    const isKeeper = where === "keeper";
    const labels = {
      ...{ ...this.#labels, "app.kubernetes.io/component": what },
      ...(isKeeper && this.#store.labels),
    };
    const command = ["/usr/bin/dash", "-euc", script];
    const container = lockedContainer({
      name: what,
      image: this.#args.image,
      command,
      ...this.#equipment(where),
      ...more,
    });
    const spec = lockedPod(labels, {
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      containers: [container],
      volumes: this.#volumes(where),
      ...(isKeeper && this.#store.pod),
    });
    const keeper = { ...this.#labels, "app.kubernetes.io/component": "keeper" };
    const beside = { labelSelector: { matchLabels: keeper }, topologyKey: "kubernetes.io/hostname" };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [beside] } };
    return { metadata: { labels }, spec: isKeeper && this.#store.isInOnePlace ? { ...spec, affinity } : spec };
  }

  #equipment(where: Work["where"]): Partial<k8s.types.input.core.v1.Container> {
    const { passphrase, env, mounts } = this.#store;
    const isKeeper = where === "keeper";
    return {
      env: [passphrase, ...(isKeeper ? env : [])],
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
      volumeMounts: [
        { name: "config", mountPath: configFolder },
        { name: "tls", mountPath: tlsFolder },
        { name: "tmp", mountPath: "/tmp" },
        ...(isKeeper ? mounts : [{ name: "restored", mountPath: "/pgdata" }]),
      ],
    };
  }

  #volumes(where: Work["where"]): Volume[] {
    return [
      { name: "config", configMap: { name: this.#config.metadata.name } },
      tlsVolume(this.#args.tlsSecret),
      { name: "tmp", emptyDir: {} },
      ...(where === "keeper" ? this.#store.volumes : [{ name: "restored", emptyDir: {} }]),
    ];
  }

  #metadata(suffix = ""): { name: string; namespace: string; labels: Readonly<Record<string, string>> } {
    const { scope, namespace } = this.#args.request;
    return { name: `${keeperName(scope)}${suffix}`, namespace, labels: this.#labels };
  }
}
