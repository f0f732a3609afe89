import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readEngineLog } from "../../../cli/preview/engine-log.ts";
import { root } from "../../../local/paths.ts";
import { preview, up, type Workspace, workspace } from "../../engine/support.ts";
import { mean } from "../mean-attempts.ts";
import { unknownText } from "../pack.ts";
import { component, factsFor, liveAt, type Told, wishFor } from "../rollouts.ts";

/** One component for each system that the test tells of, and something of its own beside it. */
const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
class Rollout extends pulumi.ComponentResource {
  constructor(name: string, args: pulumi.Inputs) { super("rampart:index:Rollout", name, args); }
}
const late = new random.RandomString("late", { length: 4 });
const fill = (value: any): any =>
  value === "UNKNOWN" ? late.result
  : Array.isArray(value) ? value.map(fill)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one)]))
  : value;
for (const [system, told] of Object.entries(JSON.parse(readFileSync("told.json", "utf8")))) {
  const rollout = new Rollout(system, fill(told));
  new random.RandomString(system + "-pods", { length: 8 }, { parent: rollout, dependsOn: rollout });
}
`;

const guard = join(root, "policies/guard");

describe("the guard pack on the real engine", function () {
  this.timeout(120_000);
  let project: Workspace;
  const withPack = [...preview, "--policy-pack", guard, "--policy-pack-config", "pack.json"];
  const tell = (...told: [Told, { system: string }?][]) =>
    project.write({
      "told.json": JSON.stringify(
        Object.fromEntries(told.map(([each, of]) => [of?.system ?? "wdbx", component(each, of).props])),
      ),
    });
  const calendar = (text: string) => project.write({ "calendar.yaml": text });

  before(async () => {
    project = await workspace(program);
    const files = { files: { calendar: join(project.folder, "calendar.yaml") } };
    await project.write({ "pack.json": JSON.stringify({ "rollout-calendar": files }) });
    await calendar("freezes: []\nwindows: []\n");
  });
  after(() => project.remove());

  it("sees a component's plain inputs, lets a good step pass and says that it is at work", async () => {
    await tell([{ wish: wishFor("canary-25"), live: liveAt(wishFor("canary-5")) }]);
    const { text } = await project.run(withPack);
    assert.match(text, /guard@v0\.1\.0/);
    assert.match(text, /guard 0\.1\.0: 7 of 7 rules at work, all mandatory/);
  });

  it("refuses a skipped phase with the reason, and leaves the other system's line clean", async () => {
    await tell(
      [{ wish: wishFor("canary-50"), live: liveAt(wishFor("canary-5")) }],
      [
        { wish: wishFor(undefined, { system: "dwcp-v3" }), live: liveAt(wishFor(undefined, { system: "dwcp-v3" })) },
        { system: "dwcp-v3" },
      ],
    );
    const { text } = await project.failure(withPack);
    assert.match(text, /\[mandatory\] +rollout-step +\(rampart:index:Rollout: wdbx\)/);
    assert.match(text, /advance from canary-5 \(5 %\) to canary-50 \(50 %\): canary-25 comes before it/);
    assert.doesNotMatch(text, /\(rampart:index:Rollout: dwcp-v3\)/);
  });

  it("refuses every mean attempt, each at its own component, and names the pack that did", async () => {
    const told = mean.map(([, each], index) => [`mean-${index}`, component(each).props]);
    const text = JSON.stringify(Object.fromEntries(told)).replaceAll(unknownText, "UNKNOWN");
    await project.write({ "told.json": text });
    const { log } = await project.failure(withPack);
    const { policies, packs } = readEngineLog(readFileSync(log, "utf8"));
    assert.deepEqual(packs, { guard: "0.1.0" });
    const taken = mean.filter(([, , message], index) => {
      const own = policies.filter(({ level, resource }) => level === "mandatory" && resource === `mean-${index}`);
      return !own.some((one) => message.test(one.message));
    });
    assert.deepEqual(
      taken.map(([name]) => name),
      [],
    );
  });

  it("refuses in an update before anything of that system is changed, also without a preview", async () => {
    await tell([{ wish: wishFor("canary-50"), live: liveAt(wishFor("canary-5")) }]);
    const update = [...up, "--policy-pack", guard, "--policy-pack-config", "pack.json"];
    const { text, operations } = await project.failure(update);
    assert.match(text, /canary-25 comes before it/);
    assert.equal(operations["wdbx-pods"], undefined);
  });

  it("refuses a rise whose facts are known only after the update", async () => {
    const facts = factsFor({ expectedRps: "UNKNOWN" });
    await tell([{ wish: { ...wishFor("canary-25"), revision: "UNKNOWN" }, live: liveAt(wishFor("canary-5")), facts }]);
    const { text } = await project.failure(withPack);
    assert.match(text, /wish\.revision isn't known yet/);
    assert.match(text, /facts\.expectedRps isn't known yet/);
  });

  it("refuses a rise in a freeze and lets the way down and steady state pass in it", async () => {
    await calendar(`freezes: [{ name: fair, from: "2020-01-01T00:00Z", length: 9999d }]\nwindows: []\n`);
    await tell([{ wish: wishFor("canary-25"), live: liveAt(wishFor("canary-5")) }]);
    assert.match((await project.failure(withPack)).text, /frozen by fair/);
    const steady = wishFor(undefined, { system: "dwcp-v3" });
    await tell(
      [{ wish: wishFor("canary-5"), live: liveAt(wishFor("canary-50"), { passed: [], onTarget: false }) }],
      [{ wish: steady, live: liveAt(steady) }, { system: "dwcp-v3" }],
    );
    await project.run(withPack);
    await calendar("freezes: []\nwindows: []\n");
  });

  it("refuses to leave a phase that nobody has approved", async () => {
    await tell([{ wish: wishFor("canary-5"), live: liveAt(wishFor("infrastructure")) }]);
    assert.match((await project.failure(withPack)).text, /infrastructure needs 3 signatures by different people/);
  });

  it("shows that a rule was switched off", async () => {
    await tell([{ wish: wishFor("canary-50"), live: liveAt(wishFor("canary-5")) }]);
    await project.write({ "off.json": JSON.stringify({ "rollout-step": "disabled" }) });
    const { text } = await project.start([...preview, "--policy-pack", guard, "--policy-pack-config", "off.json"]).done;
    assert.match(text, /6 of 7 rules at work/);
    assert.match(text, /switched off by its config: rollout-step/);
  });

  it("refuses a config that its schema doesn't know", async () => {
    await tell([{ wish: wishFor(undefined), live: liveAt(wishFor(undefined)) }]);
    await project.write({ "odd.json": JSON.stringify({ "rollout-calendar": { files: { calender: "x" } } }) });
    const { text } = await project.failure([...preview, "--policy-pack", guard, "--policy-pack-config", "odd.json"]);
    assert.match(text, /calender/);
  });
});
