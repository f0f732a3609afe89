import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { currentAbort } from "../../rollout/transitions/model.ts";
import { deployAnalyzer } from "../support/analyzer.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { Load } from "../support/load.ts";

const stack = "rehearsal";
/** So many a second that one of twenty shows within minutes what the plan wants to be sure of. */
const rate = 250;
/** What the whole system does is averaged over ten minutes, and some of these it takes: no scale of time makes that shorter. */
const longest = 60 * 60_000;

/** Production's plan of wdbx with its soaks shortened; nothing is passed by hand. */
describe("a good release that nobody but the analyzer lets through", function () {
  this.timeout(longest + 10 * 60_000);
  let project: Project;
  let load: Load;
  let artifact: string;

  const system = async () => (await readLive(project.api(`${stack}-systems`)))!.wdbx!;

  /** The verdict as it grows; an abort ends the wait. */
  async function passed(): Promise<void> {
    const started = Date.now();
    let last: string | undefined;
    const isOver = async () => {
      const { spec, status } = (await system()).rollout!;
      last = status.verdict?.reason;
      return currentAbort({ spec, status })
        ? "ended"
        : status.passed.some(({ phase }) => phase === spec.phase) && "passed";
    };
    const outcome = await waitFor("the phase to pass", isOver, { timeout: longest, interval: 1000 }).catch(
      (error: Error) => error.message,
    );
    assert.equal(outcome, "passed", last);
    console.log(`      passed after ${((Date.now() - started) / 60_000).toFixed(1)} min`);
  }

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    await deployAnalyzer(project, stack);
    artifact = await imageOf("simulator:1.1.0");
    await project.set(stack, "wdbx.artifact", artifact);
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", rate);
  });
  after(async () => {
    await load?.stop();
    await project?.close();
  });

  for (const percent of [0, 5, 25, 50, 100]) {
    it(`passes at ${percent} %`, async () => {
      await project.goTo(stack, "wdbx", percent);
      await passed();
    });
  }

  it("becomes stable, and no request has failed on the whole way", async () => {
    await project.rampart("settle", "wdbx", "--stack", stack);
    await project.up(stack);
    const { record } = await waitFor("the record", async () => {
      const found = await system();
      return found.record?.artifact === artifact && found;
    });
    assert.equal(record!.attempt, 2);
    assert.deepEqual(await load.failures(), { count: 0, details: [] });
  });

  it("has left evidence of each phase, from which a replay comes to the same", async () => {
    await project.rampart("evidence", "pull", "wdbx", "--stack", stack);
    const kept = globSync(join(project.folder, `evidence/${stack}/wdbx/attempt-2/*-passed-*.json`));
    assert.equal(kept.length, 5);
    await project.rampart("replay", ...kept);
  });
});
