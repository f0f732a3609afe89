import assert from "node:assert/strict";
import type { StandIn } from "../../../analyzer/stand-in/writer.ts";
import { readLive } from "../../../live/read.ts";
import { waitFor } from "../../../local/wait.ts";
import { addressOf, imageOf, type Project, sharedRehearsal, watching } from "../../support/environment.ts";
import { isWithinBinomial, Load } from "../../support/load.ts";

/** A second, all the time, and few enough for a machine that updates as well; the samples are bursts beside it. */
const rate = 150;
/** At a rung enough to tell 5 % from 6; where nobody may be, or it was measured before, fewer will do. */
const sample = { rung: 20_000, quick: 3_000 };

/** Production's plan, with its times shortened. */
describe("the life of a rollout, wdbx in a rehearsal", function () {
  this.timeout(300_000);
  const stack = "rehearsal";
  let project: Project;
  let standIn: StandIn;
  let watch: { stop(): Promise<void> };
  let load: Load;
  const images: Record<"a" | "b" | "c", string> = { a: "", b: "", c: "" };

  const live = async () => {
    const api = project.api(`${stack}-systems`);
    return (await readLive(api))!.wdbx!;
  };
  const observed = () =>
    waitFor("the stand-in to have seen the last step", async () => {
      const { rollout } = await live();
      return rollout!.status.observedStep === rollout!.spec.step && rollout!.status.onTarget;
    });
  const pass = async (): Promise<void> => {
    await observed();
    await standIn.pass("wdbx", { withoutSoak: true });
  };
  const percent = (value: number): Promise<string> => project.goTo(stack, "wdbx", value);
  const refused = async (value: number): Promise<string> => {
    await project.set(stack, "wdbx.percent", value);
    const { code, text } = await project.pulumi(stack, "up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    return text;
  };
  const share = async (expected: number, size = sample.quick): Promise<void> => {
    const { requests, canary } = await load.sample(size);
    const said = `${canary} of ${requests} went to the canary at ${expected} %`;
    assert.ok(isWithinBinomial(canary, requests, expected / 100), said);
  };
  const noFailures = async (): Promise<void> => {
    const { count, details } = await load.failures();
    assert.equal(count, 0, JSON.stringify(details));
  };

  before(async () => {
    for (const [key, version] of [
      ["a", "1.0.0"],
      ["b", "1.1.0"],
      ["c", "1.2.0"],
    ] as const) {
      images[key] = await imageOf(`simulator:${version}`);
    }
    project = await sharedRehearsal();
    standIn = await project.standIn(stack);
    watch = watching(standIn);
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", rate);
  });
  after(async () => {
    await load?.stop();
    await watch?.stop();
  });

  it("begins settled, and a second update has nothing to do", async () => {
    await observed();
    const text = await project.up(stack);
    assert.doesNotMatch(text, /\d+ (created|updated|replaced|deleted)/);
    await share(0);
  });

  it("lands a new artifact where nobody sees it", async () => {
    await project.set(stack, "wdbx.artifact", images.b);
    await percent(0);
    await share(0);
    assert.match(await refused(5), /infrastructure has not passed for this revision in attempt 2/);
    await share(0);
  });

  it("climbs one phase after the other, and each gets its share", async () => {
    for (const rung of [5, 25, 50, 100]) {
      await pass();
      await percent(rung);
      await share(rung, sample.rung);
    }
    await noFailures();
  });

  it("comes down a phase without anybody's leave, and earns it anew", async () => {
    await percent(50);
    await share(50);
    await pass();
    await percent(100);
    await noFailures();
  });

  it("settles, when all have passed, and the canary is empty", async () => {
    await pass();
    const said = await project.rampart("settle", "wdbx", "--stack", stack);
    assert.match(said, /wdbx: .*settle/);
    await project.up(stack);
    await share(0);
    const { record } = await waitFor("the record", async () => {
      const system = await live();
      return system.record?.artifact === images.b && system;
    });
    assert.equal(record!.attempt, 2);
    await noFailures();
  });

  it("stays down after an abort, whatever the config says, and other systems move", async () => {
    await project.set(stack, "wdbx.artifact", images.c);
    await percent(0);
    await pass();
    await percent(5);
    await pass();
    await observed();
    await standIn.abort("wdbx", "error-ratio", "7 % of requests failed");
    await waitFor("the canary's last request", async () => (await load.sample(500)).canary === 0);
    await project.set(stack, "dwcp-manager.artifact", images.b);
    await project.set(stack, "dwcp-manager.percent", 0);
    const text = await percent(25);
    assert.match(text, /config says 25 %, but attempt 3 was aborted by error-ratio/);
    await share(0);
    const manager = (await readLive(project.api(`${stack}-systems`)))!["dwcp-manager"]!;
    assert.equal(manager.rollout!.spec.artifact, images.b);
    await noFailures();
  });

  it("tries the same artifact again, with a reason", async () => {
    await project.set(stack, "wdbx.retry", 1);
    await project.set(stack, "wdbx.reason", "the cause was the network");
    await percent(0);
    assert.equal((await live()).rollout!.spec.attempt, 4);
    await pass();
    await percent(5);
    await share(5);
  });

  it("comes down all the way without anybody's leave", async () => {
    await percent(0);
    await share(0);
    await noFailures();
  });
});
