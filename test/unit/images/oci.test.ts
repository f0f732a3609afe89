import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImageContent, writeImage } from "../../../local/images/oci.ts";
import { blobJson, readTar } from "./tar.ts";

const sha256 = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe("an OCI image tar", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rampart-oci-"));
  });
  after(() => rm(folder, { recursive: true }));

  const image = (content = "hello", env = "1"): ImageContent => ({
    name: "app",
    layers: [
      {
        files: [
          { path: "/usr/bin/app", mode: 0o755, content },
          { path: "/bin", mode: 0o777, link: "usr/bin" },
          { path: "etc/app.conf", mode: 0o644, content: "quiet" },
        ],
        folders: [{ path: "/data", mode: 0o777 }],
      },
      { files: [{ path: "/second", mode: 0o644, content: "layer" }] },
    ],
    config: {
      entrypoint: ["/usr/bin/app"],
      cmd: ["run"],
      env: { VERSION: env, A: "b" },
      user: "65532",
      workdir: "/data",
      labels: { z: "1", a: "2" },
      exposedPorts: [9090, 8080],
    },
  });

  it("has an index, a manifest and a configuration whose digests and sizes are those of the blobs", async () => {
    const tar = join(folder, "valid.tar");
    const written = await writeImage(image(), tar);
    const entries = await readTar(tar);
    const json = (name: string) => JSON.parse(entries.get(name)!.content.toString());
    const blob = ({ digest, size }: { digest: string; size: number }): Buffer => {
      const { content } = entries.get(`blobs/${digest.replace(":", "/")}`)!;
      assert.equal(sha256(content), digest);
      assert.equal(content.length, size);
      return content;
    };
    assert.deepEqual(json("oci-layout"), { imageLayoutVersion: "1.0.0" });
    const [described] = json("index.json").manifests;
    assert.equal(described.digest, written.digest);
    const manifest = JSON.parse(blob(described).toString());
    const config = JSON.parse(blob(manifest.config).toString());
    const layers = manifest.layers.map(blob);
    assert.deepEqual(config.rootfs.diff_ids, layers.map(sha256));
    assert.deepEqual(config.config, {
      User: "65532",
      ExposedPorts: { "8080/tcp": {}, "9090/tcp": {} },
      Env: ["A=b", "VERSION=1"],
      Entrypoint: ["/usr/bin/app"],
      Cmd: ["run"],
      WorkingDir: "/data",
      Labels: { a: "2", z: "1" },
    });
    assert.equal(entries.size, 2 + 2 + layers.length, "nothing else is in the tar");
  });

  it("names itself by its digest, in the annotation that containerd registers it under", async () => {
    const tar = join(folder, "named.tar");
    const { digest, reference } = await writeImage(image(), tar);
    assert.match(reference, /^rampart\.local\/app@sha256:[0-9a-f]{64}$/);
    assert.equal(reference, `rampart.local/app@${digest}`);
    const index = JSON.parse((await readTar(tar)).get("index.json")!.content.toString());
    assert.deepEqual(index.manifests[0].annotations, { "io.containerd.image.name": reference });
  });

  it("lists folders before what is in them, sorted, owned by root and without a time", async () => {
    const tar = join(folder, "layer.tar");
    await writeImage(image(), tar);
    const entries = await readTar(tar);
    const index = JSON.parse(entries.get("index.json")!.content.toString());
    const manifest = blobJson(entries, index.manifests[0].digest);
    const layer = await readTar(entries.get(`blobs/${manifest.layers[0].digest.replace(":", "/")}`)!.content);
    const listed = [...layer.values()].map(({ header }) => `${header.name} ${header.mode.toString(8)}`);
    assert.deepEqual(listed, [
      "bin 777",
      "data/ 777",
      "etc/ 755",
      "etc/app.conf 644",
      "usr/ 755",
      "usr/bin/ 755",
      "usr/bin/app 755",
    ]);
    const { type, linkname } = layer.get("bin")!.header;
    assert.deepEqual([type, linkname], ["symlink", "usr/bin"]);
    for (const { header } of [...entries.values(), ...layer.values()]) {
      assert.deepEqual([header.uid, header.gid, header.mtime.getTime()], [0, 0, 0], header.name);
    }
  });

  it("is the same to the byte when written again, also from files with another time and in another order", async () => {
    const source = join(folder, "source");
    await writeFile(source, "from a file");
    const files = [
      { path: "/b", mode: 0o644, source },
      { path: "/a", mode: 0o644, content: "a" },
    ];
    const first = await writeImage(
      { name: "app", layers: [{ files }], config: { env: { X: "1", Y: "2" } } },
      join(folder, "1"),
    );
    await utimes(source, 1, 1);
    const again = { name: "app", layers: [{ files: files.toReversed() }], config: { env: { Y: "2", X: "1" } } };
    const second = await writeImage(again, join(folder, "2"));
    assert.deepEqual(second, first);
    assert.ok((await readFile(join(folder, "1"))).equals(await readFile(join(folder, "2"))));
  });

  it("gets another digest when a file, a mode or a variable changes", async () => {
    const tar = join(folder, "changed.tar");
    const { digest } = await writeImage(image(), tar);
    const mode = image();
    const [first, ...others] = mode.layers;
    const file = { path: "/usr/bin/app", mode: 0o700, content: "hello" };
    const changed = [
      image("hello!"),
      image("hello", "2"),
      { ...mode, layers: [{ ...first!, files: [file, ...first!.files.slice(1)] }, ...others] },
    ];
    const digests = new Set([digest]);
    for (const each of changed) digests.add((await writeImage(each, tar)).digest);
    assert.equal(digests.size, 4);
  });

  it("leaves neither a tar nor scratch files behind when a source is missing", async () => {
    const empty = await mkdtemp(join(folder, "empty-"));
    const layers = [{ files: [{ path: "/a", mode: 0o644, source: join(folder, "absent") }] }];
    await assert.rejects(writeImage({ name: "app", layers, config: {} }, join(empty, "a.tar")), /ENOENT/);
    assert.deepEqual(await readdir(empty), []);
  });

  it("refuses a name that a registry would refuse, and the same path twice", async () => {
    const tar = join(folder, "refused.tar");
    await assert.rejects(writeImage({ name: "App", layers: [], config: {} }, tar), /image name "App"/);
    const file = { path: "/a", mode: 0o644, content: "" };
    await assert.rejects(writeImage({ name: "app", layers: [{ files: [file, file] }], config: {} }, tar), /\/a: twice/);
  });
});
