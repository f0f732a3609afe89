import assert from "node:assert/strict";
import type { StandIn } from "../../analyzer/stand-in/writer.ts";
import type { Api } from "../../live/api.ts";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { exposureAt } from "../../stacks/systems/dwcp-manager/segments.ts";
import { addressOf, imageOf, Project, watching } from "../support/environment.ts";
import { isWithinBinomial, Load } from "../support/load.ts";

const stack = "rehearsal";
const system = "dwcp-manager";
const host = `${system}.example.com`;
const segments = ["internal", "premium", "enterprise", "standard"] as const;

/** DWCP Manager: copies of live requests before anybody is moved, then each segment of users at its own pace. */
describe("the life of a rollout with a shadow and segments, dwcp-manager", function () {
  this.timeout(300_000);
  let project: Project;
  let admin: Api;
  let standIn: StandIn;
  let watch: { stop(): Promise<void> };
  let address: string;
  /** Goes on all the time, to see whether somebody misses an answer. */
  let steady: Load;

  const pass = async (): Promise<void> => {
    await waitFor("the stand-in to have seen the last step", async () => {
      const { spec, status } = (await readLive(admin))![system]!.rollout!;
      return status.observedStep === spec.step && status.onTarget;
    });
    await standIn.pass(system, { withoutSoak: true });
  };
  const go = async (percent: number, phase?: string): Promise<void> => {
    await project.set(stack, `${system}.percent`, percent);
    if (phase) await project.set(stack, `${system}.phase`, phase);
    await project.up(stack);
  };
  const share = async (percent: number, ...headers: string[]): Promise<boolean> => {
    const load = await Load.start(address, host, 400, ...headers);
    const { requests, canary } = await load.sample(2000);
    await load.stop();
    return isWithinBinomial(canary, requests, percent / 100);
  };
  /** The proxy hears of a weight a moment after the API server, later on a busy machine. */
  const shares = async (percent: keyof typeof exposureAt): Promise<void> => {
    for (const segment of segments) {
      const expected = exposureAt[percent][segment];
      const header = ["-header", `x-rampart-segment: ${segment}`];
      await waitFor(`${expected} % of ${segment}`, () => share(expected, ...header));
    }
    // Who says nothing of a segment gets no more than the most careful of them.
    const least = Math.min(...Object.values(exposureAt[percent]));
    await waitFor(`${least} % of those without a segment`, () => share(least));
  };
  /** Requests that the canary's pods answered as copies, so far. */
  const mirrored = async (): Promise<number> => {
    const pods = `/api/v1/namespaces/${system}/pods`;
    const found = (await admin.get(`${pods}?labelSelector=rampart.dev/track=canary`)) as {
      items: { metadata: { name: string } }[];
    };
    const texts = await Promise.all(
      found.items.map(({ metadata: { name } }) => project.raw(stack, `${pods}/${name}:9090/proxy/metrics`)),
    );
    const counts = texts.flatMap((text) => [...text.matchAll(/^http_mirrored_requests_total\{.*\} (\d+)/gm)]);
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    admin = project.api(`${stack}-admin`);
    standIn = await project.standIn(stack);
    watch = watching(standIn);
    address = await addressOf(project, stack);
    steady = await Load.start(address, host, 50);
    await project.set(stack, `${system}.artifact`, await imageOf("simulator:1.1.0"));
    await go(0);
  });
  after(async () => {
    await steady?.stop();
    await watch?.stop();
    await project?.close();
  });

  it("gets copies of all requests in its shadow phase, and answers nobody", async () => {
    await shares(0);
    assert.equal(await mirrored(), 0);
    await pass();
    await go(0, "shadow");
    const before = await mirrored();
    await waitFor("copies", async () => (await mirrored()) > before + 500);
    await shares(0);
  });

  it("gets each segment's share, phase by phase, and no copies any more", async () => {
    await pass();
    const { document, write } = await project.config(stack);
    document.deleteIn(["config", `rampart:${system}`, "phase"]);
    await write();
    await go(5);
    await shares(5);
    const before = await mirrored();
    await pass();
    await go(25);
    await shares(25);
    assert.equal(await mirrored(), before);
  });

  it("loses all of them at once when it is aborted, and nobody has missed an answer", async () => {
    await standIn.abort(system, "byzantine-attacks", "one");
    await shares(0);
    const { count, details } = await steady.failures();
    assert.equal(count, 0, JSON.stringify(details));
  });
});
