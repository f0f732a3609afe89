import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { backupPort } from "../../rollout/postgres/backups.ts";
import { postgresPort, restPort, tlsFolder } from "../../rollout/postgres/patroni.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { attendantContainer } from "./attendant.ts";
import { lockedContainer, lockedPod, tlsVolume } from "./pods.ts";

export interface MemberArgs {
  readonly request: ClusterRequest;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The ConfigMap of what a member knows before it knows the others. */
  readonly config: pulumi.Input<string>;
  /** Nobody's where the API server is asked for nothing. */
  readonly serviceAccount: pulumi.Input<string> | undefined;
  readonly passwords: pulumi.Input<string>;
  readonly tlsSecret: pulumi.Input<string>;
  /** Whether backups are made of it. */
  readonly isBackedUp: boolean;
}

/** The pod of one member: allowed nothing, and out of its Service before another may be leader. */
export function memberPod(args: MemberArgs): k8s.types.input.core.v1.PodSpec {
  const { request, labels } = args;
  return lockedPod(labels, {
    ...(args.serviceAccount ? { serviceAccountName: args.serviceAccount } : { automountServiceAccountToken: false }),
    terminationGracePeriodSeconds: 60,
    hostAliases: request.hostAliases.map(({ ip, hostnames }) => ({ ip, hostnames: [...hostnames] })),
    containers: [memberContainer(args), attendantContainer(args), ...(args.isBackedUp ? [backupContainer(args)] : [])],
    volumes: [
      { name: "config", configMap: { name: args.config, defaultMode: 0o555 } },
      tlsVolume(args.tlsSecret),
      { name: "socket", emptyDir: {} },
      { name: "tmp", emptyDir: {} },
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "128Mi" } },
    ],
  });
}

function memberContainer(args: MemberArgs): k8s.types.input.core.v1.Container {
  const { request } = args;
  const resources = { cpu: `${request.cpuMillis}m`, memory: `${request.memoryMiB}Mi` };
  const probe = (path: string) => ({ httpGet: { path, port: restPort, scheme: "HTTPS" } });
  return lockedContainer({
    name: "patroni",
    image: args.image,
    command: ["/usr/bin/patroni", "/etc/patroni/patroni.json"],
    ports: [
      { name: "postgres", containerPort: postgresPort },
      { name: "rest", containerPort: restPort },
    ],
    env: environment(args),
    resources: { requests: resources, limits: { memory: resources.memory } },
    startupProbe: { ...probe("/liveness"), periodSeconds: 1, failureThreshold: 300 },
    readinessProbe: { ...probe("/readiness"), timeoutSeconds: 2, ...request.readiness },
    livenessProbe: { ...probe("/liveness"), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    volumeMounts: [
      { name: "pgdata", mountPath: "/pgdata" },
      { name: "config", mountPath: "/etc/patroni" },
      { name: "config", mountPath: "/etc/pgbackrest" },
      { name: "tls", mountPath: tlsFolder },
      { name: "socket", mountPath: "/run/postgresql" },
      { name: "tmp", mountPath: "/tmp" },
      { name: "shm", mountPath: "/dev/shm" },
    ],
  });
}

/** Hands the data to whoever makes the backup. */
const backupContainer = ({ image }: MemberArgs): k8s.types.input.core.v1.Container =>
  lockedContainer({
    name: "pgbackrest",
    image,
    command: ["/usr/bin/pgbackrest", "server"],
    ports: [{ name: "pgbackrest", containerPort: backupPort }],
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    volumeMounts: [
      { name: "pgdata", mountPath: "/pgdata" },
      { name: "config", mountPath: "/etc/pgbackrest" },
      { name: "tls", mountPath: tlsFolder },
      { name: "socket", mountPath: "/run/postgresql" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  });

function environment({ request, labels, passwords, serviceAccount }: MemberArgs): k8s.types.input.core.v1.EnvVar[] {
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const inKubernetes = [
    field("PATRONI_KUBERNETES_NAMESPACE", "metadata.namespace"),
    { name: "PATRONI_KUBERNETES_POD_IP", value: "$(POD_IP)" },
    { name: "PATRONI_KUBERNETES_LABELS", value: JSON.stringify({ application: labels.application }) },
    { name: "PATRONI_KUBERNETES_USE_ENDPOINTS", value: "false" },
  ];
  const login = (of: string, username: string, key: string) => [
    { name: `PATRONI_${of}_USERNAME`, value: username },
    { name: `PATRONI_${of}_PASSWORD`, valueFrom: { secretKeyRef: { name: passwords, key } } },
  ];
  return [
    field("POD_IP", "status.podIP"), // before those that use it
    field("PATRONI_NAME", "metadata.name"),
    { name: "PATRONI_SCOPE", value: request.scope },
    ...(serviceAccount ? inKubernetes : []),
    { name: "PATRONI_POSTGRESQL_LISTEN", value: `0.0.0.0:${postgresPort}` },
    { name: "PATRONI_POSTGRESQL_CONNECT_ADDRESS", value: `$(POD_IP):${postgresPort}` },
    { name: "PATRONI_RESTAPI_LISTEN", value: `0.0.0.0:${restPort}` },
    { name: "PATRONI_RESTAPI_CONNECT_ADDRESS", value: `$(POD_IP):${restPort}` },
    ...login("SUPERUSER", "postgres", "superuser"),
    ...login("REPLICATION", "standby", "replication"),
    ...login("REWIND", "rewind", "rewind"),
    ...login("RESTAPI", "patroni", "rest"),
    { name: "APP_PASSWORD", valueFrom: { secretKeyRef: { name: passwords, key: "app" } } },
  ];
}
