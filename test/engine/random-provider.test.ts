import assert from "node:assert/strict";
import { destroy, preview, up, type Workspace, workspace } from "./support.ts";

const program = `
import * as random from "@pulumi/random";
const keepers = { generation: process.env.GENERATION ?? "1" };
const password = new random.RandomPassword("password", { length: 24, minSpecial: 4, keepers });
const id = new random.RandomId("id", { byteLength: 4, prefix: "run-" });
const text = new random.RandomString("text", { length: 8, special: false, upper: false });
const uuid = new random.RandomUuid("uuid");
export const hex = id.hex;
export const short = text.result;
export const whole = uuid.result;
export const secret = password.result;
`;

describe("the embedded random provider", () => {
  let project: Workspace;
  before(async () => {
    project = await workspace(program);
  });
  after(() => project.remove());

  it("makes values once, keeps them, and keeps passwords encrypted", async () => {
    await project.run(up);
    const { text, resources } = await project.state();
    const outputs = resources[0]?.outputs ?? {};
    assert.match(String(outputs.hex), /^run-[0-9a-f]{8}$/);
    assert.match(String(outputs.short), /^[a-z0-9]{8}$/);
    assert.match(String(outputs.whole), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const { text: shown } = await project.run(["stack", "output", "secret", "--show-secrets"]);
    const password = shown.split("\n").find((line) => line.length === 24) ?? "";
    assert.ok((password.match(/[^A-Za-z0-9]/g)?.length ?? 0) >= 4, password);
    assert.ok(!text.includes(password), "the password stands in the state in plain text");
    assert.deepEqual((await project.run(preview)).changes, { same: 5 });
  });

  it("makes a new value when a keeper changes, and only that one", async () => {
    const { operations } = await project.run(preview, { GENERATION: "2" });
    assert.ok(operations.password?.includes("create-replacement"), JSON.stringify(operations));
    assert.deepEqual(operations.uuid, ["same"]);
  });

  it("refuses what it doesn't offer by name", async () => {
    await project.write({
      "index.ts": `import * as random from "@pulumi/random"; new random.RandomPet("pet");`,
    });
    const { text } = await project.failure(preview);
    assert.match(text, /randomPet:RandomPet is not offered by the embedded provider/);
    await project.run(destroy);
  });
});
