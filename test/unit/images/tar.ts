import { createReadStream } from "node:fs";
import { extract, type Header } from "tar-stream";

export interface Entry {
  readonly header: Header;
  readonly content: Buffer;
}

/** A tar's entries by their names, in the tar's order. */
export async function readTar(file: string | Buffer): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const reader = extract();
  if (Buffer.isBuffer(file)) reader.end(file);
  else createReadStream(file).pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.set(entry.header.name, { header: entry.header, content: Buffer.concat(chunks) });
  }
  return entries;
}

/** A JSON document of an image layout, by the digest that another one names it with. */
export function blobJson(entries: Map<string, Entry>, digest: string) {
  return JSON.parse(entries.get(`blobs/${digest.replace(":", "/")}`)!.content.toString());
}
