import assert from "node:assert/strict";
import { deployAnalyzer, scaleMonitoring } from "../support/analyzer.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { Load } from "../support/load.ts";
import { Watched, watchedSeconds } from "../support/watched.ts";

const stack = "rehearsal";

/** wdbx at 5 %, and nobody who counts what becomes of its requests. */
describe("an analyzer that sees nothing", function () {
  this.timeout(900_000);
  let project: Project;
  let load: Load;
  let wdbx: Watched;

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    await deployAnalyzer(project, stack);
    wdbx = new Watched(project, stack, "wdbx");
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", 150);
    await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
    await project.goTo(stack, "wdbx", 0);
    await wdbx.passes("infrastructure");
    await project.goTo(stack, "wdbx", 5);
  });
  after(async () => {
    await load?.stop();
    await project?.close();
  });

  it("says so, and gives no soak for it", async () => {
    await scaleMonitoring(project, stack, "statefulsets", "prometheus", 0);
    await wdbx.has("the verdict to say so", ({ status }) => status.verdict?.outcome === "Error");
    // Four times the soak that the phase has in a rehearsal.
    const blindUntil = Date.now() + 120_000;
    await wdbx.has("two minutes more", () => Date.now() > blindUntil);
    const rollout = await wdbx.rollout();
    assert.equal(rollout.status.verdict?.outcome, "Error");
    assert.equal(watchedSeconds(rollout), 0);
    assert.ok(rollout.status.passed.every(({ phase }) => phase !== "canary-5"));
  });
});
