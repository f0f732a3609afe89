import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { StandIn } from "../../analyzer/stand-in/writer.ts";
import type { Api } from "../../live/api.ts";
import { LiveError } from "../../live/live-error.ts";
import { objectPath } from "../../live/paths.ts";
import { readLive } from "../../live/read.ts";
import { childrenOf, commandOf } from "../../local/process-id.ts";
import { waitFor } from "../../local/wait.ts";
import { isSettled } from "../../rollout/transitions/model.ts";
import { effectiveOf, type Route } from "../../rollout/verdict/effective.ts";
import { addressOf, imageOf, Project, watching } from "../support/environment.ts";
import { Load } from "../support/load.ts";

const stack = "rehearsal";
const up = ["up", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"];

/** wdbx at 5 %, passed, with somebody who looks at its route all the time. */
describe("an update that is interrupted", function () {
  this.timeout(600_000);
  let project: Project;
  let standIn: StandIn;
  let watch: { stop(): Promise<void> };
  let api: Api;
  let load: Load;

  const live = async () => (await readLive(api))!.wdbx!.rollout!;
  const shareNow = async (): Promise<number> => {
    const route = await api.get(objectPath("gateway.networking.k8s.io/v1", "httproutes", "wdbx", "wdbx"));
    return effectiveOf(route as Route, "wdbx", ["all"]).all!;
  };
  const settledDown = () =>
    waitFor("the last step to be seen", async () => {
      const { spec, status } = await live();
      return status.observedStep === spec.step && status.onTarget;
    });
  const pass = async (): Promise<void> => {
    await settledDown();
    await standIn.pass("wdbx", { withoutSoak: true });
  };
  const percent = (value: number) => project.set(stack, "wdbx.percent", value);
  const engineOf = (pid: number): number | undefined => childrenOf(pid).find((child) => commandOf(child) === "pulumi");

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    api = project.api(`${stack}-admin`);
    standIn = await project.standIn(stack);
    watch = watching(standIn);
    await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
    await percent(0);
    await project.up(stack);
    await pass();
    await percent(5);
    await project.up(stack);
    await pass();
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", 200);
  });
  after(async () => {
    await load?.stop();
    await watch?.stop();
    await project?.close();
  });

  /** A late one may find the update done. */
  let killed = 0;

  /** Starts the update and kills its engine after so many milliseconds; the largest share that was ever seen. */
  async function killAfter(ms: number): Promise<number> {
    const running = project.startPulumi(["-C", project.folder, ...up]);
    let most = 0;
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        most = Math.max(most, await shareNow());
        await pause(15);
      }
    })();
    await pause(ms);
    const engine = engineOf(running.child.pid!);
    if (engine !== undefined) {
      process.kill(engine, "SIGKILL");
      killed += 1;
    }
    await running.done;
    // What a provider that has outlived its engine might still write.
    await pause(1500);
    isOver = true;
    await looking;
    return most;
  }

  const resume = async (): Promise<void> => {
    await project.pulumi(stack, "cancel", "--yes");
    await project.up(stack);
  };

  // 5 → 25 and back, cut off at twelve moments each from the engine's start to its end.
  for (const [index, ms] of Array.from({ length: 12 }, (_, each) => 600 + each * 400).entries()) {
    it(`is never above the old or the new percent, and goes on: killed after ${ms} ms`, async () => {
      await percent(25);
      assert.ok((await killAfter(ms)) <= 25);
      await resume();
      assert.equal(await shareNow(), 25);
      await settledDown();

      await percent(5);
      assert.ok((await killAfter(ms + 100 * (index % 3))) <= 25);
      await resume();
      assert.equal(await shareNow(), 5);
      await pass();
    });
  }

  it("was really interrupted, twenty times at least", () => {
    assert.ok(killed >= 20, `${killed} kills found an engine`);
  });

  describe("by an abort", () => {
    const begins: [string, (said: () => string) => boolean][] = [
      ["before anything is written", () => true],
      ["when the Rollout is written", (said) => /Rollout wdbx-rollout updat/.test(said())],
      ["when the Rollout was seen", (said) => /Rollout wdbx-rollout updated/.test(said())],
      ["when the route is written", (said) => /HTTPRoute wdbx-route updated/.test(said())],
    ];
    it("stays down: a person's, by rollback, in the middle of it", async () => {
      await percent(25);
      const running = project.startPulumi(["-C", project.folder, ...up]);
      await waitFor("the Rollout to be written", async () => /Rollout wdbx-rollout updat/.test(running.said()), {
        interval: 5,
      });
      const said = await project.rampart("rollback", "wdbx", "--stack", stack, "--reason", "it looks odd", "--no-up");
      assert.match(said, /seen down/);
      await running.done;
      assert.equal(await shareNow(), 0);
      await settledDown();
      await percent(25);
      const { text } = await project.pulumi(stack, "up", "--yes", "--skip-preview");
      assert.equal(await shareNow(), 0, text);
      assert.match(text, /was aborted by a person/);
      await landAgain();
    });

    for (const [moment, isIt] of begins) {
      it(`stays down: ${moment}`, async () => {
        await percent(25);
        const running = project.startPulumi(["-C", project.folder, ...up]);
        await waitFor(moment, async () => isIt(running.said), { interval: 5 });
        await retried(() => standIn.abort("wdbx", "error-ratio", "7 % of requests failed"));
        await running.done;
        await waitFor("nobody on the canary", async () => (await shareNow()) === 0);
        await settledDown();

        const { code, text } = await project.pulumi(stack, "up", "--yes", "--skip-preview");
        assert.equal(await shareNow(), 0, text);
        assert.match(text, /was aborted by error-ratio/);
        assert.equal(code, 0, text);
        await landAgain();
      });
    }
  });

  describe("in a settle", () => {
    it("is never between stable and canary, and ends it: killed three times", async () => {
      for (const rung of [25, 50, 100]) {
        await percent(rung);
        await project.up(stack);
        await pass();
      }
      await project.set(stack, "wdbx.stable", (await live()).spec.artifact);
      for (const ms of [1500, 3000, 4500]) {
        await killAfter(ms);
        assert.ok([0, 100].includes(await shareNow()));
        await project.pulumi(stack, "cancel", "--yes");
      }
      await project.up(stack);
      assert.equal(await shareNow(), 0);
      await settledDown();
      assert.ok(isSettled((await live()).spec));
    });

    it("has cost nobody an answer", async () => {
      const { count, details } = await load.failures();
      assert.equal(count, 0, JSON.stringify(details));
    });
  });

  /** A write of the stand-in's own loop may come between its reading and its writing. */
  async function retried(action: () => Promise<void>): Promise<void> {
    await action().catch((error) => {
      if (error instanceof LiveError) return action();
      throw error;
    });
  }

  let retries = 0;
  async function landAgain(): Promise<void> {
    await percent(0);
    await project.set(stack, "wdbx.retry", ++retries);
    await project.set(stack, "wdbx.reason", "the test goes on");
    await project.up(stack);
    await pass();
    await percent(5);
    await project.up(stack);
    await pass();
  }
});
