import { join } from "node:path";
import { exec } from "../../../local/exec.ts";
import { programEnv } from "../../../local/images/programs.ts";
import { root } from "../../../local/paths.ts";
import { needsGo } from "./go.ts";

describe("the Go programs of the images", () => {
  before(async function () {
    await needsGo(this);
    this.timeout(300_000); // an empty build cache
  });

  const go = (...args: string[]): Promise<string> =>
    exec("go", args, { cwd: join(root, "local", "images"), env: programEnv() });

  it("satisfy go vet", () => go("vet", "./...")).timeout(300_000);

  it("pass their own tests", () => go("test", "./...")).timeout(300_000);
});
