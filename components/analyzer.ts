import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { evidenceSpace } from "../rollout/evidence/log.ts";
import type { Place } from "../rollout/monitoring/scrape-jobs.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { apart, awaitedByNobody, lockedPod } from "./monitoring/pod.ts";

export interface AnalyzerArgs {
  /** That of its account; it is there before. */
  readonly namespace: pulumi.Input<string>;
  readonly image: string;
  readonly stack: string;
  /** Nobody is asked to sign anything. */
  readonly isRehearsal: boolean;
  /** How many times smaller than its plans a rehearsal is. */
  readonly size?: number;
  readonly plans: readonly Plan[];
  /** Namespaces of the systems, in which signed evidence lies. */
  readonly systems: readonly pulumi.Input<string>[];
  /** All replicas of Prometheus, and the namespace that they are in. */
  readonly prometheusUrls: readonly string[];
  readonly monitoringNamespace: string;
  /** Pods of the proxy, whose counters it looks at by itself. */
  readonly gateway?: Place;
}

/** Where it is found, by whoever measures it and whoever tells it of triggers. */
export const analyzerPlace = { namespace: "rampart-system", app: "analyzer", port: 8080 } as const;
export const analyzerWebhook = `http://${analyzerPlace.app}.${analyzerPlace.namespace}.svc:${analyzerPlace.port}/alerts`;

const labels = { "app.kubernetes.io/name": analyzerPlace.app, "app.kubernetes.io/part-of": "rampart" };
const evidenceRole = "rampart-evidence";
const readers = "rampart:systems";
const plansFolder = "/etc/rampart/plans";
const replicas = 2;

/** Who passes phases and takes bad releases down: two replicas that both act, and may both die. */
export class AnalyzerDeployment extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:AnalyzerDeployment";

  constructor(name: string, args: AnalyzerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(AnalyzerDeployment.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { namespace } = args;
    const metadata = { name: analyzerPlace.app, namespace, labels };
    const texts = args.plans.map(({ system, ...rest }) => ({ system, text: JSON.stringify({ system, ...rest }) }));
    const maps = texts.map(
      ({ system, text }) =>
        new k8s.core.v1.ConfigMap(
          `${name}-plan-${system}`,
          { metadata: { ...metadata, name: `plan-${system}` }, data: { [`${system}.json`]: text } },
          parent,
        ),
    );
    this.mayReadEvidence(name, args);
    this.closeNetwork(name, args);
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: awaitedByNobody },
        spec: { selector: labels, ports: [{ name: "http", port: analyzerPlace.port }] },
      },
      parent,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    // It reads its plans once, so new ones roll the pods, one after the other.
    const hash = createHash("sha256").update(JSON.stringify(texts)).digest("hex");
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { ...metadata, annotations: awaitedByNobody },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels, annotations: { "rampart.dev/plans": hash } },
            spec: lockedPod(container(args), {
              serviceAccountName: "analyzer",
              automountServiceAccountToken: true,
              ...apart(labels),
              volumes: [
                {
                  name: "plans",
                  projected: { sources: texts.map(({ system }) => ({ configMap: { name: `plan-${system}` } })) },
                },
                // Made by hand, so that no state of an engine ever holds it.
                { name: "key", secret: { secretName: "analyzer-key", optional: true, defaultMode: 0o440 } },
              ],
            }),
          },
        },
      },
      { ...parent, dependsOn: maps },
    );
    this.registerOutputs();
  }

  /** Signed files in the namespaces of systems, and who may sign; no other ConfigMap of the cluster. */
  private mayReadEvidence(name: string, { namespace, systems }: AnalyzerArgs): void {
    const parent = { parent: this };
    const role = { name: evidenceRole };
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }];
    new k8s.rbac.v1.ClusterRole(`${name}-evidence`, { metadata: role, rules }, parent);
    this.mayWriteLogs(name, namespace);
    for (const [index, place] of [...systems, namespace].entries()) {
      new k8s.rbac.v1.RoleBinding(
        `${name}-evidence-${index}`,
        {
          metadata: { ...role, namespace: place },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.name },
          subjects: [{ kind: "ServiceAccount", name: "analyzer", namespace }],
        },
        parent,
      );
    }
  }

  /** What is kept of attempts has a namespace of its own: who may sign, and the plans, are not for the analyzer to write. */
  private mayWriteLogs(name: string, account: pulumi.Input<string>): void {
    const parent = { parent: this };
    const namespace = new k8s.core.v1.Namespace(
      `${name}-logs-namespace`,
      { metadata: { name: evidenceSpace } },
      parent,
    );
    const metadata = { name: "analyzer-logs", namespace: namespace.metadata.name };
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "create", "patch"] }];
    new k8s.rbac.v1.Role(`${name}-logs`, { metadata, rules }, parent);
    new k8s.rbac.v1.RoleBinding(
      `${name}-logs-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
        subjects: [{ kind: "ServiceAccount", name: "analyzer", namespace: account }],
      },
      parent,
    );
    // Whoever moves the systems takes what is kept over into the project.
    const group = { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: readers };
    new k8s.rbac.v1.RoleBinding(
      `${name}-logs-readers`,
      {
        metadata: { ...metadata, name: "evidence-readers" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: evidenceRole },
        subjects: [group],
      },
      parent,
    );
  }

  private closeNetwork(name: string, { namespace, monitoringNamespace, gateway }: AnalyzerArgs): void {
    const space = (of: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": of } } });
    const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));
    new k8s.networking.v1.NetworkPolicy(
      `${name}-network`,
      {
        metadata: { name: analyzerPlace.app, namespace },
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [space(monitoringNamespace)], ports: tcp(analyzerPlace.port) }],
          egress: [
            { to: [space(monitoringNamespace)], ports: tcp(9090) },
            ...(gateway ? [{ to: [space(gateway.namespace)], ports: tcp(gateway.port) }] : []),
            { to: [space("kube-system")], ports: [{ port: 53, protocol: "UDP" }, ...tcp(53)] },
            // The API server is outside of every namespace, and where it listens differs.
            { ports: tcp(443, 6443) },
          ],
        },
      },
      { parent: this },
    );
  }
}

const container = ({ image, stack, isRehearsal, size, prometheusUrls, gateway }: AnalyzerArgs) => ({
  name: "analyzer",
  image,
  env: Object.entries({
    PROMETHEUS: prometheusUrls.join(","),
    ...(gateway && { GATEWAY: `${gateway.namespace}/${gateway.app}:${gateway.port}` }),
    PLANS: plansFolder,
    STACK: stack,
    REHEARSAL: String(isRehearsal),
    ...(isRehearsal && size && { SIZE: String(size) }),
    PORT: String(analyzerPlace.port),
  }).map(([name, value]) => ({ name, value })),
  ports: [{ name: "http", containerPort: analyzerPlace.port }],
  resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "512Mi" } },
  readinessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 2 },
  livenessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10, failureThreshold: 3 },
  startupProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 1, failureThreshold: 120 },
  volumeMounts: [
    { name: "plans", mountPath: plansFolder, readOnly: true },
    { name: "key", mountPath: "/etc/rampart/key", readOnly: true },
  ],
});
