import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { EvidenceError } from "./refusal.ts";
import { parsePublicKey, type SshPublicKey, verifyRaw } from "./ssh-key.ts";
import { strictBase64, WireReader, wireString } from "./ssh-wire.ts";

/** A detached signature as `ssh-keygen -Y sign` writes it (PROTOCOL.sshsig of OpenSSH). */
export interface SshSignature {
  key: SshPublicKey;
  namespace: string;
  hash: "sha256" | "sha512";
  signature: Buffer;
}

const magic = Buffer.from("SSHSIG");
const begin = "-----BEGIN SSH SIGNATURE-----";
const end = "-----END SSH SIGNATURE-----";
const longest = 16_384;

export function parseSignature(armored: string): SshSignature {
  try {
    return readBlob(dearmor(armored));
  } catch (error) {
    throw new EvidenceError("malformed", `the SSH signature can't be read: ${(error as Error).message}; sign again`);
  }
}

function dearmor(armored: string): Buffer {
  if (armored.length > longest) throw new RangeError(`it is longer than ${longest} characters`);
  const lines = armored.trim().split(/\r?\n/);
  if (lines[0] !== begin || lines.at(-1) !== end)
    throw new RangeError(`it doesn't stand between "${begin}" and "${end}"`);
  const bytes = strictBase64(lines.slice(1, -1).join(""));
  if (!bytes) throw new RangeError("what stands between its first and last line is not base64");
  return bytes;
}

function readBlob(blob: Buffer): SshSignature {
  const reader = new WireReader(blob);
  if (!reader.raw(magic.length).equals(magic)) throw new RangeError("it doesn't begin with SSHSIG");
  const version = reader.uint32();
  if (version !== 1) throw new RangeError(`its version is ${version}, known is 1`);
  const key = parsePublicKey(reader.string());
  const namespace = reader.string().toString("utf8");
  if (reader.string().length > 0) throw new RangeError("its reserved field is not empty");
  const hash = reader.text();
  if (hash !== "sha256" && hash !== "sha512")
    throw new RangeError(`its hash ${JSON.stringify(hash)} is neither sha256 nor sha512`);
  const signature = reader.string();
  reader.end();
  return { key, namespace, hash, signature };
}

/** Only that the key in the signature made it over these bytes; whose key that is, `allowed_signers` says. */
export function signatureHolds({ key, namespace, hash, signature }: SshSignature, message: Buffer): boolean {
  try {
    return verifyRaw(key, toBeSigned(message, namespace, hash), signature);
  } catch {
    return false;
  }
}

function toBeSigned(message: Buffer, namespace: string, hash: "sha256" | "sha512"): Buffer {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([magic, wireString(namespace), wireString(""), wireString(hash), wireString(digest)]);
}

/** Signs with an ed25519 key in PEM (PKCS 8): for the keys of processes. People sign with `ssh-keygen -Y sign`. */
export function signWithPem(message: Buffer, pem: string, namespace: string): string {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "ed25519") {
    throw new EvidenceError("malformed", `the signing key is ${key.asymmetricKeyType}; only ed25519 is taken here`);
  }
  const signature = sign(null, toBeSigned(message, namespace, "sha512"), key);
  const version = Buffer.from([0, 0, 0, 1]);
  const blob = Buffer.concat([
    magic,
    version,
    wireString(publicBlobOf(pem)),
    wireString(namespace),
    wireString(""),
    wireString("sha512"),
    wireString(Buffer.concat([wireString("ssh-ed25519"), wireString(signature)])),
  ]);
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return `${[begin, ...lines, end].join("\n")}\n`;
}

/** The line for `allowed_signers` that belongs to an ed25519 private key in PEM: `ssh-ed25519 AAAA…`. */
export function publicKeyTextOf(pem: string): string {
  return `ssh-ed25519 ${publicBlobOf(pem).toString("base64")}`;
}

function publicBlobOf(pem: string): Buffer {
  const { x } = createPublicKey(pem).export({ format: "jwk" });
  return Buffer.concat([wireString("ssh-ed25519"), wireString(Buffer.from(x!, "base64url"))]);
}
