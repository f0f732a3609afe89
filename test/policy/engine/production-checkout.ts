import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type PolicyResult, readEngineLog } from "../../../cli/preview/engine-log.ts";
import { startCluster } from "../../../local/cluster/start.ts";
import { stopCluster } from "../../../local/cluster/stop.ts";
import { root } from "../../../local/paths.ts";
import { type ApiCluster, clusterOf, preview, type Workspace, workspace } from "../../engine/support.ts";
import { copyCheckout } from "../checkout.ts";

type Config = Record<string, unknown>;

/** What the packs say of a stack. */
interface Said {
  readonly refused: PolicyResult[];
  readonly told: PolicyResult[];
}

/** Checks of the baseline that only tell, and what this program knows of them. */
const toldOnly = /^(KB-04|KB-28|KB-55) /;

/**
 * A checkout of its own, with the real program, plans, packs and production's stack files, against an API server of its
 * own. No pack is told anything.
 */
export class ProductionCheckout {
  readonly project: Workspace;
  readonly cluster: ApiCluster;
  readonly #name: string;

  private constructor(name: string, project: Workspace, cluster: ApiCluster) {
    this.#name = name;
    this.project = project;
    this.cluster = cluster;
  }

  static async open(): Promise<ProductionCheckout> {
    const name = `production-preview-${process.pid}`;
    const { where } = await startCluster({ name, mode: "api", isThrowAway: true });
    const project = await workspace("");
    const config = JSON.parse(readFileSync(where.kubeconfig("admin"), "utf8"));
    const { context } = config.contexts[0];
    config.contexts = ["production-platform", "production-systems"].map((one) => ({ name: one, context }));
    writeFileSync(join(project.folder, "none"), JSON.stringify(config));
    copyCheckout(project.folder);
    const checkout = new ProductionCheckout(name, project, clusterOf(where.kubeconfig("admin")));
    for (const stack of ["production", "production-platform"]) {
      const { encryptionsalt: _salt, ...content } = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
      writeFileSync(checkout.#stackFile(stack), stringify(content));
      await project.run(["stack", "init", stack]);
    }
    process.env.KUBECONFIG = join(project.folder, "none");
    return checkout;
  }

  async close(): Promise<void> {
    await stopCluster(this.#name, { deleteData: true });
    await this.project.remove();
  }

  get evidence(): string {
    return join(this.project.folder, "evidence");
  }

  /** What is there stays, such as the stack's salt. */
  configure(stack: string, change: (config: Config) => Config): void {
    const content = parse(readFileSync(this.#stackFile(stack), "utf8"));
    const changed = { ...content, config: change(content.config) };
    writeFileSync(this.#stackFile(stack), stringify(changed, { aliasDuplicateObjects: false }));
  }

  async look(stack: string, packs = ["guard", "readiness", "baseline"]): Promise<Said & { readonly text: string }> {
    const args = packs.flatMap((pack) => ["--policy-pack", join(this.project.folder, "policies", pack)]);
    const { text, log } = await this.project.start([...preview, "--stack", stack, ...args]).done;
    const { policies } = readEngineLog(readFileSync(log, "utf8"));
    for (const pack of packs) assert.match(text, new RegExp(`${pack} 0\\.1\\.0: (\\d+) of \\1 rules at work`));
    const refused = policies.filter(({ level }) => level === "mandatory");
    return { refused, told: policies.filter(({ level }) => level !== "mandatory"), text };
  }

  /** What is told beside; nothing is refused. */
  async passes(stack: string): Promise<PolicyResult[]> {
    const { refused, told, text } = await this.look(stack);
    assert.deepEqual(refused, [], text);
    return told.filter(({ message }) => !toldOnly.test(message));
  }

  #stackFile(stack: string): string {
    return join(this.project.folder, `Pulumi.${stack}.yaml`);
  }
}
