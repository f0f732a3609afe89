import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../local/paths.ts";
import { declaredBy, maskDigests, summarize } from "./resources.ts";

const stacks = globSync("Pulumi.*.yaml", { cwd: root }).map((file) => file.split(".")[1]!);

describe("the resources of a stack", () => {
  for (const stack of stacks) {
    it(`are for ${stack} the ones that were reviewed`, async () => {
      const file = join(import.meta.dirname, `${stack}.json`);
      const actual = maskDigests(`${JSON.stringify(await declaredBy(stack), summarize, 2)}\n`);
      if (process.env.UPDATE_GOLDEN) await writeFile(file, actual);
      const reviewed = await readFile(file, "utf8").catch(() => "[]");
      const message = `changed on purpose? UPDATE_GOLDEN=1 npm run test:quick, then review test/golden/${stack}.json`;
      assert.deepEqual(JSON.parse(actual), JSON.parse(reviewed), message);
    });
  }

  it("give nobody a wildcard", async () => {
    const rules = (await declaredBy("production-platform")).flatMap(
      ({ inputs }) => (inputs as { rules?: object[] }).rules ?? [],
    );
    assert.ok(rules.length > 0);
    assert.deepEqual(
      rules.filter((rule) => Object.values(rule).flat().includes("*")),
      [],
    );
  });

  it("name every image by its digest", async () => {
    const declared = [...(await declaredBy("production")), ...(await declaredBy("production-platform"))];
    const images = [...JSON.stringify(declared).matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image!);
    assert.ok(images.length > 0);
    assert.deepEqual(
      images.filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image)),
      [],
    );
  });
});
