// Resources in which nothing is wrong, and for each check one change that breaks it.
import type { AnalyzedResource } from "./pack.ts";

export type Json = Record<string, unknown>;

const digest = `sha256:${"a".repeat(64)}`;

const pod = (): Json => ({
  automountServiceAccountToken: false,
  priorityClassName: "serving",
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 10001,
    runAsGroup: 10001,
    seccompProfile: { type: "RuntimeDefault" },
  },
  topologySpreadConstraints: [{ maxSkew: 1 }],
  volumes: [{ name: "scratch", emptyDir: {} }],
  containers: [
    {
      name: "app",
      image: `registry.example/app@${digest}`,
      env: [{ name: "SYSTEM", value: "wdbx" }],
      ports: [{ name: "http", containerPort: 8080 }],
      livenessProbe: { httpGet: { path: "/healthz", port: "http" } },
      readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
      resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi", "ephemeral-storage": "1Gi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    },
  ],
});

const labels = { "app.kubernetes.io/name": "wdbx", "app.kubernetes.io/part-of": "rampart" };
const metadata = { name: "wdbx", namespace: "wdbx", labels };

const kube = (type: string, props: Json): AnalyzedResource => ({ type: `kubernetes:${type}`, name: "wdbx", props });
const aws = (type: string, props: Json): AnalyzedResource => ({ type: `aws:${type}`, name: "wdbx", props });

/** Each in a copy of its own, to be spoilt. */
export const good = {
  deployment: () =>
    kube("apps/v1:Deployment", {
      metadata,
      spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod() } },
    }),
  pod: () => kube("core/v1:Pod", { metadata, spec: pod() }),
  job: () =>
    kube("batch/v1:Job", {
      metadata,
      spec: { activeDeadlineSeconds: 60, ttlSecondsAfterFinished: 60, template: { metadata: { labels }, spec: pod() } },
    }),
  role: () =>
    kube("rbac.authorization.k8s.io/v1:Role", {
      metadata,
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
    }),
  binding: () => kube("rbac.authorization.k8s.io/v1:RoleBinding", { metadata, roleRef: { name: "view" } }),
  configMap: () => kube("core/v1:ConfigMap", { metadata, data: { LOG_LEVEL: "info" } }),
  namespace: () =>
    kube("core/v1:Namespace", {
      metadata: { name: "wdbx", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    }),
  service: () => kube("core/v1:Service", { metadata, spec: { selector: labels, ports: [{ port: 80 }] } }),
  ingress: () =>
    kube("networking.k8s.io/v1:Ingress", { metadata, spec: { tls: [{}], rules: [{ host: "wdbx.example.com" }] } }),
  gateway: () =>
    kube("gateway.networking.k8s.io/v1:Gateway", {
      metadata,
      spec: { listeners: [{ name: "https", protocol: "HTTPS", hostname: "wdbx.example.com" }] },
    }),
  mesh: () => kube("security.istio.io/v1:PeerAuthentication", { metadata, spec: { mtls: { mode: "STRICT" } } }),
  budget: () =>
    kube("policy/v1:PodDisruptionBudget", { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } }),
  closed: () =>
    kube("networking.k8s.io/v1:NetworkPolicy", {
      metadata: { ...metadata, name: "default-deny" },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    }),
  eks: () =>
    aws("eks/cluster:Cluster", {
      version: "1.36",
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      vpcConfig: { endpointPublicAccess: false },
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn" } },
    }),
  nodes: () => aws("eks/nodeGroup:NodeGroup", { scalingConfig: { minSize: 3 } }),
  template: () =>
    aws("ec2/launchTemplate:LaunchTemplate", {
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    }),
  rds: () =>
    aws("rds/instance:Instance", {
      storageEncrypted: true,
      multiAz: true,
      backupRetentionPeriod: 14,
      deletionProtection: true,
      iamDatabaseAuthenticationEnabled: true,
      enabledCloudwatchLogsExports: ["postgresql"],
    }),
  group: () =>
    aws("ec2/securityGroup:SecurityGroup", {
      ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"], description: "users" }],
    }),
  balancer: () =>
    aws("lb/loadBalancer:LoadBalancer", {
      internal: true,
      accessLogs: { enabled: true },
      enableDeletionProtection: true,
      dropInvalidHeaderFields: true,
    }),
  listener: () => aws("lb/listener:Listener", { protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }),
  block: () =>
    aws("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    }),
  key: () => aws("kms/key:Key", { enableKeyRotation: true }),
  secret: () => aws("secretsmanager/secret:Secret", { kmsKeyId: "arn" }),
  repository: () =>
    aws("ecr/repository:Repository", {
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS" }],
    }),
  logs: () => aws("cloudwatch/logGroup:LogGroup", { retentionInDays: 90, kmsKeyId: "arn" }),
  trail: () =>
    aws("cloudtrail/trail:Trail", { kmsKeyId: "arn", enableLogFileValidation: true, isMultiRegionTrail: true }),
  policy: () =>
    aws("iam/policy:Policy", {
      policy: JSON.stringify({
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::x/*" }],
      }),
    }),
  disk: () => aws("ebs/volume:Volume", { encrypted: true }),
} satisfies Record<string, () => AnalyzedResource>;

/** Sets a value deep inside; a `#` stands for the only element of a list, undefined takes the key away. */
export function change(resource: AnalyzedResource, path: string, value: unknown): AnalyzedResource {
  const keys = path.split(".").map((key) => (key === "#" ? "0" : key));
  const copy = structuredClone(resource);
  let here = copy.props as Json;
  for (const key of keys.slice(0, -1)) {
    here[key] ??= {};
    here = here[key] as Json;
  }
  const last = keys.at(-1)!;
  if (value === undefined) delete here[last];
  else here[last] = value;
  return copy;
}

const inPod = "spec.template.spec";
const inContainer = `${inPod}.containers.#`;

type Spoilt = readonly [check: string, what: string, resource: AnalyzedResource, others?: readonly string[]];

const deployment = (path: string, value: unknown) => change(good.deployment(), `${inPod}.${path}`, value);
const container = (path: string, value: unknown) => change(good.deployment(), `${inContainer}.${path}`, value);
const rule = (over: Json) =>
  change(good.role(), "rules.#", { apiGroups: [""], resources: ["configmaps"], verbs: ["get"], ...over });

/** The first is the check that has to fail; others may fail with it and are named. */
export const spoilt: readonly Spoilt[] = [
  ["KB-01", "a privileged container", container("securityContext.privileged", true)],
  ["KB-02", "privilege escalation", container("securityContext.allowPrivilegeEscalation", undefined)],
  ["KB-03", "root", deployment("securityContext.runAsUser", 0), ["KB-04"]],
  ["KB-03", "a user that may be root", deployment("securityContext.runAsNonRoot", undefined)],
  ["KB-04", "a low user id", deployment("securityContext.runAsUser", 1000)],
  ["KB-05", "a writable root file system", container("securityContext.readOnlyRootFilesystem", false)],
  ["KB-06", "capabilities that are kept", container("securityContext.capabilities.drop", ["NET_RAW"])],
  ["KB-07", "a capability that is added", container("securityContext.capabilities.add", ["SYS_ADMIN"])],
  ["KB-08", "no seccomp profile", deployment("securityContext.seccompProfile", undefined)],
  ["KB-09", "AppArmor switched off", deployment("securityContext.appArmorProfile", { type: "Unconfined" })],
  ["KB-10", "the node's processes", deployment("hostPID", true)],
  ["KB-11", "the node's IPC", deployment("hostIPC", true)],
  ["KB-12", "the node's network", deployment("hostNetwork", true)],
  ["KB-13", "a folder of the node", deployment("volumes", [{ name: "x", hostPath: { path: "/etc" } }])],
  [
    "KB-14",
    "the runtime's socket",
    deployment("volumes", [{ name: "x", hostPath: { path: "/run/containerd/containerd.sock" } }]),
    ["KB-13"],
  ],
  ["KB-15", "a port of the node", container("ports", [{ name: "http", containerPort: 8080, hostPort: 80 }])],
  ["KB-16", "an unmasked /proc", container("securityContext.procMount", "Unmasked")],
  ["KB-17", "a sysctl of the node", deployment("securityContext.sysctls", [{ name: "kernel.msgmax", value: "1" }])],
  ["KB-18", "a process of a Windows node", container("securityContext.windowsOptions", { hostProcess: true })],
  ["KB-19", "a volume past all quotas", deployment("volumes", [{ name: "x", nfs: { server: "x", path: "/" } }])],
  ["KB-20", "a token that nobody needs", deployment("automountServiceAccountToken", undefined)],
  ["KB-21", "the default ServiceAccount", deployment("serviceAccountName", "default")],
  ["KB-22", "an image called latest", container("image", "registry.example/app:latest"), ["KB-23", "KB-25"]],
  ["KB-23", "an image by its tag", container("image", "registry.example/app:1.2.3"), ["KB-25"]],
  ["KB-24", "an image from elsewhere", container("image", `docker.io/app@${digest}`)],
  ["KB-24", "an image without a registry", container("image", `app@${digest}`)],
  ["KB-25", "an old image", container("image", "registry.example/app:1.2.3"), ["KB-23"]],
  ["KB-26", "no CPU request", container("resources.requests.cpu", undefined)],
  ["KB-27", "no memory limit", container("resources.limits.memory", undefined)],
  ["KB-28", "unbounded storage", container("resources.limits.ephemeral-storage", undefined)],
  ["KB-29", "no liveness probe", container("livenessProbe", undefined)],
  ["KB-30", "no readiness probe", container("readinessProbe", undefined)],
  ["KB-31", "the same probe twice", container("readinessProbe.httpGet.path", "/healthz")],
  ["KB-32", "a probe of another port", container("readinessProbe.httpGet.port", 9999)],
  ["KB-33", "one replica", change(good.deployment(), "spec.replicas", 1)],
  ["KB-35", "replicas on one node", deployment("topologySpreadConstraints", undefined)],
  ["KB-36", "an outage with each change", change(good.deployment(), "spec.strategy", { type: "Recreate" })],
  ["KB-40", "a password in the environment", container("env", [{ name: "DB_PASSWORD", value: "hunter2" }])],
  ["KB-40", "a password in an address", container("env", [{ name: "URL", value: "postgres://me:hunter2@db/x" }])],
  ["KB-41", "a token in a ConfigMap", change(good.configMap(), "data", { API_TOKEN: "hunter2" })],
  ["KB-42", "the default namespace", change(good.configMap(), "metadata.namespace", undefined)],
  ["KB-43", "a namespace for any pod", change(good.namespace(), "metadata.labels", { x: "y" })],
  ["KB-44", "cluster-admin", change(good.binding(), "roleRef.name", "cluster-admin")],
  ["KB-45", "a wildcard verb", rule({ verbs: ["*"] })],
  ["KB-45", "a wildcard group", rule({ apiGroups: ["*"] })],
  ["KB-46", "all secrets", rule({ resources: ["secrets"] })],
  ["KB-47", "a way into pods", rule({ resources: ["pods/exec"], verbs: ["create"] })],
  ["KB-48", "a way to more rights", rule({ resources: ["clusterroles"], verbs: ["bind"] })],
  ["KB-49", "a port on every node", change(good.service(), "spec.type", "NodePort")],
  ["KB-49", "foreign addresses", change(good.service(), "spec.externalIPs", ["203.0.113.1"])],
  ["KB-50", "a load balancer for the world", change(good.service(), "spec.type", "LoadBalancer")],
  ["KB-51", "an Ingress without TLS", change(good.ingress(), "spec.tls", undefined)],
  ["KB-51", "a Gateway that speaks HTTP", change(good.gateway(), "spec.listeners.#.protocol", "HTTP")],
  ["KB-52", "a wildcard host", change(good.ingress(), "spec.rules.#.host", "*.example.com")],
  [
    "KB-52",
    "a snippet",
    change(good.ingress(), "metadata.annotations", { "nginx.ingress.kubernetes.io/server-snippet": "x" }),
  ],
  ["KB-54", "a version that is gone", { ...good.ingress(), type: "kubernetes:extensions/v1beta1:Ingress" }],
  ["KB-55", "no priority", deployment("priorityClassName", undefined)],
  [
    "KB-56",
    "a variable twice",
    container("env", [
      { name: "A", value: "1" },
      { name: "A", value: "2" },
    ]),
  ],
  ["KB-57", "SSH", container("ports", [{ name: "http", containerPort: 8080 }, { containerPort: 22 }])],
  ["KB-58", "no labels", change(good.deployment(), "metadata.labels", undefined)],
  ["KB-59", "a bare pod", good.pod()],
  ["KB-60", "a job without an end", change(good.job(), "spec.activeDeadlineSeconds", undefined)],
  ["KB-61", "an open mesh", change(good.mesh(), "spec.mtls.mode", "PERMISSIVE")],
  ["KB-63", "a Helm release", kube("helm.sh/v3:Release", { chart: "anything" })],
  ["KB-63", "a shell command", { type: "command:local:Command", props: { create: "kubectl edit" } }],
  ["AB-01", "a control plane without an audit log", change(good.eks(), "enabledClusterLogTypes", ["api"])],
  ["AB-02", "an API server for the world", change(good.eks(), "vpcConfig", { publicAccessCidrs: ["0.0.0.0/0"] })],
  ["AB-03", "plain secrets in etcd", change(good.eks(), "encryptionConfig", undefined)],
  ["AB-04", "an old cluster", change(good.eks(), "version", "1.24")],
  ["AB-05", "SSH to nodes", change(good.nodes(), "remoteAccess", { ec2SshKey: "me" })],
  ["AB-06", "the node's identity", change(good.template(), "metadataOptions.httpTokens", "optional")],
  ["AB-07", "a plain database", change(good.rds(), "storageEncrypted", undefined)],
  ["AB-08", "a public database", change(good.rds(), "publiclyAccessible", true)],
  ["AB-09", "a database in one zone", change(good.rds(), "multiAz", false)],
  ["AB-10", "a database without backups", change(good.rds(), "backupRetentionPeriod", 1)],
  ["AB-11", "a database that goes in passing", change(good.rds(), "deletionProtection", false)],
  ["AB-12", "a database without logs", change(good.rds(), "enabledCloudwatchLogsExports", [])],
  ["AB-13", "a port for the world", change(good.group(), "ingress.#.toPort", 5432)],
  ["AB-14", "an opening for nobody knows what", change(good.group(), "ingress.#.description", undefined)],
  ["AB-15", "a load balancer without logs", change(good.balancer(), "accessLogs", undefined)],
  ["AB-15", "old ciphers", change(good.listener(), "sslPolicy", "ELBSecurityPolicy-2016-08")],
  ["AB-16", "a public bucket", change(good.block(), "blockPublicPolicy", false)],
  ["AB-17", "a key for ever", change(good.key(), "enableKeyRotation", undefined)],
  ["AB-18", "a secret under everybody's key", change(good.secret(), "kmsKeyId", undefined)],
  ["AB-19", "tags that move", change(good.repository(), "imageTagMutability", "MUTABLE")],
  ["AB-20", "logs for ever", change(good.logs(), "retentionInDays", undefined)],
  ["AB-21", "a trail that can be changed", change(good.trail(), "enableLogFileValidation", false)],
  [
    "AB-22",
    "an identity that may do everything",
    change(good.policy(), "policy", JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } })),
  ],
  [
    "AB-22",
    "an identity that may take more",
    change(
      good.policy(),
      "policy",
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: ["iam:Pass*"], Resource: ["*"] }] }),
    ),
  ],
  ["AB-24", "a plain disk", change(good.disk(), "encrypted", false)],
];

export const together: readonly AnalyzedResource[] = [
  good.namespace(),
  good.closed(),
  good.deployment(),
  good.service(),
  good.budget(),
];

const without = (gone: () => AnalyzedResource) => together.filter(({ type }) => type !== gone().type);
const database = change(
  change(
    { ...good.deployment(), type: "kubernetes:apps/v1:StatefulSet" },
    "spec.template.spec.containers.#.name",
    "patroni",
  ),
  "metadata.name",
  "data",
);
const trial = kube("batch/v1:CronJob", {
  metadata: { ...metadata, name: "data-backup-verification" },
  spec: { schedule: "0 4 * * *" },
});
const publicBalancer = change(good.balancer(), "internal", false);
const scaler = kube("autoscaling/v2:HorizontalPodAutoscaler", {
  metadata,
  spec: { scaleTargetRef: { kind: "Deployment", name: "wdbx" }, minReplicas: 2 },
});

export const spoiltTogether: readonly (readonly [string, string, readonly AnalyzedResource[]])[] = [
  ["KB-34", "no disruption budget", without(good.budget)],
  ["KB-34", "a budget that never lets go", [...without(good.budget), change(good.budget(), "spec.maxUnavailable", 0)]],
  ["KB-37", "an autoscaler beside a number", [...together, scaler]],
  ["KB-37", "an autoscaler of nothing", [...together, change(scaler, "spec.scaleTargetRef.name", "other")]],
  [
    "KB-38",
    "a pod that no network policy knows",
    [...together, change(change(good.deployment(), "metadata.namespace", "other"), "spec.replicas", 1)],
  ],
  ["KB-39", "an open namespace", [...without(good.closed), change(good.closed(), "spec.policyTypes", ["Ingress"])]],
  ["KB-53", "a Service of nothing", [...together, change(good.service(), "spec.selector", { app: "other" })]],
  ["KB-64", "backups that nobody tries", [...together, database]],
  ["KB-64", "backups that nobody tries any more", [...together, database, change(trial, "spec.suspend", true)]],
  ["AB-23", "a public door without a guard", [publicBalancer]],
];
