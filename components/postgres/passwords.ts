import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface PasswordsArgs {
  readonly scope: string;
  readonly namespace: pulumi.Input<string>;
}

type Login = "superuser" | "replication" | "rewind" | "rest" | "app" | "pooler";

/** The passwords of a cluster, in a Secret for its members and its clients. */
export class Passwords extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Passwords";
  /** Of the Secret that holds one key for each login. */
  readonly secret: pulumi.Output<string>;
  readonly values: pulumi.Output<Readonly<Record<Login, string>>>;

  constructor(name: string, args: PasswordsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Passwords.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const made = (login: Login): pulumi.Output<string> =>
      new random.RandomPassword(`${name}-${login}`, { length: 32, special: false }, parent).result;
    this.values = pulumi.output({
      superuser: made("superuser"),
      replication: made("replication"),
      rewind: made("rewind"),
      rest: made("rest"),
      app: made("app"),
      pooler: made("pooler"),
    });
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: `${args.scope}-passwords`, namespace: args.namespace },
        stringData: this.values,
      },
      parent,
    );
    this.secret = secret.metadata.name;
    this.registerOutputs({ secret: this.secret });
  }
}
