import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, type Pack, pack } from "tar-stream";

/** A file of an image: copied from `source`, or `content` itself, or a symbolic link. */
export type ImageFile = { readonly path: string; readonly mode: number } & (
  | { readonly source: string }
  | { readonly content: string | Buffer }
  | { readonly link: string }
);

/** A folder whose mode matters; the folders above files need no mention. */
export interface ImageFolder {
  readonly path: string;
  readonly mode: number;
}

/** What a container of the image starts with. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workdir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly exposedPorts?: readonly number[];
}

export interface ImageContent {
  /** The repository's last part: `wdbx` becomes `rampart.local/wdbx`. */
  readonly name: string;
  /** The lowest layer first. */
  readonly layers: readonly { readonly files: readonly ImageFile[]; readonly folders?: readonly ImageFolder[] }[];
  readonly config: ImageConfig;
}

export interface WrittenImage {
  readonly digest: string;
  readonly reference: string;
}

type EntryHeader = Partial<Header> & Pick<Header, "name">;

interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly from: string | Buffer;
}

const registry = "rampart.local";
const imageName = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const mediaType = (kind: string): string => `application/vnd.oci.image.${kind}`;

/** Writes an image as an OCI layout in a tar; the same content gives the same bytes on every machine of an architecture. */
export async function writeImage(image: ImageContent, tarFile: string): Promise<WrittenImage> {
  if (!imageName.test(image.name)) {
    throw new Error(
      `image name ${JSON.stringify(image.name)}: allowed are lower-case letters, digits and . _ - between them`,
    );
  }
  const scratch = await mkdtemp(join(dirname(tarFile), `.${basename(tarFile)}-`));
  try {
    const layers: Blob[] = [];
    for (const [index, layer] of image.layers.entries()) {
      layers.push(await writeLayer(layer.files, layer.folders ?? [], join(scratch, `layer-${index}`)));
    }
    const config = jsonBlob(configDocument(image.config, layers));
    const manifest = jsonBlob({
      schemaVersion: 2,
      mediaType: mediaType("manifest.v1+json"),
      config: { mediaType: mediaType("config.v1+json"), digest: config.digest, size: config.size },
      layers: layers.map(({ digest, size }) => ({ mediaType: mediaType("layer.v1.tar"), digest, size })),
    });
    const reference = `${registry}/${image.name}@${manifest.digest}`;
    const layout = join(scratch, "layout");
    await writeLayout(layout, manifest, reference, [...layers, config, manifest]);
    await rename(layout, tarFile); // a reader sees a whole image or none
    return { digest: manifest.digest, reference };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function configDocument(config: ImageConfig, layers: readonly Blob[]): object {
  const ports = (config.exposedPorts ?? []).map((port) => `${port}/tcp`);
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      ...(config.user && { User: config.user }),
      ...(ports.length > 0 && { ExposedPorts: Object.fromEntries(ports.sort().map((port) => [port, {}])) }),
      ...(config.env && { Env: sorted(config.env).map(([name, value]) => `${name}=${value}`) }),
      ...(config.entrypoint && { Entrypoint: config.entrypoint }),
      ...(config.cmd && { Cmd: config.cmd }),
      ...(config.workdir && { WorkingDir: config.workdir }),
      ...(config.labels && { Labels: Object.fromEntries(sorted(config.labels)) }),
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
  };
}

async function writeLayer(files: readonly ImageFile[], folders: readonly ImageFolder[], to: string): Promise<Blob> {
  const entries = new Map<string, () => Promise<void>>();
  const layer = pack();
  for (const folder of [...parents(files), ...folders]) {
    const name = `${entryName(folder.path)}/`;
    entries.set(name, () => addEntry(layer, { name, mode: folder.mode, type: "directory" }));
  }
  for (const file of files) {
    const name = entryName(file.path);
    if (entries.has(name)) throw new Error(`${file.path}: twice in one layer of an image`);
    const { mode } = file;
    if ("link" in file) {
      entries.set(name, () => addEntry(layer, { name, mode, type: "symlink", linkname: file.link }));
      continue;
    }
    const from = "source" in file ? file.source : Buffer.from(file.content);
    entries.set(name, () => addEntry(layer, { name, mode }, from));
  }
  return writeTar(layer, entries, to);
}

function parents(files: readonly ImageFile[]): ImageFolder[] {
  const found = new Set<string>();
  for (const file of files) {
    for (let path = dirname(`/${entryName(file.path)}`); path !== "/"; path = dirname(path)) found.add(path);
  }
  return [...found].map((path) => ({ path, mode: 0o755 }));
}

const entryName = (path: string): string => path.replace(/^\/+|\/+$/g, "");

async function writeLayout(to: string, manifest: Blob, reference: string, blobs: readonly Blob[]): Promise<void> {
  const index = {
    schemaVersion: 2,
    mediaType: mediaType("index.v1+json"),
    manifests: [
      {
        mediaType: mediaType("manifest.v1+json"),
        digest: manifest.digest,
        size: manifest.size,
        annotations: { "io.containerd.image.name": reference },
      },
    ],
  };
  const layout = pack();
  const entries = new Map<string, () => Promise<void>>();
  const add = (name: string, from: string | Buffer): void => {
    entries.set(name, () => addEntry(layout, { name, mode: 0o644 }, from));
  };
  add("oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" })));
  add("index.json", Buffer.from(JSON.stringify(index)));
  for (const blob of blobs) add(`blobs/${blob.digest.replace(":", "/")}`, blob.from);
  await writeTar(layout, entries, to);
}

async function writeTar(tar: Pack, entries: Map<string, () => Promise<void>>, to: string): Promise<Blob> {
  const hash = createHash("sha256");
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const written = pipeline(tar, measure, createWriteStream(to));
  const filled = (async () => {
    for (const [, add] of sorted(Object.fromEntries(entries))) await add();
    tar.finalize();
  })();
  filled.catch((error: Error) => tar.destroy(error));
  await Promise.all([filled, written]);
  return { digest: `sha256:${hash.digest("hex")}`, size, from: to };
}

/** Adds what would differ from machine to machine as constants: times, owners. */
async function addEntry(tar: Pack, header: EntryHeader, from: string | Buffer = ""): Promise<void> {
  const constant: EntryHeader = { ...header, mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" };
  if (header.type || Buffer.isBuffer(from)) {
    await new Promise<void>((resolve, reject) => {
      tar.entry(constant, from, (error) => (error ? reject(error) : resolve()));
    });
    return;
  }
  const { size } = await stat(from);
  await pipeline(createReadStream(from), tar.entry({ ...constant, size }));
}

function jsonBlob(value: object): Blob {
  const from = Buffer.from(JSON.stringify(value));
  return { digest: `sha256:${createHash("sha256").update(from).digest("hex")}`, size: from.length, from };
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
