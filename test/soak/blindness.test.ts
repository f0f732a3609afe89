import assert from "node:assert/strict";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { totalOf } from "../../rollout/statistics/windows.ts";
import { soakSeries } from "../../rollout/verdict/series.ts";
import { deployAnalyzer, scaleMonitoring } from "../support/analyzer.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { Load } from "../support/load.ts";

const stack = "rehearsal";

/** wdbx at 5 %, and nobody who counts what becomes of its requests. */
describe("an analyzer that sees nothing", function () {
  this.timeout(900_000);
  let project: Project;
  let load: Load;

  const live = async () => (await readLive(project.api(`${stack}-systems`)))!.wdbx!.rollout!;
  type Live = Awaited<ReturnType<typeof live>>;
  const has = (what: string, holds: (rollout: Live) => boolean) =>
    waitFor(what, async () => holds(await live()), { timeout: 400_000, interval: 250 });
  const soakedMinutes = ({ spec, status }: Live): number =>
    totalOf(status.windows?.[`${spec.attempt}/${spec.phase}/${soakSeries}`] ?? []).n;
  before(async () => {
    project = await Project.open();
    await project.start(stack);
    await deployAnalyzer(project, stack);
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", 150);
    await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
    await project.goTo(stack, "wdbx", 0);
    await has("infrastructure to pass", ({ status }) => status.passed.some(({ phase }) => phase === "infrastructure"));
    await project.goTo(stack, "wdbx", 5);
  });
  after(async () => {
    await load?.stop();
    await project?.close();
  });

  it("says so, and gives no soak for it", async () => {
    await scaleMonitoring(project, stack, "statefulsets", "prometheus", 0);
    await has("the verdict to say so", ({ status }) => status.verdict?.outcome === "Error");
    // Four times the soak that the phase has in a rehearsal.
    const blindUntil = Date.now() + 120_000;
    await has("two minutes more", () => Date.now() > blindUntil);
    const rollout = await live();
    assert.equal(rollout.status.verdict?.outcome, "Error");
    assert.equal(soakedMinutes(rollout), 0);
    assert.ok(rollout.status.passed.every(({ phase }) => phase !== "canary-5"));
  });
});
