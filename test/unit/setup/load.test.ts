import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec } from "../../../local/exec.ts";
import { root } from "../../../local/paths.ts";

describe("npm run load", () => {
  let state: string;
  before(async () => {
    state = await mkdtemp(join(tmpdir(), "rampart-load-"));
  });
  after(() => rm(state, { recursive: true }));

  const load = (...args: string[]): Promise<string> =>
    exec(process.execPath, [join(root, "local/load.ts"), ...args], { env: { ...process.env, RAMPART_STATE: state } });

  it("asks for one system, and says what else there is to say", async () => {
    await assert.rejects(load(), /one system has to be named\s+usage: npm run load/);
    await assert.rejects(load("wdbx", "dwcp-manager"), /one system has to be named/);
  });

  it("takes a rate that is one", async () => {
    for (const rate of ["0", "5001", "1.5", "many"]) {
      await assert.rejects(load("wdbx", "--rate", rate), /it has to be a whole number from 1 to 5000/);
    }
  });

  it("says what to type where nothing is running", async () => {
    await assert.rejects(load("wdbx"), /staging isn't running\s+to mend it: npm start -- staging/);
  });
});
