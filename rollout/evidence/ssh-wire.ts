/** Reads the length-prefixed fields that SSH keys and signatures are made of (RFC 4251, section 5). */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  raw(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new RangeError("it ends in the middle of a field");
    const field = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return field;
  }

  uint32(): number {
    return this.raw(4).readUInt32BE();
  }

  string(): Buffer {
    return this.raw(this.uint32());
  }

  text(): string {
    return this.string().toString("latin1");
  }

  /** A positive integer without its sign byte. */
  integer(): Buffer {
    const field = this.string();
    if (field.length === 0 || field[0]! >= 0x80) throw new RangeError("a number in it isn't positive");
    return field[0] === 0 ? field.subarray(1) : field;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError(`${this.#bytes.length - this.#at} bytes follow its end`);
  }
}

export function wireString(value: Buffer | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Base64 in its one canonical form: Node's own decoder skips over whatever it doesn't know. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
