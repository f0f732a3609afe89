// The analyzer's own code against a real API server, with its own rights; Prometheus and the time are the test's.
import { join } from "node:path";
import { Analyzer } from "../../../analyzer/analyzer.ts";
import { clusterOf } from "../../../analyzer/cluster.ts";
import { evidenceIn } from "../../../analyzer/evidence.ts";
import { planBook } from "../../../analyzer/plan-book.ts";
import type { ClusterPort, Ports, PrometheusPort } from "../../../analyzer/ports.ts";
import { type ClockedApi, connect } from "../../../live/api.ts";
import { root } from "../../../local/paths.ts";
import type { Sample } from "../../../rollout/verdict/answers.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { apiCluster, destroy, up, type Workspace, workspace } from "../support.ts";

/** The analyzer's account, rights and namespaces, as the components declare them. */
export async function installAnalyzer(systems: readonly string[]): Promise<Workspace> {
  const { kubeconfig } = await apiCluster();
  const component = (name: string) => JSON.stringify(join(root, `components/${name}.ts`));
  const project = await workspace(
    [
      `import { AnalyzerDeployment } from ${component("analyzer")};`,
      `import { AnalyzerIdentity } from ${component("analyzer-identity")};`,
      `import { plans } from ${JSON.stringify(join(root, "stacks/systems/plans.ts"))};`,
      'const { namespace } = new AnalyzerIdentity("identity", { namespace: "rampart-system" });',
      `const image = "registry.example/analyzer@sha256:${"a".repeat(64)}";`,
      `new AnalyzerDeployment("analyzer", { namespace, image, stack: "rehearsal", isRehearsal: true, plans, systems: ${JSON.stringify(systems)}, prometheusUrls: [], monitoringNamespace: "rampart-monitoring" });`,
    ].join("\n"),
    { kubeconfig },
  );
  await project.run(up);
  return project;
}

export async function removeAnalyzer(project: Workspace): Promise<void> {
  await project.run(destroy);
  await project.remove();
}

/** Logs in as the account that only the analyzer has. */
export async function asAnalyzer(context: string): Promise<ClockedApi> {
  const account = "/api/v1/namespaces/rampart-system/serviceaccounts/analyzer/token";
  const answer = await connect(context).create(account, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600 },
  });
  return connect(context, (answer as { status: { token: string } }).status.token);
}

const tracks = ["canary", "stable"] as const;

/** One that has seen every pod answer in every minute, no request fail, and the canary get its share of them. */
function allIsWell(share: () => number): PrometheusPort {
  const answer = (query: string, track: (typeof tracks)[number], at: number): Sample => {
    const requests = 60_000 * (track === "canary" ? share() : 1 - share());
    const isAboutUp = query.includes("up{job");
    const isCount = query.includes("envoy_cluster_upstream_rq_total");
    return { labels: { system: "wdbx", track }, at, value: isAboutUp ? 1 : isCount ? requests : 0 };
  };
  return {
    now: async () => [],
    async minutes(query, from, through) {
      const at = Array.from({ length: (through - from) / 60 }, (_, index) => from + (index + 1) * 60);
      return at.flatMap((one) => tracks.map((track) => answer(query, track, one)));
    },
  };
}

/** An analyzer whose clock the test moves on; a new one is one that was restarted. */
export class Watching {
  ahead = 0;
  share = 0;
  readonly #api: ClockedApi;
  #analyzer: Analyzer;
  readonly ports: Ports;

  readonly #isRehearsal: boolean;

  constructor(api: ClockedApi, over: Partial<Ports> & { isRehearsal?: boolean } = {}) {
    const { isRehearsal = true, ...ports } = over;
    this.#isRehearsal = isRehearsal;
    this.#api = api;
    const cluster = clusterOf(api);
    // There is no gateway here that could take a route up.
    const exposed: ClusterPort["exposed"] = async (namespace, rollout) => {
      const found = await cluster.exposed(namespace, rollout);
      return found && { ...found, isProgrammed: true };
    };
    const clock = { now: () => this.#api.now() + this.ahead };
    const log = () => undefined;
    this.ports = {
      clock,
      cluster: { ...cluster, exposed },
      evidence: evidenceIn(api),
      prometheuses: [allIsWell(() => this.share)],
      log,
      ...ports,
    };
    this.#analyzer = this.born();
  }

  born(): Analyzer {
    this.#analyzer = new Analyzer(this.ports, planBook(plans), { stack: "rehearsal", isRehearsal: this.#isRehearsal });
    return this.#analyzer;
  }

  get analyzer(): Analyzer {
    return this.#analyzer;
  }

  /** Looks, measures and looks again, as often as it takes a status to settle, each time some minutes later. */
  async watch(minutes: number): Promise<void> {
    await this.#analyzer.look();
    this.ahead += minutes * 60;
    await this.#analyzer.look();
    await this.#analyzer.measure();
    await this.#analyzer.look();
    await this.#analyzer.look();
  }
}
