import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { part } from "../part.ts";

export interface ProbesArgs {
  readonly namespace: pulumi.Input<string>;
  /** Of the blackbox exporter. */
  readonly image: string;
}

const config = stringify({
  modules: { answers: { prober: "http", timeout: "5s", http: { preferred_ip_protocol: "ip4" } } },
});

/** Asks as a user would, from outside of the systems. */
export class Probes extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Probes";

  constructor(name: string, args: ProbesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Probes.__pulumiType, name, args, opts);
    part(
      name,
      {
        ...args,
        who: "blackbox-exporter",
        args: ["--config.file=/etc/blackbox-exporter/blackbox.yml"],
        ports: { http: 9115 },
        answers: { path: "/-/healthy", port: "http" },
        cpu: "10m",
        memory: "64Mi",
        config: { file: "blackbox.yml", text: config },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
