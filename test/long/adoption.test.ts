import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Document, parse, stringify } from "yaml";
import type { Api } from "../../live/api.ts";
import { objectPath } from "../../live/paths.ts";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { addressOf, imageOf, Project, watching } from "../support/environment.ts";
import { Load } from "../support/load.ts";

const stack = "staging";
const other = "search";
const host = "wdbx.example.com";
/** What the other pods say that they are, to be told from Rampart's stable ones; the simulator knows two words. */
const answersAs = "canary";

/** Both ways on one cluster: wdbx, which is there, goes to another namespace's pods, and comes back. */
describe("a system that leaves Rampart, and comes under it", function () {
  this.timeout(300_000);
  const file = "search-route.yaml";
  let project: Project;
  let admin: Api;
  let watch: { stop(): Promise<void> };
  let load: Load;

  const command = (...args: string[]) => project.rampart(...args, "--stack", stack, "--context", `${stack}-admin`);
  const handBack = () => command("hand-back", "wdbx", "--route", file);
  const adopt = (...more: string[]) => command("adopt", "wdbx", "--from", `${other}/wdbx`, ...more);
  const editConfig = async (name: string, change: (document: Document) => void): Promise<void> => {
    const { document, write } = await project.config(name);
    change(document);
    await write();
  };
  const handover = async (systems: Record<string, string>): Promise<void> => {
    await editConfig(`${stack}-platform`, (document) => document.setIn(["config", "rampart:handover"], systems));
    await project.up(`${stack}-platform`);
  };
  const rollout = async () => (await readLive(project.api(`${stack}-systems`)))!.wdbx?.rollout;
  const answering = async (): Promise<string[]> => {
    await load.reset();
    await waitFor("some answers", async () => (await load.stats()).requests > 500);
    const { tracks } = await load.stats();
    return Object.keys(tracks).filter((track) => tracks[track]!.requests > 0);
  };
  /** A switch has reached the proxies some moments after the API server knows of it. */
  const onlyAnswers = (track: string) =>
    waitFor(`a stretch with answers of ${track} alone`, async () => isDeepStrictEqual(await answering(), [track]));
  const noFailures = async (): Promise<void> => {
    const { count, details } = await load.failures();
    assert.equal(count, 0, JSON.stringify(details));
  };

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    watch = watching(await project.standIn(stack));
    admin = project.api(`${stack}-admin`);
    await waitFor("the first record", async () => (await readLive(admin))!.wdbx?.record !== undefined);
    await bringOther(admin, await imageOf("simulator:1.1.0"));
    await writeFile(join(project.folder, file), stringify(otherRoute));
    load = await Load.start(await addressOf(project, stack), host, 500);
  });
  after(async () => {
    await load?.stop();
    await watch?.stop();
    await project?.close();
  });

  it("doesn't leave for pods of another version, nor while the platform holds its hosts", async () => {
    await assert.rejects(handBack(), /wdbx would change version in one step/);
    await setImage(admin, await imageOf("simulator:1.0.0"));
    await assert.rejects(handBack(), /the platform holds wdbx's hosts; .* rampart:handover: \{ wdbx: search \}/);
    await onlyAnswers("stable");
  });

  it("leaves, and nobody notices", async () => {
    await handover({ wdbx: other });
    await handBack();
    await onlyAnswers(answersAs);
    assert.equal(await rollout(), undefined);
    await noFailures();
    const config = parse(await readFile(project.stackFile(stack), "utf8")).config;
    assert.ok(!("rampart:wdbx" in config));
  });

  it("doesn't come with another version than what runs, nor with pods that nobody has looked at", async () => {
    const image = await imageOf("simulator:1.1.0");
    const entry = { stable: image, artifact: image, percent: 100 };
    await editConfig(stack, (document) => document.setIn(["config", "rampart:wdbx"], entry));
    await assert.rejects(adopt(), /users would change version in one step/);
    await editConfig(stack, (document) => document.deleteIn(["config", "rampart:wdbx"]));
    await assert.rejects(adopt(), (error: Error) => {
      assert.match(error.message, /nothing is switched; mend the pods/);
      assert.match(error.message, /the variable TRACK has another value/);
      assert.match(error.message, /the variable EXTRA is missing/);
      return true;
    });
    await onlyAnswers(answersAs);
  });

  it("comes, and nobody notices", async () => {
    const said = await adopt("--accept-differences");
    assert.match(said, /wdbx is served by Rampart's stable pods now/);
    await onlyAnswers("stable");
    await noFailures();
    const { spec } = (await rollout())!;
    assert.deepEqual([spec.stable, spec.artifact], [await imageOf("simulator:1.0.0"), spec.stable]);
    const kept = parse(await readFile(join(project.folder, `adopted/${stack}/wdbx.yaml`), "utf8"));
    assert.deepEqual(kept.spec.hostnames, [host]);
  });

  it("is guarded again when the handover is closed", async () => {
    await handover({});
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${other}/httproutes`;
    await assert.rejects(admin.create(path, otherRoute), /belongs to a system of another namespace/);
  });
});

const metadata = { name: "wdbx", namespace: other };
const otherRoute = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata,
  spec: {
    parentRefs: [{ namespace: "rampart-gateway", name: "gateway" }],
    hostnames: [host],
    rules: [{ backendRefs: [{ name: "wdbx", port: 80 }] }],
  },
};

/** What somebody may have had before they knew of Rampart. */
async function bringOther(api: Api, image: string): Promise<void> {
  const labels = { app: "wdbx" };
  const environment = { SYSTEM: "wdbx", TRACK: answersAs, EXTRA: "1" };
  const container = {
    name: "web",
    image,
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/readyz", port: 9090 }, periodSeconds: 1 },
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
  };
  const spec = { replicas: 2, selector: { matchLabels: labels } };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  await api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: other } });
  await api.create(`/apis/apps/v1/namespaces/${other}/deployments`, {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
    spec: { ...spec, template },
  });
  await api.create(`/api/v1/namespaces/${other}/services`, {
    ...{ apiVersion: "v1", kind: "Service", metadata },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await allReady(api);
}

async function setImage(api: Api, image: string): Promise<void> {
  const template = { spec: { containers: [{ name: "web", image }] } };
  await api.patch(objectPath("apps/v1", "deployments", other, "wdbx"), "strategic", { spec: { template } });
  await allReady(api);
}

async function allReady(api: Api): Promise<void> {
  await waitFor("the other pods", async () => {
    const found = await api.get(objectPath("apps/v1", "deployments", other, "wdbx"));
    const { metadata, spec, status } = found as Deployment;
    const isSeen = status.observedGeneration === metadata.generation;
    return isSeen && status.updatedReplicas === spec.replicas && status.replicas === status.readyReplicas;
  });
}

interface Deployment {
  metadata: { generation: number };
  spec: { replicas: number };
  status: { observedGeneration?: number; updatedReplicas?: number; replicas?: number; readyReplicas?: number };
}
