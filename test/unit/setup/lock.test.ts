import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../local/setup/lock.ts";

describe("a lock", () => {
  let file: string;
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), "rampart-lock-")), "lock");
  });
  afterEach(() => rm(join(file, ".."), { recursive: true }));

  it("lets one job in at a time and tells the other whom it waits for", async () => {
    const events: string[] = [];
    let told: number | undefined;
    const waiting = Promise.withResolvers<void>();
    const first = withLock(
      file,
      () => {},
      async () => {
        events.push("first in");
        await waiting.promise;
        events.push("first out");
      },
    );
    const second = withLock(
      file,
      (pid) => {
        told = pid;
        waiting.resolve();
      },
      async () => {
        events.push("second in");
      },
    );
    await Promise.all([first, second]);
    assert.deepEqual(events, ["first in", "first out", "second in"]);
    assert.equal(told, process.pid);
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
