import assert from "node:assert/strict";
import type { StandIn } from "../../analyzer/stand-in/writer.ts";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { imageOf, Project, watching } from "../support/environment.ts";

/** Two clusters, one program: what staging has passed, signed by staging's analyzer, is what production may have. */
describe("the way of an artifact from staging to production", function () {
  this.timeout(600_000);
  let project: Project;
  let artifact: string;
  const standIns: Record<string, StandIn> = {};
  const watches: { stop(): Promise<void> }[] = [];

  const rollout = async (environment: string) => {
    const found = (await readLive(project.api(`${environment}-systems`)))!.wdbx!.rollout!;
    return found;
  };
  const pass = async (environment: string): Promise<void> => {
    await waitFor("the stand-in to have seen the last step", async () => {
      const { spec, status } = await rollout(environment);
      return status.observedStep === spec.step && status.onTarget;
    });
    await standIns[environment]!.pass("wdbx", { withoutSoak: true });
  };
  const land = async (environment: string): Promise<void> => {
    await project.set(environment, "wdbx.artifact", artifact);
    await project.goTo(environment, "wdbx", 0);
  };

  before(async () => {
    artifact = await imageOf("simulator:1.1.0");
    project = await Project.open();
    for (const environment of ["staging", "production"]) {
      await project.start(environment);
      standIns[environment] = await project.standIn(environment);
      watches.push(watching(standIns[environment]));
    }
  });
  after(async () => {
    for (const watch of watches) await watch.stop();
    await project?.close();
  });

  it("is refused by production before staging has passed it, and says so", async () => {
    await land("production");
    await pass("production");
    await project.set("production", "wdbx.percent", 5);
    const { code, text } = await project.pulumi("production", "preview");
    assert.notEqual(code, 0);
    assert.match(text, /no signed pass of staging for this artifact; walk the staging ladder with the same artifact/);
  });

  it("is walked in staging", async () => {
    await land("staging");
    await pass("staging");
    await project.goTo("staging", "wdbx", 100);
    await pass("staging");
  });

  it("isn't opened by somebody else's signature, nor by one about another artifact", async () => {
    const { spec } = await rollout("staging");
    const person = await project.signer("anna@example.com", "sre-lead");
    await sign(person, "anna@example.com", "sre-lead", spec);
    assert.notEqual((await project.pulumi("production", "preview")).code, 0);
  });

  it("is opened by the word of staging's analyzer, also when staging has moved on", async () => {
    const { spec } = await rollout("staging");
    await sign(await project.signer("analyzer@staging", "analyzer"), "analyzer@staging", "analyzer", spec);
    await project.set("staging", "wdbx.stable", artifact);
    await project.up("staging");
    await project.up("production");
    const { spec: now } = await rollout("production");
    assert.deepEqual([now.phase, now.artifact], ["canary-5", artifact]);
  });

  async function sign(
    key: string,
    principal: string,
    role: string,
    { phase, revision, attempt }: { phase: string | undefined; revision: string; attempt: number },
  ): Promise<void> {
    await project.rampart(
      ...["sign", "wdbx", "--stack", "staging", "--item", "phase-passed", "--as", principal, "--role", role],
      ...["--key", key, "--revision", revision, "--attempt", String(attempt), "--phase", phase!],
    );
  }
});
