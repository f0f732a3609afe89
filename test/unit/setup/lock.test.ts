import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../local/setup/lock.ts";

const nobody = (): void => assert.fail("nobody to wait for");

describe("a lock", () => {
  let file: string;
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), "rampart-lock-")), "lock");
  });
  afterEach(() => rm(join(file, ".."), { recursive: true }));

  it("lets one job in at a time and tells the other whom it waits for", async () => {
    const events: string[] = [];
    const isIn = Promise.withResolvers<void>();
    const mayLeave = Promise.withResolvers<void>();
    const first = withLock(file, nobody, async () => {
      isIn.resolve();
      await mayLeave.promise;
      events.push("first is out");
    });
    await isIn.promise;
    const tellOf = (pid: number): void => {
      events.push(`second waits for ${pid}`);
      mayLeave.resolve();
    };
    const second = withLock(file, tellOf, async () => events.push("second is in"));
    await Promise.all([first, second]);
    assert.deepEqual(events, [`second waits for ${process.pid}`, "first is out", "second is in"]);
  });

  it("is taken from a process that is gone", async () => {
    await writeFile(file, "4194305"); // above the largest process number there can be
    assert.equal(
      await withLock(
        file,
        () => assert.fail("nobody to wait for"),
        async () => "in",
      ),
      "in",
    );
  });

  it("is given back when the job fails", async () => {
    await assert.rejects(
      withLock(
        file,
        () => {},
        () => Promise.reject(new Error("no")),
      ),
      /no/,
    );
    assert.equal(
      await withLock(
        file,
        () => assert.fail("nobody to wait for"),
        async () => "in",
      ),
      "in",
    );
  });
});
