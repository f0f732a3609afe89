import assert from "node:assert/strict";
import { listPath, objectPath } from "../../live/paths.ts";
import { waitFor } from "../../local/wait.ts";
import { currentAbort } from "../../rollout/transitions/model.ts";
import { soaked } from "../../rollout/verdict/soak.ts";
import { deployAnalyzer, fault, podsOf, readyAnalyzers } from "../support/analyzer.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { Load } from "../support/load.ts";
import { soakOf, Watched } from "../support/watched.ts";

const stack = "rehearsal";
const space = "rampart-system";
const hour = 3600;
/** How far the analyzers' word may be from this machine's clock, in seconds: it counts from when something was noticed. */
const nearly = 60;

/** Loaded before the program: nobody in it sees another clock. */
const shifting = (seconds: number): string => `
const Right = globalThis.Date;
const ahead = ${seconds * 1000};
globalThis.Date = class Date extends Right {
  constructor(...args) {
    if (args.length === 0) super(Right.now() + ahead);
    else super(...args);
  }
  static now() {
    return Right.now() + ahead;
  }
};`;

/** wdbx up to 5 %, watched by analyzers whose clock is an hour off; the API server's is right. */
for (const [what, seconds] of [
  ["an hour ahead", hour],
  ["an hour behind", -hour],
] as const) {
  describe(`analyzers whose clock is ${what}`, function () {
    this.timeout(900_000);
    let project: Project;
    let load: Load;
    let wdbx: Watched;
    const admin = () => project.api(`${stack}-admin`);
    const secondsAgo = (instant: string | undefined): number => Date.now() / 1000 - Date.parse(instant!) / 1000;
    async function shiftClocks(): Promise<void> {
      const metadata = { name: "clock", namespace: space };
      const map = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "shift.mjs": shifting(seconds) } };
      await admin().create(listPath("v1", "configmaps", space), map);
      const container = {
        name: "analyzer",
        env: [{ name: "NODE_OPTIONS", value: "--import=/clock/shift.mjs" }],
        volumeMounts: [{ name: "clock", mountPath: "/clock" }],
      };
      const template = {
        spec: { containers: [container], volumes: [{ name: "clock", configMap: { name: "clock" } }] },
      };
      const before = await podsOf(project, stack, space, "app.kubernetes.io/name=analyzer");
      await admin().patch(objectPath("apps/v1", "deployments", space, "analyzer"), "strategic", { spec: { template } });
      const isNew = async () => {
        const now = await podsOf(project, stack, space, "app.kubernetes.io/name=analyzer");
        return now.length === 2 && now.every((pod) => !before.includes(pod));
      };
      await waitFor("other analyzers", isNew, { timeout: 180_000 });
      await waitFor("both to be ready", async () => (await readyAnalyzers(project, stack)) === 2, { timeout: 180_000 });
    }

    before(async () => {
      project = await Project.open();
      await project.start(stack);
      await deployAnalyzer(project, stack);
      wdbx = new Watched(project, stack, "wdbx");
      await shiftClocks();
      load = await Load.start(await addressOf(project, stack), "wdbx.example.com", 150);
    });
    after(async () => {
      await load?.stop();
      await project?.close();
    });

    it("have that clock, as their own lines say", async () => {
      const [pod] = await podsOf(project, stack, space, "app.kubernetes.io/name=analyzer");
      const said = await project.raw(stack, `/api/v1/namespaces/${space}/pods/${pod}/log`);
      const { time } = JSON.parse(said.split("\n")[0]!) as { time: string };
      assert.ok(Math.abs(secondsAgo(time) + seconds) < hour / 2, `${time} on the pod's clock`);
    });

    it("give a phase its whole soak and no more, by the API server's clock", async () => {
      await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
      const landed = Date.now() / 1000;
      await project.goTo(stack, "wdbx", 0);
      await wdbx.passes("infrastructure");
      const { spec, status } = await wdbx.rollout();
      const { from, to } = status.passed[0]! as { from: string; to: string };
      const lasted = (Date.parse(to) - Date.parse(from)) / 1000;
      assert.ok(lasted >= spec.phases[0]!.soakSeconds, `passed after ${lasted} s`);
      assert.ok(Date.parse(from) / 1000 > landed - nearly && secondsAgo(to) < nearly && secondsAgo(to) > -nearly);
    });

    it("count the minutes that were, and those of users alike", async () => {
      await project.goTo(stack, "wdbx", 5);
      await wdbx.has("a minute of soak", (rollout) => soaked(soakOf(rollout)) >= 60);
      const rollout = await wdbx.rollout();
      assert.ok(Math.abs(secondsAgo(rollout.status.phaseStartedAt)) < 600, rollout.status.phaseStartedAt);
      for (const { through } of soakOf(rollout)) assert.ok(Math.abs(Date.now() / 1000 - through) < 600);
    });

    it("latch at once, with the right date, and tell of it with the right date", async () => {
      const started = Date.now();
      await fault(project, stack, "wdbx", { errors: { ratio: 1 } });
      await wdbx.has("the abort on target", (one) => currentAbort(one) !== undefined && one.status.onTarget);
      console.log(`      down after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      const { status } = await wdbx.rollout();
      assert.equal(status.aborted!.trigger, "success-lost");
      assert.ok(Math.abs(secondsAgo(status.aborted!.at)) < nearly, status.aborted!.at);
      interface Events {
        items: { reason: string; lastTimestamp: string }[];
      }
      const told = async () =>
        ((await admin().get("/api/v1/namespaces/wdbx/events")) as Events).items.find(
          ({ reason }) => reason === "Aborted",
        );
      await waitFor("the Event", async () => (await told()) !== undefined);
      assert.ok(Math.abs(secondsAgo((await told())!.lastTimestamp)) < nearly);
    });
  });
}
