import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureImages, imageNames } from "../../../local/images/images.ts";
import { needsGo } from "./go.ts";
import { blobJson, readTar } from "./tar.ts";

describe("ensureImages", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rampart-images-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const withTools = async (content = "#!/bin/true\n") => {
    const findTool = async (name: string): Promise<string> => join(folder, name);
    for (const name of ["coredns", "prometheus"]) await writeFile(join(folder, name), content);
    return { findTool, folder: join(folder, "images") };
  };

  it("builds an image once: the second call builds nothing and says the same", async () => {
    const options = await withTools();
    const built: string[] = [];
    const onProgress = (line: string): number => built.push(line);
    const first = await ensureImages(["coredns", "prometheus"], { ...options, onProgress });
    assert.deepEqual(built, ["image coredns: building", "image prometheus: building"]);
    const second = await ensureImages(["coredns", "prometheus"], { ...options, onProgress });
    assert.equal(built.length, 2);
    assert.deepEqual(second, first);
    for (const { name, reference, tar } of first) {
      assert.match(reference, new RegExp(`^rampart\\.local/${name}@sha256:[0-9a-f]{64}$`));
      await access(tar);
    }
  });

  it("builds an image again when a tool in it has changed, and no other", async () => {
    const options = await withTools();
    const before = await ensureImages(["coredns", "prometheus"], options);
    await writeFile(join(folder, "prometheus"), "#!/bin/false # longer\n");
    const after = await ensureImages(["coredns", "prometheus"], options);
    assert.equal(after[0]!.reference, before[0]!.reference);
    assert.notEqual(after[1]!.reference, before[1]!.reference);
  });

  it("counts an image whose building was broken off as missing", async () => {
    const options = await withTools();
    const [before] = await ensureImages(["coredns"], options);
    await rm(before!.tar.replace(/tar$/, "json"));
    const built: string[] = [];
    const [after] = await ensureImages(["coredns"], { ...options, onProgress: (line) => built.push(line) });
    assert.deepEqual(built, ["image coredns: building"]);
    assert.deepEqual(after, before);
    assert.deepEqual((await readdir(options.folder)).length, 2, "no scratch folder is left");
  });

  it("builds an image that is asked for twice at the same time without the two getting in each other's way", async () => {
    const options = await withTools();
    const both = await Promise.all([ensureImages(["prometheus"], options), ensureImages(["prometheus"], options)]);
    assert.deepEqual(both[0], both[1]);
    assert.equal((await readdir(options.folder)).length, 2);
  });

  it("drops what a killed build left behind an hour ago, and nothing younger", async () => {
    const options = await withTools();
    for (const name of [".build-old", ".build-new"]) await mkdir(join(options.folder, name), { recursive: true });
    const old = Date.now() / 1000 - 2 * 3600;
    await utimes(join(options.folder, ".build-old"), old, old);
    await ensureImages(["coredns"], options);
    const hidden = (await readdir(options.folder)).filter((name) => name.startsWith("."));
    assert.deepEqual(hidden, [".build-new"]);
  });

  it("keeps the last three builds of an image, and those of others", async () => {
    const options = await withTools();
    await ensureImages(["prometheus"], options);
    for (const size of [1, 2, 3, 4]) {
      await writeFile(join(folder, "coredns"), "x".repeat(size));
      await ensureImages(["coredns"], options);
    }
    const kept = (await readdir(options.folder)).map((file) => file.replace(/-[0-9a-f]+\./, "."));
    const expected = ["json", "tar"].flatMap((end) => [`prometheus.${end}`, ...Array(3).fill(`coredns.${end}`)]);
    assert.deepEqual(kept.sort(), expected.sort());
  });

  it("refuses a name that isn't in the catalogue", async () => {
    await assert.rejects(ensureImages(["redis"]), /redis is not an image of the catalogue: pause, simulator:1\.0\.0/);
    assert.equal(new Set(imageNames).size, imageNames.length);
  });

  it("gives the simulator's versions digests of their own, though they share their layer", async function () {
    await needsGo(this);
    this.timeout(300_000);
    const versions = ["1.0.0", "1.1.0", "1.2.0"];
    const names = versions.map((version) => `simulator:${version}`);
    const images = await ensureImages(names, { folder: join(folder, "images") });
    assert.equal(new Set(images.map((image) => image.reference)).size, versions.length);
    const layers = new Set<string>();
    for (const [index, { tar, reference }] of images.entries()) {
      const entries = await readTar(tar);
      const manifest = blobJson(entries, reference.split("@")[1]!);
      const { config } = blobJson(entries, manifest.config.digest);
      assert.ok(config.Env.includes(`VERSION=${versions[index]}`), config.Env.join());
      assert.deepEqual(config.Entrypoint, ["/usr/bin/simulator"]);
      layers.add(JSON.stringify(manifest.layers));
    }
    assert.equal(layers.size, 1);
  });
});
