import assert from "node:assert/strict";
import type { WatchingApi } from "../../../live/api.ts";
import type { Change, WatchFrom } from "../../../live/watch.ts";
import { Watched } from "../../../live/watched.ts";

const path = "/apis/example.dev/v1/things";

interface Thing {
  metadata: { uid: string; resourceVersion: string; managedFields?: object[] };
  value: number;
}

/** An API server with one kind; it tells what changes when the test says so. */
class Server {
  readonly things = new Map<string, Thing>();
  reads = 0;
  watches: { from: WatchFrom; told: (change: Change) => void; end: () => void; breakOff: () => void }[] = [];
  #version = 0;
  isAway = false;

  put(uid: string, value: number): Thing {
    const thing = { metadata: { uid, resourceVersion: String(++this.#version), managedFields: [{}] }, value };
    this.things.set(uid, thing);
    return structuredClone(thing);
  }

  get watch() {
    return this.watches.at(-1)!;
  }

  readonly api = {
    get: async (asked: string): Promise<unknown> => {
      assert.equal(asked, path);
      this.reads += 1;
      if (this.isAway) throw new Error("nobody answers");
      const items = [...this.things.values()].map((one) => structuredClone(one));
      return { metadata: { resourceVersion: String(this.#version) }, items: items.length > 0 ? items : null };
    },
    watch: (_path: string, from: WatchFrom, told: (change: Change) => void): Promise<void> =>
      new Promise((resolve, reject) => {
        this.watches.push({ from, told, end: resolve, breakOff: () => reject(new Error("cut")) });
      }),
  } as unknown as WatchingApi;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a kind that is watched", () => {
  let server: Server;
  let kind: Watched;
  const values = async () => ((await kind.list())!.items as Thing[]).map(({ value }) => value);
  beforeEach(() => {
    server = new Server();
    // What ends after no time has kept its time here.
    kind = new Watched(server.api, path, { renewedAfter: 0, readAfter: 300 });
    for (const [index, name] of ["a", "b", "c"].entries()) server.put(name, index);
  });

  it("is read once, and then told of", async () => {
    assert.deepEqual(await values(), [0, 1, 2]);
    const [before] = (await kind.list())!.items;
    server.watch.told({ type: "MODIFIED", object: server.put("b", 7) });
    server.watch.told({ type: "ADDED", object: server.put("d", 8) });
    server.watch.told({ type: "DELETED", object: server.things.get("c")! });
    assert.deepEqual(await values(), [0, 7, 8]);
    assert.equal((await kind.list())!.items[0], before, "the very same object");
    assert.equal(server.reads, 1);
  });

  it("is read once by all that ask at the same moment", async () => {
    assert.deepEqual(await Promise.all([values(), values()]), [
      [0, 1, 2],
      [0, 1, 2],
    ]);
    assert.equal(await kind.list(), await kind.list(), "the same for as long as nothing changes");
    assert.equal(server.reads, 1);
  });

  it("goes on from where it was when the server has told it for long enough", async () => {
    await kind.list();
    server.watch.told({ type: "MODIFIED", object: server.put("a", 5) });
    server.watch.told({ type: "BOOKMARK", object: { metadata: { resourceVersion: "40" } } });
    server.watch.end();
    await settled();
    assert.equal(server.watches.length, 2);
    assert.equal(server.watch.from.version, "40");
    assert.deepEqual(await values(), [5, 1, 2]);
    assert.equal(server.reads, 1);
  });

  it("isn't believed once nobody tells of it any more, until it was read anew", async () => {
    await kind.list();
    const [before] = (await kind.list())!.items;
    server.isAway = true;
    server.watch.breakOff();
    await settled();
    await assert.rejects(kind.list(), /nobody answers/);
    server.put("b", 9);
    server.isAway = false;
    assert.deepEqual(await values(), [0, 9, 2]);
    assert.equal((await kind.list())!.items[0], before, "the very same object");
    server.watch.told({ type: "DELETED", object: server.things.get("a")! });
    assert.deepEqual(await values(), [9, 2]);
  });

  it("isn't believed either where the server ends before its time, again and again", async () => {
    kind = new Watched(server.api, path, { renewedAfter: 10, readAfter: 300 });
    await kind.list();
    server.watch.end();
    await settled();
    assert.equal(server.watches.length, 1);
    await kind.list();
    assert.equal(server.reads, 2);
  });

  it("is read anew after a time, in case that something was never told", async () => {
    kind = new Watched(server.api, path, { renewedAfter: 0, readAfter: 0 });
    await kind.list();
    const first = server.watch;
    server.put("c", 3);
    await settled();
    assert.deepEqual(await values(), [0, 1, 3]);
    first.told({ type: "MODIFIED", object: server.put("a", 99) });
    first.end();
    await settled();
    assert.equal(server.watches.length, 2, "the one before has ended for good");
  });

  it("keeps nothing of who has written which field", async () => {
    server.watches = [];
    const [first] = (await kind.list())!.items as Thing[];
    server.watch.told({ type: "ADDED", object: server.put("d", 1) });
    const last = (await kind.list())!.items.at(-1) as Thing;
    assert.ok(!("managedFields" in first!.metadata) && !("managedFields" in last.metadata));
  });

  it("has nothing where there is nothing of the kind, and nothing at all where there is no such kind", async () => {
    server.things.clear();
    assert.deepEqual(await values(), []);
    const nothing = { get: async () => undefined } as unknown as WatchingApi;
    assert.equal(await new Watched(nothing, path).list(), undefined);
  });
});
