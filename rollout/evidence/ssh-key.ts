import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { strictBase64, WireReader } from "./ssh-wire.ts";

export interface SshPublicKey {
  type: string;
  /** The key as SSH spells it; two keys are the same if these bytes are. */
  blob: Buffer;
  key: KeyObject;
}

const curves: Record<string, { jwk: string; field: number; hash: string }> = {
  nistp256: { jwk: "P-256", field: 32, hash: "sha256" },
  nistp384: { jwk: "P-384", field: 48, hash: "sha384" },
  nistp521: { jwk: "P-521", field: 66, hash: "sha512" },
};
const smallestRsa = 2048;
const base64url = (bytes: Buffer): string => bytes.toString("base64url");

export function parsePublicKey(blob: Buffer): SshPublicKey {
  const reader = new WireReader(blob);
  const type = reader.text();
  const jwk = readJwk(type, reader);
  reader.end();
  return { type, blob, key: createPublicKey({ key: jwk, format: "jwk" }) };
}

function readJwk(type: string, reader: WireReader): Record<string, string> {
  if (type === "ssh-ed25519") {
    const point = reader.string();
    if (point.length !== 32) throw new RangeError(`an ed25519 key has 32 bytes, this one ${point.length}`);
    return { kty: "OKP", crv: "Ed25519", x: base64url(point) };
  }
  if (type === "ssh-rsa") {
    const [e, n] = [reader.integer(), reader.integer()];
    if (n.length * 8 < smallestRsa)
      throw new RangeError(`an RSA key needs ${smallestRsa} bits, this one has ${n.length * 8}`);
    return { kty: "RSA", e: base64url(e), n: base64url(n) };
  }
  if (type.startsWith("ecdsa-sha2-")) {
    const name = reader.text();
    const curve = curves[name];
    if (!curve || type !== `ecdsa-sha2-${name}`) throw new RangeError(`the curve ${name} doesn't belong to ${type}`);
    const point = reader.string();
    if (point.length !== 1 + 2 * curve.field || point[0] !== 4)
      throw new RangeError("its point is not an uncompressed one");
    const [x, y] = [point.subarray(1, 1 + curve.field), point.subarray(1 + curve.field)];
    return { kty: "EC", crv: curve.jwk, x: base64url(x), y: base64url(y) };
  }
  throw new RangeError(
    `keys of type ${JSON.stringify(type)} are not accepted; use ssh-ed25519, ecdsa-sha2-* or ssh-rsa`,
  );
}

/** `ssh-ed25519 AAAA…`, as in a .pub file, without its comment. */
export function parsePublicKeyText(type: string, base64: string): SshPublicKey {
  const blob = strictBase64(base64);
  if (!blob) throw new RangeError("the key is not base64");
  const key = parsePublicKey(blob);
  if (key.type !== type) throw new RangeError(`the line says ${type}, the key in it is ${key.type}`);
  return key;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: SshPublicKey): string {
  return `SHA256:${createHash("sha256").update(key.blob).digest("base64").replace(/=+$/, "")}`;
}

/** Whether `signature` (SSH's own wrapping: algorithm and bytes) over `data` was made with this key. */
export function verifyRaw(key: SshPublicKey, data: Buffer, signature: Buffer): boolean {
  const reader = new WireReader(signature);
  const algorithm = reader.text();
  const bytes = reader.string();
  reader.end();
  if (key.type === "ssh-ed25519")
    return algorithm === key.type && bytes.length === 64 && verify(null, data, key.key, bytes);
  if (key.type === "ssh-rsa") {
    // ssh-rsa as a signature algorithm is SHA-1.
    const hash = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[algorithm];
    return hash !== undefined && verify(hash, data, key.key, bytes);
  }
  const curve = curves[key.type.slice("ecdsa-sha2-".length)];
  if (!curve || algorithm !== key.type) return false;
  const pair = new WireReader(bytes);
  const [r, s] = [pair.integer(), pair.integer()];
  pair.end();
  if (r.length > curve.field || s.length > curve.field) return false;
  const fixed = Buffer.concat([r, s].map((part) => Buffer.concat([Buffer.alloc(curve.field - part.length), part])));
  return verify(curve.hash, data, { key: key.key, dsaEncoding: "ieee-p1363" }, fixed);
}
