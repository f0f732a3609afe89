// The real analyzer in an environment of its own, and canaries that misbehave.
import { listPath, objectPath } from "../../live/paths.ts";
import { exec } from "../../local/exec.ts";
import { root } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";
import type { Project } from "./environment.ts";

const importer = `
  const { findCluster } = await import(process.argv[1] + "/local/cluster/cluster.ts");
  const { importImages } = await import(process.argv[1] + "/local/cluster/addons/addons.ts");
  const images = await importImages(await findCluster(process.argv[2]), ["analyzer"]);
  process.stdout.write(images.get("analyzer"));`;

/** Brings its image to the environment's node, names it in the platform's stack file and deploys it. */
export async function deployAnalyzer(project: Project, environment: string): Promise<void> {
  const env = { ...process.env, RAMPART_STATE: project.state };
  const image = await exec(process.execPath, ["--input-type=module", "-e", importer, "--", root, environment], { env });
  const { document, write } = await project.config(`${environment}-platform`);
  document.setIn(["config", "rampart:monitoring", "images", "analyzer"], image);
  await write();
  await project.up(`${environment}-platform`);
  await waitFor("two analyzers", async () => (await readyAnalyzers(project, environment)) === 2, { timeout: 300_000 });
}

const analyzerPath = objectPath("apps/v1", "deployments", "rampart-system", "analyzer");

export async function readyAnalyzers(project: Project, environment: string): Promise<number> {
  const found = await project.api(`${environment}-admin`).get(analyzerPath);
  return (found as { status?: { readyReplicas?: number } } | undefined)?.status?.readyReplicas ?? 0;
}

interface Pods {
  items: { metadata: { name: string }; status: { podIP?: string } }[];
}

async function pods(project: Project, environment: string, namespace: string, selector: string) {
  const path = `${listPath("v1", "pods", namespace)}?labelSelector=${encodeURIComponent(selector)}`;
  return ((await project.api(`${environment}-admin`).get(path)) as Pods).items;
}

type Where = Parameters<typeof pods>;

export const podsOf = async (...where: Where): Promise<string[]> =>
  (await pods(...where)).map(({ metadata }) => metadata.name);

export const addressesOf = async (...where: Where): Promise<string[]> =>
  (await pods(...where)).flatMap(({ status: { podIP } }) => (podIP ? [podIP] : []));

/** Lets every canary of a system misbehave from now on; its pods stay what they are. */
export async function fault(project: Project, environment: string, system: string, faults: object): Promise<void> {
  const api = project.api(`${environment}-admin`);
  const canaries = await podsOf(project, environment, system, "rampart.dev/track=canary");
  await Promise.all(
    canaries.map((pod) => api.create(`/api/v1/namespaces/${system}/pods/${pod}:9091/proxy/faults`, faults)),
  );
}

/** Says how many replicas a part of the monitoring has, and waits until that is so. */
export async function scaleMonitoring(
  project: Project,
  stack: string,
  kind: string,
  name: string,
  replicas: number,
): Promise<void> {
  const path = `/apis/apps/v1/namespaces/rampart-monitoring/${kind}/${name}/scale`;
  await project.api(`${stack}-admin`).patch(path, "merge", { spec: { replicas } });
  const there = () => podsOf(project, stack, "rampart-monitoring", `app.kubernetes.io/name=${name}`);
  await waitFor(`${replicas} of ${name}`, async () => (await there()).length === replicas, { timeout: 180_000 });
}
