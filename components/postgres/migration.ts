import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Declared, scopeOf } from "../../rollout/postgres/migration.ts";
import { poolerPort } from "../../rollout/postgres/pooler.ts";
import { isSettled } from "../../rollout/transitions/model.ts";
import { Rollout, type RolloutArgs } from "../rollout.ts";
import { Lead } from "./lead.ts";
import { Passwords } from "./passwords.ts";
import { PatroniCluster, type PatroniClusterArgs } from "./patroni-cluster.ts";

export interface MigrationArgs {
  readonly rollout: RolloutArgs;
  readonly declared: Declared;
  /** What both clusters are, whatever they run. */
  readonly cluster: Omit<
    PatroniClusterArgs,
    "scope" | "namespace" | "image" | "passwords" | "lead" | "mayGo" | "restore" | "etcd"
  >;
  /** Of the one that moves the lead, pinned by digest. */
  readonly cutoverImage: string;
  readonly wayBackHours: number;
}

/** What is true only while one update runs. */
export interface MigrationMoment {
  /** The last phase has passed: the old cluster isn't needed as the way back any longer. */
  readonly mayGo: boolean;
}

/** A database that goes from one cluster to another with the phases of its plan, and the Rollout that says how far. */
export class Migration extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Migration";
  /** Where applications connect to, whichever cluster leads. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: MigrationArgs, moment: MigrationMoment, opts?: pulumi.ComponentResourceOptions) {
    super(Migration.__pulumiType, name, args, opts);
    const { namespace } = args.rollout;
    const parent = { parent: this };
    // Also on the way down: it waits for nobody there, and what is tried with the old cluster would be waited for.
    const rollout = new Rollout(name, args.rollout, parent);
    new Clusters(name, args, moment, { ...parent, dependsOn: rollout });
    // Pools of either cluster lead to the one that leads.
    const service = new k8s.core.v1.Service(
      `${name}-address`,
      {
        metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { selector: { "app.kubernetes.io/name": "pgbouncer" }, ports: [{ name: "pooler", port: poolerPort }] },
      },
      parent,
    );
    this.address = pulumi.interpolate`${service.metadata.name}.${namespace}.svc:${poolerPort}`;
    this.registerOutputs({ address: this.address });
  }
}

/** The old cluster, and the new one as soon as a phase declares it. */
class Clusters extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Clusters";

  constructor(name: string, args: MigrationArgs, { mayGo }: MigrationMoment, opts: pulumi.ComponentResourceOptions) {
    super(Clusters.__pulumiType, name, {}, opts);
    const { declared, cluster, wayBackHours } = args;
    const { spec, namespace } = args.rollout;
    const { members, postgresVersion, tlsSecret } = cluster;
    const parent = { parent: this };
    const passwords = new Passwords(name, { scope: name, namespace }, parent);
    const [old, fresh] = [scopeOf(spec.stable), scopeOf(spec.artifact)];
    const hasTwo = declared.hasNew && !isSettled(spec);
    const tried = { trials: declared.trials, attempt: spec.attempt };
    const common = { ...cluster, namespace, passwords, tried };
    if (!hasTwo) {
      new PatroniCluster(old, { ...common, scope: old, image: spec.stable, isKept: true }, parent);
    } else {
      const lead = new Lead(
        name,
        {
          ...{ namespace, tlsSecret, passwords, wayBackHours, image: args.cutoverImage, attempt: spec.attempt },
          clusters: [
            { scope: old, members, postgresVersion },
            { scope: fresh, members, postgresVersion },
          ],
          leads: declared.leads === "new" ? fresh : old,
        },
        parent,
      );
      new PatroniCluster(old, { ...common, scope: old, image: spec.stable, lead, mayGo }, parent);
      new PatroniCluster(fresh, { ...common, scope: fresh, image: spec.artifact, lead }, parent);
    }
    this.registerOutputs({});
  }
}
