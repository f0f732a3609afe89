import assert from "node:assert/strict";
import type { Api } from "../../../live/api.ts";
import { ChangedOnly } from "../../../live/changed-only.ts";

const path = "/apis/example.dev/v1/things";

interface Thing {
  metadata: { uid: string; name: string; namespace: string; resourceVersion: string };
  value: number;
}

/** An API server with one kind, and what it was asked for. */
class Server {
  readonly things = new Map<string, Thing>();
  readonly asked: string[] = [];
  #version = 0;
  /** Done after the heads were given. */
  meanwhile = (): void => undefined;

  put(name: string, value: number, uid = name): void {
    const metadata = { uid, name, namespace: `space-${name}`, resourceVersion: String(++this.#version) };
    this.things.set(name, { metadata, value });
  }

  readonly api = {
    get: async (asked: string, { headsOnly = false } = {}): Promise<unknown> => {
      this.asked.push(headsOnly ? "heads" : asked === path ? "list" : asked);
      const items = [...this.things.values()].map((one) => structuredClone(one));
      if (headsOnly) {
        this.meanwhile();
        return { items: items.length > 0 ? items.map(({ metadata }) => ({ metadata })) : null };
      }
      return asked === path ? { items } : structuredClone(this.things.get(asked.split("/").at(-1)!));
    },
  } as unknown as Api;
}

describe("a list that is read again and again", () => {
  let server: Server;
  let kind: ChangedOnly;
  const values = async () => ((await kind.list())!.items as Thing[]).map(({ value }) => value);
  beforeEach(() => {
    server = new Server();
    kind = new ChangedOnly(server.api, path);
    for (const [index, name] of ["a", "b", "c"].entries()) server.put(name, index);
  });

  it("reads whole only what is new or has changed", async () => {
    assert.deepEqual(await values(), [0, 1, 2]);
    const [before] = (await kind.list())!.items;
    server.asked.length = 0;
    server.put("b", 7);
    assert.deepEqual(await values(), [0, 7, 2]);
    assert.deepEqual(server.asked, ["heads", "/apis/example.dev/v1/namespaces/space-b/things/b"]);
    assert.equal((await kind.list())!.items[0], before, "the very same object");
  });

  it("reads many by one list", async () => {
    for (let index = 0; index < 50; index += 1) server.put(`many-${index}`, index);
    assert.equal((await values()).length, 53);
    assert.deepEqual(server.asked, ["heads", "list"]);
  });

  it("forgets what is gone, also when it went in between, and takes nothing for what stood in its place", async () => {
    await values();
    server.things.delete("a");
    assert.deepEqual(await values(), [1, 2]);
    server.put("b", 8);
    server.meanwhile = () => server.things.delete("b");
    assert.deepEqual(await values(), [2]);
    server.meanwhile = () => undefined;
    server.put("c", 9, "another c");
    assert.deepEqual(await values(), [9]);
  });

  it("has nothing where there is nothing of the kind", async () => {
    server.things.clear();
    assert.deepEqual(await values(), []);
  });

  it("knows of nothing where there is no such kind", async () => {
    const nothing = { get: async () => undefined } as unknown as Api;
    assert.equal(await new ChangedOnly(nothing, path).list(), undefined);
  });
});
