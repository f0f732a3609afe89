import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  agreeEnvironment,
  agreeScript,
  type EtcdRequest,
  etcdArguments,
  etcdClientPort,
  etcdFolder,
  etcdHealthPort,
  etcdHosts,
  etcdPeerPort,
  etcdScope,
} from "../../rollout/postgres/etcd.ts";
import { tlsFolder } from "../../rollout/postgres/patroni.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { toDns } from "../egress.ts";
import { apart, bounded, lockedPod } from "../monitoring/pod.ts";
import { shortDigest } from "../pods.ts";
import { tlsVolume } from "./pods.ts";

export interface EtcdArgs {
  readonly request: ClusterRequest;
  readonly etcd: EtcdRequest & { readonly image: string };
  /** Of those who keep something in it. */
  readonly clients: Labels;
  /** Of the cluster: it has a Python that can tell. */
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
  readonly storageClass?: string;
}

type Labels = Readonly<Record<string, string>>;
type Container = k8s.types.input.core.v1.Container;

/** A store of its own for one cluster of PostgreSQL: nobody else writes there, and the API server isn't asked. */
export class Etcd extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Etcd";
  readonly #name: string;
  readonly #args: EtcdArgs;
  readonly #hosts: readonly string[];
  readonly #members: k8s.apps.v1.StatefulSet;

  constructor(name: string, args: EtcdArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Etcd.__pulumiType, name, args, opts);
    const { request, etcd } = args;
    const parent = { parent: this };
    this.#name = name;
    this.#args = args;
    this.#hosts = etcdHosts(request, etcd);
    const labels = this.#labels("member");
    const metadata = { name: etcdScope(request.scope), namespace: request.namespace, labels };
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector: labels,
          clusterIP: "None",
          publishNotReadyAddresses: true, // they have to find each other to be ready
          ports: [
            { name: "client", port: etcdClientPort },
            { name: "peer", port: etcdPeerPort },
          ],
        },
      },
      parent,
    );
    this.#close(labels);
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    const claim = {
      accessModes: ["ReadWriteOnce"],
      ...(args.storageClass && { storageClassName: args.storageClass }),
      resources: { requests: { storage: `${etcd.volumeMiB}Mi` } },
    };
    this.#members = new k8s.apps.v1.StatefulSet(
      `${name}-members`,
      {
        metadata,
        spec: {
          serviceName: metadata.name,
          replicas: etcd.members,
          podManagementPolicy: "Parallel",
          minReadySeconds: 5,
          selector: { matchLabels: labels },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claim }],
          template: { metadata: { labels }, spec: this.#pod(labels) },
        },
      },
      parent,
    );
    this.registerOutputs({});
  }

  /** Done when it is written down what the members of the cluster agree on. */
  agree(agreed: string): k8s.batch.v1.Job {
    const { request, image, tlsSecret } = this.#args;
    const labels = this.#labels("agreed");
    const environment = agreeEnvironment(request.scope, this.#hosts, agreed);
    const container: Container = {
      name: "agreed",
      image,
      command: ["python3", "-c", agreeScript],
      env: Object.entries(environment).map(([name, value]) => ({ name, value })),
      resources: bounded("10m", "64Mi"),
      volumeMounts: [{ name: "tls", mountPath: tlsFolder, readOnly: true }],
    };
    const pod = lockedPod(container, {
      automountServiceAccountToken: false,
      restartPolicy: "OnFailure",
      volumes: [tlsVolume(tlsSecret)],
    });
    return new k8s.batch.v1.Job(
      `${this.#name}-agreed`,
      {
        // Something else to agree on is another Job: what is there of one never changes.
        metadata: { name: `${request.scope}-agreed-${shortDigest(environment)}`, namespace: request.namespace, labels },
        spec: {
          activeDeadlineSeconds: 600,
          ttlSecondsAfterFinished: 86_400,
          template: { metadata: { labels }, spec: pod },
        },
      },
      { parent: this, dependsOn: this.#members },
    );
  }

  #labels(component: "member" | "agreed"): Labels {
    return {
      "app.kubernetes.io/name": "etcd",
      "app.kubernetes.io/part-of": this.#args.request.scope,
      "app.kubernetes.io/component": component,
    };
  }

  /** Its own members and those of the cluster may come, nobody else. */
  #close(labels: Labels): void {
    const tcp = (port: number) => ({ port, protocol: "TCP" });
    const pods = (matchLabels: Labels) => ({ podSelector: { matchLabels } });
    const { scope, namespace } = this.#args.request;
    new k8s.networking.v1.NetworkPolicy(
      `${this.#name}-closed`,
      {
        metadata: { name: etcdScope(scope), namespace, labels },
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          ingress: [
            { from: [pods(labels)], ports: [tcp(etcdPeerPort)] },
            { from: [pods(this.#args.clients), pods(this.#labels("agreed"))], ports: [tcp(etcdClientPort)] },
          ],
          egress: [{ to: [pods(labels)], ports: [tcp(etcdPeerPort)] }, toDns],
        },
      },
      { parent: this },
    );
  }

  #pod(labels: Labels): k8s.types.input.core.v1.PodSpec {
    const { request, etcd, tlsSecret } = this.#args;
    const { scope, namespace } = request;
    const name = "$(NAME)"; // the kubelet fills in what the pod is called
    const host = `${name}.${etcdScope(scope)}.${namespace}.svc`;
    const member = { name, host, hosts: this.#hosts, token: `${namespace}/${scope}` };
    const asked = (path: string) => ({ httpGet: { path, port: etcdHealthPort }, timeoutSeconds: 3 });
    const container: Container = {
      name: "etcd",
      image: etcd.image,
      args: etcdArguments(member),
      ports: [
        { name: "client", containerPort: etcdClientPort },
        { name: "peer", containerPort: etcdPeerPort },
        { name: "health", containerPort: etcdHealthPort },
      ],
      env: [{ name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      resources: bounded("50m", "256Mi"),
      readinessProbe: { ...asked("/readyz"), periodSeconds: 2 },
      // Without the others it is well and not ready: to start it anew would help nobody.
      livenessProbe: { ...asked("/livez"), periodSeconds: 10, failureThreshold: 6 },
      volumeMounts: [
        { name: "data", mountPath: etcdFolder },
        { name: "tls", mountPath: tlsFolder, readOnly: true },
      ],
    };
    return lockedPod(container, {
      automountServiceAccountToken: false,
      ...apart(labels),
      volumes: [tlsVolume(tlsSecret)],
    });
  }
}
