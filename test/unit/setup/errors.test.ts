import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecError, exec } from "../../../local/exec.ts";
import { root } from "../../../local/paths.ts";

/** The real set-up, on a machine whose commands are little scripts. */
describe("a set-up that can't go on says why", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rampart-setup-"));
    for (const command of ["openssl", "ip", "nsenter", "ssh-keygen"]) await stub(command, "exit 0");
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function stub(name: string, script: string): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }

  async function setup(...args: string[]): Promise<{ code: number | null; said: string }> {
    const env = { PATH: folder, RAMPART_CACHE: join(folder, "cache") };
    const script = join(root, "local/setup/setup.ts");
    return exec(process.execPath, [script, "--only", "api", ...args], { env }).then(
      (said) => ({ code: 0, said }),
      (error) => {
        assert.ok(error instanceof ExecError, String(error));
        return { code: error.code, said: error.stderr };
      },
    );
  }

  const goThatFailsWith = (message: string): Promise<void> =>
    stub("go", `[ "$1" = env ] && echo go1.26.8 && exit 0\necho '${message}' >&2\nexit 1`);

  it("when there is no Go", async () => {
    const { code, said } = await setup();
    assert.equal(code, 1);
    assert.match(said, /Go is not on the PATH[\s\S]*install Go 1\.26 or newer/);
  });

  it("when Go is too old", async () => {
    await stub("go", "echo go1.22.1");
    assert.match((await setup()).said, /Go 1\.26 or newer is needed, this is go1\.22\.1/);
  });

  it("when the disk is full", async () => {
    await goThatFailsWith("write /cache/x: no space left on device");
    assert.match(
      (await setup()).said,
      /etcd v[\d.]+ could not be built: the disk is full[\s\S]*goes on where it stopped/,
    );
  });

  it("when there is no network", async () => {
    await goThatFailsWith("dial tcp: lookup proxy.example.com: no such host");
    assert.match((await setup()).said, /the registry is out of reach[\s\S]*check the network/);
  });

  it("when the registry refuses a version", async () => {
    await goThatFailsWith("reading https://proxy.example.com/x.mod: 404 Not Found");
    assert.match((await setup()).said, /the registry refuses this version/);
  });

  it("when what the registry sends is not what was pinned", async () => {
    await goThatFailsWith("verifying module: checksum mismatch");
    assert.match((await setup()).said, /not what was pinned/);
  });

  it("when an option is unknown, with the code for wrong usage", async () => {
    const { code, said } = await setup("--olny", "api");
    assert.equal(code, 2);
    assert.match(said, /--olny[\s\S]*--help/);
  });
});
