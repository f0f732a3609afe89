import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AtFivePercent, stack, up } from "../cluster/stacks/bypass/at-five-percent.ts";

/** Config and state are files that their owner may edit, and a pull request's preview runs what a stranger wrote. */
describe("with 5 % allowed, nobody gets the canary more by config, the engine's state or a preview", function () {
  this.timeout(200_000);
  let wdbx: AtFivePercent;

  before(async () => {
    wdbx = await AtFivePercent.reach();
  });
  after(() => wdbx?.stop());

  const refused = async (): Promise<string> => {
    const { code, text } = await wdbx.pulumi(...up);
    assert.notEqual(code, 0, text);
    assert.equal(await wdbx.share(), 5);
    return text;
  };

  it("a config that plays tricks", async () => {
    const file = wdbx.project.stackFile(stack);
    const text = await readFile(file, "utf8");
    const tricks: [string, RegExp][] = [
      ['"25"', /is a string/],
      ["5.0001", /5\.0001/],
      ["-1", /-1/],
      ["101", /101/],
      ["25\n    phase: full", /phase/],
      ["25\n    percent: 5", /already defined/],
      ["25\n    bypass: true", /bypass/],
      ["25\n    phase: everybody", /everybody/],
      ['25\n    artifact: "rampart.local/simulator:1.1.0"', /already defined/],
    ];
    for (const [trick, message] of tricks) {
      await writeFile(file, text.replace(/percent: 5$/m, `percent: ${trick}`));
      assert.match(await refused(), message);
    }
    await writeFile(file, text);
  });

  it("a state that was edited, and a refresh", async () => {
    const { text } = await wdbx.pulumi("stack", "export");
    const state = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
    const edited = state.replaceAll('"weight": 5', '"weight": 60');
    assert.notEqual(edited, state);
    const file = join(wdbx.project.state, "edited.json");
    await writeFile(file, edited);
    assert.equal((await wdbx.pulumi("stack", "import", "--file", file)).code, 0);
    await wdbx.project.up(stack);
    assert.equal(await wdbx.share(), 5);
    assert.equal((await wdbx.pulumi("refresh", "--yes", "--skip-preview")).code, 0);
    await wdbx.project.up(stack);
    assert.equal(await wdbx.share(), 5);
  });

  it("an import of what carries the users, which the next update would delete", async () => {
    const thing = ["kubernetes:core/v1:Service", "stolen", "wdbx/wdbx-stable"];
    const imported = await wdbx.pulumi("import", ...thing, "--yes", "--protect=false", "--generate-code=false");
    assert.equal(imported.code, 0, imported.text);
    assert.match(await refused(), /rampart-keep-traffic/);
    const urn = `urn:pulumi:${stack}::rampart::kubernetes:core/v1:Service::stolen`;
    assert.equal((await wdbx.pulumi("state", "delete", urn, "--yes")).code, 0);
    await wdbx.project.up(stack);
    assert.equal(await wdbx.share(), 5);
  });

  it("a pull request sees what would happen, and lets none of it happen", async () => {
    await wdbx.project.set(stack, "wdbx.percent", 0);
    await wdbx.project.set(stack, "kubernetes:context", `${stack}-previewer`);
    const preview = await wdbx.pulumi("preview");
    assert.equal(preview.code, 0, preview.text);
    assert.match(preview.text, /wdbx-route update/);
    const { code, text } = await wdbx.pulumi(...up);
    assert.notEqual(code, 0);
    assert.match(text, /a preview identity writes nothing; dry runs only/);
    assert.equal((await wdbx.live()).spec.phase, "canary-5");
  });

  it("it sees what would happen to the guards too", async () => {
    const platform = `${stack}-platform`;
    await wdbx.project.set(platform, "kubernetes:context", `${stack}-previewer`);
    await wdbx.project.set(platform, "rampart:handover.wdbx", "legacy");
    const preview = await wdbx.project.pulumi(platform, "preview");
    assert.equal(preview.code, 0, preview.text);
    assert.match(preview.text, /gateway update/);
    const { code, text } = await wdbx.project.pulumi(platform, ...up);
    assert.notEqual(code, 0);
    assert.match(text, /User ".*" cannot /);
  });
});
