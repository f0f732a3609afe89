import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { builtPath, findTool, pinnedVersion, tools } from "../../../local/tools/tools.ts";

describe("the tools", () => {
  it("are all pinned to an exact version", () => {
    for (const { family } of tools) assert.match(pinnedVersion(family), /^v?\d+\.\d+\.\d+$/);
  });

  it("lie in folders of their own that change with how they are built", () => {
    const paths = tools.map(builtPath);
    assert.equal(new Set(paths).size, tools.length);
    const [tool] = tools;
    assert.notEqual(builtPath({ ...tool!, build: { ...tool!.build!, tags: "other" } }), builtPath(tool!));
  });

  describe("on the PATH", () => {
    const path = process.env.PATH;
    let folder: string;
    // Built nowhere, so that only the PATH can have it.
    const tool = { ...tools.find(({ name }) => name === "etcd")!, manifests: ["nothing"] };

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "rampart-tools-"));
      process.env.PATH = `${folder}${delimiter}${path}`;
    });
    afterEach(async () => {
      process.env.PATH = path;
      await rm(folder, { recursive: true });
    });

    const install = async (said: string): Promise<void> => {
      await writeFile(join(folder, "etcd"), `#!/bin/sh\necho '${said}'\n`);
      await chmod(join(folder, "etcd"), 0o755);
    };

    it("are used in the pinned version", async () => {
      await install(`etcd Version: ${pinnedVersion("etcd").slice(1)}`);
      assert.equal(await findTool(tool), join(folder, "etcd"));
    });

    it("are left alone in another version", async () => {
      await install(`etcd Version: ${pinnedVersion("etcd").slice(1)}9`);
      assert.equal(await findTool(tool), undefined);
    });
  });
});
