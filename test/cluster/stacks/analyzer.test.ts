import assert from "node:assert/strict";
import { readLive } from "../../../live/read.ts";
import { waitFor } from "../../../local/wait.ts";
import { addressesOf, deployAnalyzer, podsOf, scaleMonitoring } from "../../support/analyzer.ts";
import { addressOf, landFresh, type Project, sharedRehearsal } from "../../support/environment.ts";
import { freeze } from "../../support/frozen.ts";
import { Load } from "../../support/load.ts";
import { Watched } from "../../support/watched.ts";

const stack = "rehearsal";
/** Few enough for a machine on which a whole cluster runs as well. */
const rate = 150;

/** Production's plan of wdbx with its soaks shortened; what is measured is measured in earnest. */
describe("the analyzer in a rehearsal", function () {
  this.timeout(900_000);
  let project: Project;
  let load: Load;
  let wdbx: Watched;

  const admin = () => project.api(`${stack}-admin`);
  const scale = (kind: string, name: string, replicas: number) => scaleMonitoring(project, stack, kind, name, replicas);
  /** Requests that fail on their way have no track: only a stretch that stable has answered shows anything. */
  const nobodyOnCanary = () =>
    waitFor(
      "a stretch without the canary",
      async () => {
        await load.reset();
        await waitFor("stable's answers", async () => ((await load.stats()).tracks.stable?.requests ?? 0) > 150);
        return ((await load.stats()).tracks.canary?.requests ?? 0) === 0;
      },
      { timeout: 180_000, interval: 50 },
    );

  before(async () => {
    project = await sharedRehearsal();
    await deployAnalyzer(project, stack);
    wdbx = new Watched(project, stack, "wdbx");
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", rate);
  });
  after(async () => {
    await load?.stop();
  });

  it("sees what is there, and puts it on record", async () => {
    await waitFor(
      "the record",
      async () => {
        const { rollout, record } = (await readLive(project.api(`${stack}-systems`)))!["dwcp-tpbft"]!;
        const { spec, status } = rollout!;
        const isSeen = status.onTarget && status.verdict?.reason === "settled: everybody has it";
        return isSeen && record?.attempt === spec.attempt;
      },
      { timeout: 120_000 },
    );
  });

  it("passes a phase that nobody is exposed by, though one of it is killed meanwhile", async () => {
    await landFresh(project, stack, "wdbx");
    const [victim] = await podsOf(project, stack, "rampart-system", "app.kubernetes.io/name=analyzer");
    await admin().remove(`/api/v1/namespaces/rampart-system/pods/${victim}`);
    await wdbx.passes("infrastructure");
    const { status } = await wdbx.rollout();
    assert.ok(Date.parse(status.passed[0]!.to!) > Date.parse(status.passed[0]!.from!));
  });

  it("lets nobody climb while nothing is measured", async () => {
    await project.goTo(stack, "wdbx", 5);
    await waitFor("the canary's users", async () => (await load.sample(300)).canary > 0, { timeout: 120_000 });
    await Promise.all([scale("statefulsets", "prometheus", 0), scale("statefulsets", "alertmanager", 0)]);
    await project.set(stack, "wdbx.percent", 25);
    const { code, text } = await project.pulumi(stack, "up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(text, /has not passed|Passed/);
    const { spec, status } = await wdbx.rollout();
    assert.equal(spec.phase, "canary-5");
    assert.deepEqual(status.effective, { all: 5 });
  });

  it("takes a bad release off its users without any monitoring, as soon as the API server is back", async () => {
    const canaries = await addressesOf(project, stack, "wdbx", "rampart.dev/track=canary");
    const server = await freeze("kube-apiserver", project);
    try {
      await server.faultFromNode(canaries, { errors: { ratio: 1 } });
      await load.reset();
      await waitFor("the canary's failures", async () => (await load.stats()).failed >= 30, { timeout: 120_000 });
    } finally {
      server.thaw();
    }
    const thawed = Date.now();
    await wdbx.has("the abort on target", ({ status }) => status.aborted !== undefined && status.onTarget);
    await nobodyOnCanary();
    console.log(
      `      API server's return to the last request: at most ${((Date.now() - thawed) / 1000).toFixed(1)} s`,
    );
    const { status } = await wdbx.rollout();
    assert.equal(status.aborted!.trigger, "success-lost");
    assert.match(status.aborted!.reason, /of the last \d+ requests failed/);
    assert.deepEqual(status.aborted!.to, { all: 0 });
  });

  it("stays down whatever the config says", async () => {
    await project.goTo(stack, "wdbx", 5);
    await nobodyOnCanary();
    assert.deepEqual((await wdbx.rollout()).status.effective, { all: 0 });
  });

  it("counts that nobody is left, once something counts again, and says so where everybody looks", async () => {
    await scale("statefulsets", "prometheus", 2);
    await waitFor(
      "both Events",
      async () => {
        const { attempt } = (await wdbx.rollout()).spec;
        const path = (what: string) => `/api/v1/namespaces/wdbx/events/rollout-${what}-${attempt}`;
        const told = await Promise.all(["abort", "drained"].map((what) => admin().get(path(what))));
        return told.every((event) => event !== undefined);
      },
      { timeout: 180_000 },
    );
  });
});
