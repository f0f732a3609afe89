import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface SignedEvidenceArgs {
  readonly namespace: pulumi.Input<string>;
  /** As they lie in the project, reviewed. */
  readonly files: readonly { readonly file: string; readonly text: string }[];
}

/** Signed statements on their way to the analyzer, which believes their signatures and not who has brought them. */
export class SignedEvidence extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:SignedEvidence";

  constructor(name: string, { namespace, files }: SignedEvidenceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(SignedEvidence.__pulumiType, name, { files: files.map(({ file }) => file) }, opts);
    for (const { file, text } of files) {
      // Named by what it says: it never changes, and another one is another object.
      const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
      new k8s.core.v1.ConfigMap(
        `${name}-${hash}`,
        {
          metadata: { name: `evidence-${hash}`, namespace, labels: { "rampart.dev/evidence": name } },
          immutable: true,
          data: { [basename(file)]: text },
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}
