import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { isMap, parseDocument } from "yaml";
import type { StandIn } from "../../analyzer/stand-in/writer.ts";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { imageOf, Project, watching } from "../support/environment.ts";

/** What else a rollout may go through beside up, down and settle. */
describe("hold, extension, hotfix lane and removal", function () {
  this.timeout(300_000);
  const stack = "rehearsal";
  let project: Project;
  let standIn: StandIn;
  let watch: { stop(): Promise<void> };

  const live = async () => (await readLive(project.api(`${stack}-systems`)))!.wdbx!;
  const pass = async (): Promise<void> => {
    await waitFor("the stand-in to have seen the last step", async () => {
      const { spec, status } = (await live()).rollout!;
      return status.observedStep === spec.step && status.onTarget;
    });
    await standIn.pass("wdbx", { withoutSoak: true });
  };
  const set = (key: string, value: string | number) => project.set(stack, `wdbx.${key}`, value);
  /** Takes keys out of the system's entry, or the entry out of the config. */
  const remove = async (...keys: string[]): Promise<void> => {
    const document = parseDocument(await readFile(project.stackFile(stack), "utf8"));
    const path = ["config", "rampart:wdbx"];
    for (const key of keys) document.deleteIn([...path, key]);
    if (keys.length === 0) document.deleteIn(path);
    assert.ok(isMap(document.contents));
    await writeFile(project.stackFile(stack), document.toString());
  };
  const refusedUp = async (): Promise<string> => {
    const { code, text } = await project.pulumi(stack, "up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    return text;
  };

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    standIn = await project.standIn(stack);
    watch = watching(standIn);
    await waitFor("the first record", async () => (await live()).record !== undefined);
    await set("artifact", await imageOf("simulator:1.1.0"));
    await set("percent", 0);
    await project.up(stack);
    await pass();
  });
  after(async () => {
    await watch?.stop();
    await project?.close();
  });

  it("is held until somebody lets it go again", async () => {
    await set("hold", "true");
    await project.up(stack);
    await pass();
    await set("percent", 5);
    assert.match(await refusedUp(), /the rollout is held; take `hold` away in a change of its own/);
    await set("percent", 0);
    await remove("hold");
    await project.up(stack);
    await pass();
    await set("percent", 5);
    await project.up(stack);
    assert.equal((await live()).rollout!.spec.phase, "canary-5");
  });

  it("is watched for longer when somebody wants it, and not for less", async () => {
    await set("extendDays", 20);
    await project.up(stack);
    assert.equal((await live()).rollout!.spec.extendSeconds, 300);
    await waitFor("the stand-in", async () => (await live()).rollout!.status.phase === "canary-5");
    await assert.rejects(standIn.pass("wdbx"), /canary-5 has to be watched for \d+ s more/);
  });

  it("takes the hotfix lane only from the bottom", async () => {
    await set("ladder", "expedited");
    assert.match(await refusedUp(), /a new attempt starts at the bottom|still at canary-5/);
    await remove("ladder", "extendDays");
    await set("percent", 0);
    await project.up(stack);
    await set("ladder", "expedited");
    await project.up(stack);
    const { spec } = (await live()).rollout!;
    assert.deepEqual([spec.ladder, spec.attempt], ["expedited", 3]);
    assert.ok(spec.phases.length < 5);
  });

  it("gives an artifact up, and is settled on the old one", async () => {
    await remove("ladder", "phase");
    await set("artifact", await imageOf("simulator:1.0.0"));
    await set("percent", 100);
    await project.up(stack);
    const { rollout } = await live();
    assert.equal(rollout!.spec.artifact, rollout!.spec.stable);
  });

  it("is removed in two steps, and what it was is known when it comes again", async () => {
    await remove();
    assert.match(await refusedUp(), /isn.t marked for removal; set `decommission: true`/);
    await writeFile(
      project.stackFile(stack),
      (await readFile(project.stackFile(stack), "utf8")).replace(
        "  rampart:dwcp-manager:",
        `  rampart:wdbx: { stable: "${await imageOf("simulator:1.0.0")}", artifact: "${await imageOf("simulator:1.0.0")}", percent: 100, decommission: true }\n  rampart:dwcp-manager:`,
      ),
    );
    await project.up(stack);
    await waitFor("the stand-in", async () => {
      const { spec, status } = (await live()).rollout!;
      return spec.decommission && status.observedStep === spec.step && status.onTarget;
    });
    await remove();
    await project.up(stack);
    const { rollout, record } = await live();
    assert.equal(rollout, undefined);
    assert.equal(record!.artifact, await imageOf("simulator:1.0.0"));
  });
});
