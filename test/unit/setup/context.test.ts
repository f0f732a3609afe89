import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec } from "../../../local/exec.ts";
import { root } from "../../../local/paths.ts";

describe("npm start -- --context", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rampart-context-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = (...more: string[]): Promise<string> =>
    exec(process.execPath, [join(root, "local/start.ts"), "--context", "kind-mine", ...more], {
      env: { PATH: folder },
    });

  it("deploys both layers with the Pulumi on the PATH, and starts nothing of its own", async () => {
    const calls = join(folder, "calls");
    await writeFile(join(folder, "pulumi"), `#!/bin/sh\necho "$@" >>${calls}\n`);
    await chmod(join(folder, "pulumi"), 0o755);
    await start();
    const made = (await readFile(calls, "utf8")).split("\n").filter((line) => line.startsWith("up"));
    assert.deepEqual(made, [
      "up --stack staging-platform --config kubernetes:context=kind-mine",
      "up --stack staging --config kubernetes:context=kind-mine",
    ]);
  });

  it("says where an analyzer is named that the cluster can pull", async () => {
    await assert.rejects(
      start("--analyzer"),
      /kind-mine can't pull from; name yours in .* of Pulumi.staging-platform.yaml/,
    );
  });

  it("says what is missing where there is no Pulumi", async () => {
    await assert.rejects(start(), /needs the official Pulumi on the PATH\s+to mend it: install Pulumi and log in/);
  });
});
