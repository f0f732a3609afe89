/** Small builders for the plain objects that make a bare API server a usable cluster. */

export const configMap = (namespace: string, name: string, data: Record<string, string>): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name },
  data,
});

export const namespace = (name: string): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

export const serviceAccount = (namespace: string, name: string): object => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { namespace, name },
});

const rbac = "rbac.authorization.k8s.io";

export const clusterRole = (name: string, rules: object[]): object => ({
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRole",
  metadata: { name },
  rules,
});

export const clusterRoleBinding = (name: string, role: string, namespace: string, account: string): object => ({
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
  subjects: [{ kind: "ServiceAccount", namespace, name: account }],
});

export const deployment = (namespace: string, name: string, pod: object, extra: object = {}): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace, name, labels: { app: name } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: pod },
    ...extra,
  },
});

export const service = (namespace: string, name: string, ports: object[], extra: object = {}): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { selector: { app: name }, ports, ...extra },
});

export const resources = (cpu: string, memory: string): object => ({
  requests: { cpu, memory },
  limits: { memory },
});
