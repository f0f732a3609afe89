import assert from "node:assert/strict";
import { preview, up, type Workspace, workspace } from "./support.ts";

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { double } from "./lib/double.ts";
const config = new pulumi.Config();
if (process.env.FAIL) throw new Error("this program can't go on");
const text = new random.RandomString("text", { length: config.getNumber("length") ?? 4 });
interface Outputs { doubled: number }
const outputs: Outputs = { doubled: double(21) };
export const { doubled } = outputs;
export const token = config.getSecret("token");
export const dry = pulumi.runtime.isDryRun();
export const where = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
export const size = text.length;
`;

describe("the embedded language host", () => {
  let project: Workspace;
  before(async () => {
    project = await workspace(program);
    await project.write({ "lib/double.ts": "export const double = (n: number): number => n * 2;\n" });
  });
  after(() => project.remove());

  it("runs a TypeScript program without a build step and hands it its config", async () => {
    await project.run(["config", "set", "--secret", "token", "much-too-open"]);
    await project.run(up);
    const { text, resources } = await project.state();
    const { token, ...plain } = resources[0]?.outputs ?? {};
    assert.deepEqual(plain, { doubled: 42, dry: false, where: "organization/tested/test", size: 4 });
    assert.match(JSON.stringify(token), /ciphertext/);
    assert.ok(!text.includes("much-too-open"));
  });

  it("fails with the program's own error and changes nothing", async () => {
    const { text } = await project.failure(up, { FAIL: "1" });
    assert.match(text, /this program can't go on/);
    assert.match(text, /index\.ts:6/);
    assert.equal((await project.state()).resources.length, 3);
  });

  it("runs a policy pack, also a TypeScript one, and stops at what it denies", async () => {
    await project.write({
      "pack/PulumiPolicy.yaml": "runtime: nodejs\nmain: index.js\n",
      "pack/package.json": JSON.stringify({ name: "pack", version: "1.0.0", type: "module" }),
      "pack/index.js": 'import "./pack.ts";\n',
      "pack/pack.ts": `
        import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
        const long: ResourceValidationPolicy = {
          name: "long-enough", description: "texts are long", enforcementLevel: "mandatory",
          validateResource: ({ type, props }, report) => {
            if (type === "random:index/randomString:RandomString" && props.length < 8) report("at least 8, got " + props.length);
          },
        };
        new PolicyPack("lengths", { policies: [long] });
      `,
    });
    const withPack = [...preview, "--policy-pack", "pack"];
    assert.match((await project.failure(withPack)).text, /at least 8, got 4/);
    await project.run(["config", "set", "length", "9"]);
    assert.match((await project.run(withPack)).text, /lengths/);
  });

  it("refuses a runtime option that it would not follow", async () => {
    await project.write({
      "Pulumi.yaml":
        "name: tested\nruntime: { name: nodejs, options: { typescript: false, tsconfig: other.json } }\nmain: index.ts\n",
    });
    assert.match(
      (await project.failure(preview)).text,
      /runtime option "tsconfig" is not offered by the embedded language host/,
    );
  });
});
