import assert from "node:assert/strict";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { deployAnalyzer, fault, podsOf } from "../support/analyzer.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { Load } from "../support/load.ts";

const stack = "rehearsal";
/** Few enough for a machine on which a whole cluster runs as well. */
const rate = 150;

/** Production's plan of wdbx with its soaks shortened; what is measured is measured in earnest. */
describe("the analyzer on a cluster of its own", function () {
  this.timeout(600_000);
  let project: Project;
  let load: Load;

  const live = async () => (await readLive(project.api(`${stack}-systems`)))!.wdbx!.rollout!;
  const admin = () => project.api(`${stack}-admin`);
  const passed = (phase: string) =>
    waitFor(`${phase} to pass`, async () => (await live()).status.passed.some((pass) => pass.phase === phase), {
      timeout: 240_000,
      interval: 500,
    });
  const climb = async (percent: number): Promise<void> => {
    await project.set(stack, "wdbx.percent", percent);
    await project.up(stack);
  };
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
    project = await Project.open();
    await project.start(stack);
    await deployAnalyzer(project, stack);
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", rate);
  });
  after(async () => {
    await load?.stop();
    await project?.close();
  });

  it("sees what is there, and puts it on record", async () => {
    await waitFor("the record", async () => {
      const found = (await readLive(project.api(`${stack}-systems`)))!.wdbx!;
      return found.rollout!.status.onTarget && found.record?.attempt === found.rollout!.spec.attempt;
    });
  });

  it("passes a phase that nobody is exposed by, though one of it is killed meanwhile", async () => {
    await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
    await climb(0);
    const [victim] = await podsOf(project, stack, "rampart-system", "app.kubernetes.io/name=analyzer");
    await admin().remove(`/api/v1/namespaces/rampart-system/pods/${victim}`);
    await passed("infrastructure");
    const { status } = await live();
    assert.ok(Date.parse(status.passed[0]!.to!) > Date.parse(status.passed[0]!.from!));
  });

  it("takes a bad release off its users without anybody's word, and without Alertmanager", async () => {
    const alertmanager = "/apis/apps/v1/namespaces/rampart-monitoring/statefulsets/alertmanager/scale";
    await admin().patch(alertmanager, "merge", { spec: { replicas: 0 } });
    await climb(5);
    const receivers = () => podsOf(project, stack, "rampart-monitoring", "app.kubernetes.io/name=alertmanager");
    await waitFor("the last Alertmanager to go", async () => (await receivers()).length === 0, { timeout: 60_000 });
    await waitFor("the canary's users", async () => (await load.sample(600)).canary > 0);
    const since = Date.now();
    await fault(project, stack, "wdbx", { errors: { ratio: 0.5 } });
    const { status } = await waitFor(
      "the abort on target",
      async () => {
        const rollout = await live();
        return rollout.status.aborted && rollout.status.onTarget && rollout;
      },
      { timeout: 240_000, interval: 100 },
    );
    await nobodyOnCanary();
    console.log(`      fault to latch: ${((Date.parse(status.aborted!.at!) - since) / 1000).toFixed(1)} s`);
    assert.equal(status.aborted!.trigger, "success-lost");
    assert.deepEqual(status.aborted!.to, { all: 0 });
  });

  it("counts that nobody is left, and says so where everybody looks", async () => {
    await waitFor(
      "both Events",
      async () => {
        const { items } = (await admin().get("/api/v1/namespaces/wdbx/events")) as { items: { reason: string }[] };
        return ["Aborted", "Drained"].every((reason) => items.some((one) => one.reason === reason));
      },
      { timeout: 60_000 },
    );
  });

  it("stays down whatever the config says", async () => {
    await climb(5);
    await nobodyOnCanary();
    assert.deepEqual((await live()).status.effective, { all: 0 });
  });
});
