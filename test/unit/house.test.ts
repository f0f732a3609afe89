import assert from "node:assert/strict";
import { checks } from "../lint/checks.ts";

describe("the house", () => {
  for (const [name, check] of Object.entries(checks)) {
    it(`is clean: ${name}`, async () => {
      const problems = await check();
      assert.equal(problems.join("\n"), "");
    }).timeout(120_000);
  }
});
