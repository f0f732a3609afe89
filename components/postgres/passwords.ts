import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface PasswordsArgs {
  readonly scope: string;
  readonly namespace: pulumi.Input<string>;
}

/** One for each that logs in: the server's own roles, the REST interface, the application. */
const logins = ["superuser", "replication", "rewind", "rest", "app"] as const;

/** The passwords of a cluster, in a Secret for its members and its clients. */
export class Passwords extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Passwords";
  /** Of the Secret that holds one key for each login. */
  readonly secret: pulumi.Output<string>;

  constructor(name: string, args: PasswordsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Passwords.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const made = logins.map((login) => {
      const password = new random.RandomPassword(`${name}-${login}`, { length: 32, special: false }, parent);
      return [login, password.result] as const;
    });
    const passwords = pulumi.output(Object.fromEntries(made));
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: `${args.scope}-passwords`, namespace: args.namespace },
        stringData: passwords as pulumi.Output<Record<string, string>>,
      },
      parent,
    );
    this.secret = secret.metadata.name;
    this.registerOutputs({ secret: this.secret });
  }
}
