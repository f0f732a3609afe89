import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { gaveUp } from "../../rollout/postgres/cutover.ts";
import { isLogical, type Pair, pairRefusals, routesOf } from "../../rollout/postgres/pair.ts";
import { tlsFolder } from "../../rollout/postgres/patroni.ts";
import { keptForever, keptUntil, wayBackHours } from "../../rollout/postgres/way-back.ts";
import { bounded, lockedPod } from "../monitoring/pod.ts";
import type { Passwords } from "./passwords.ts";

export interface LeadArgs extends Pair {
  /** Of the one that moves the lead, pinned by digest. */
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
  /** Those of both clusters. */
  readonly passwords: Passwords;
  /** Another number tries again what was given up. */
  readonly attempt?: number;
  /** For how long the old cluster is the way back; as the platform's WayBack has it. */
  readonly wayBackHours?: number;
}

/**
 * Which of two clusters with the same data leads. A change moves the lead, and back again, without losing a row. The first
 * of the two is the old one: it stays as the way back for some time after the lead has gone from it.
 */
export class Lead extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Lead";
  readonly pair: Pair;
  /** Done when the lead is where it should be. */
  readonly moved: k8s.batch.v1.Job;
  readonly #wayBackHours: number;

  constructor(name: string, args: LeadArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Lead.__pulumiType, name, args, opts);
    const refused = pairRefusals(args);
    if (refused.length > 0) throw new Error(`Lead ${name}: ${refused.join("; ")}`);
    const { namespace, clusters, leads, attempt = 1 } = args;
    const parent = { parent: this };
    this.pair = { namespace, clusters, leads };
    this.#wayBackHours = args.wayBackHours ?? wayBackHours;
    const account = `${name}-lead`;
    const metadata = { name: account, namespace };
    const identity = this.#allow(name, metadata);
    const password = (name: string, key: string): k8s.types.input.core.v1.EnvVar => ({
      name,
      valueFrom: { secretKeyRef: { name: args.passwords.secret, key } },
    });
    const environment: k8s.types.input.core.v1.EnvVar[] = [
      { name: "PAIR", value: JSON.stringify(this.pair) },
      { name: "CA_FILE", value: `${tlsFolder}/ca.crt` },
      password("POOLER_PASSWORD", "pooler"),
      isLogical(args) ? password("SUPERUSER_PASSWORD", "superuser") : password("REWIND_PASSWORD", "rewind"),
    ];
    const container = {
      name: "cutover",
      image: args.image,
      env: environment,
      resources: bounded("250m", "192Mi"),
      volumeMounts: [{ name: "tls", mountPath: tlsFolder, readOnly: true }],
    };
    const pod = lockedPod(container, {
      serviceAccountName: account,
      restartPolicy: "Never",
      volumes: [{ name: "tls", secret: { secretName: args.tlsSecret, items: [{ key: "ca.crt", path: "ca.crt" }] } }],
    });
    this.moved = new k8s.batch.v1.Job(
      `${name}-moved`,
      {
        metadata: { name: `${name}-leads-${leads}-${attempt}`, namespace },
        spec: {
          // Who dies is replaced by one that goes on; who gives up isn't.
          backoffLimit: 100,
          podFailurePolicy: {
            rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [gaveUp] } }],
          },
          template: { spec: pod },
        },
      },
      { ...parent, dependsOn: identity },
    );
    this.registerOutputs({});
  }

  /** When the old one may go, where that is the one. */
  keptUntil(scope: string): pulumi.Output<string> | undefined {
    const { clusters, leads } = this.pair;
    if (clusters[0].scope !== scope) return undefined;
    if (leads === scope) return pulumi.output(keptForever);
    const hours = this.#wayBackHours;
    return this.moved.status.apply(({ completionTime }) =>
      completionTime ? keptUntil(completionTime, hours) : keptForever,
    );
  }

  /** It may tell the two who leads, and send clients there; of all else it may only look at the pods. */
  #allow(name: string, metadata: { readonly name: string; readonly namespace: string }): pulumi.Resource[] {
    const parent = { parent: this };
    const each = (...suffixes: string[]): string[] =>
      suffixes.flatMap((suffix) => this.pair.clusters.map(({ scope }) => `${scope}-${suffix}`));
    const core = (resources: string, verbs: string[], resourceNames?: string[]) => ({
      apiGroups: [""],
      resources: [resources],
      verbs,
      ...(resourceNames && { resourceNames }),
    });
    const rules = [
      core("pods", ["list"]),
      core("configmaps", ["get"], each("leader")),
      core("configmaps", ["get", "patch"], each("config")),
      core("services", ["get", "patch"], each(...routesOf(this.pair))),
    ];
    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata }, parent);
    const role = new k8s.rbac.v1.Role(`${name}-role`, { metadata, rules }, parent);
    const binding = new k8s.rbac.v1.RoleBinding(
      `${name}-binding`,
      {
        metadata,
        subjects: [{ kind: "ServiceAccount", ...metadata }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
      },
      { ...parent, dependsOn: role },
    );
    return [account, binding];
  }
}
