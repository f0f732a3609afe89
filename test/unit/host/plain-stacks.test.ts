import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const preload = join(import.meta.dirname, "../../../local/host/preload.ts");

describe("a program's error", () => {
  it("is shown at once, also with a line that Node can't colour", async () => {
    const script = `
      const error = new Error("told");
      error.stack = "Error: told\\n    at init (/x/node_modules/@pulumi/resource.ts:1:2)";
      const text = require("node:util").inspect(error, { colors: true });
      if (!text.startsWith("Error: told")) throw new Error(text.slice(0, 80));
    `;
    const options = { timeout: 10_000, env: { ...process.env, RAMPART_PARENT_PID: String(process.pid) } };
    await assert.doesNotReject(promisify(execFile)(process.execPath, ["--import", preload, "-e", script], options));
  });
});
