import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const field = (text: string, name: string): string => {
  const found = text.split(",").find((each) => each.startsWith(`${name}=`));
  if (!found) throw new Error(`the pool's login lacks "${name}"`);
  return found.slice(name.length + 1);
};

/** The client's side of SCRAM-SHA-256, RFC 7677: it shows that it knows the password, and asks the same of the server. */
export class Scram {
  readonly #password: string;
  readonly #first: string;
  readonly #nonce: string;
  #expected: Buffer = Buffer.alloc(0);

  /** The user may stay empty: PostgreSQL takes the one that the connection began with. */
  constructor(password: string, user = "", nonce = randomBytes(18).toString("base64")) {
    this.#password = password;
    this.#nonce = nonce;
    this.#first = `n=${user},r=${nonce}`;
  }

  /** What the client begins with. */
  get opening(): string {
    return `n,,${this.#first}`;
  }

  /** The proof, in answer to the server's challenge. */
  answer(challenge: string): string {
    const nonce = field(challenge, "r");
    if (!nonce.startsWith(this.#nonce)) throw new Error("the pool's login answers somebody else");
    const salt = Buffer.from(field(challenge, "s"), "base64");
    const salted = pbkdf2Sync(this.#password, salt, Number(field(challenge, "i")), 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const storedKey = createHash("sha256").update(clientKey).digest();
    const last = `c=biws,r=${nonce}`;
    const all = `${this.#first},${challenge},${last}`;
    const signature = hmac(storedKey, all);
    const proof = clientKey.map((byte, index) => byte ^ signature[index]!);
    this.#expected = hmac(hmac(salted, "Server Key"), all);
    return `${last},p=${Buffer.from(proof).toString("base64")}`;
  }

  /** Throws unless the server knows the password too. */
  verify(final: string): void {
    const shown = Buffer.from(field(final, "v"), "base64");
    if (shown.length !== this.#expected.length || !timingSafeEqual(shown, this.#expected)) {
      throw new Error("the pool doesn't know the password that it asks for");
    }
  }
}
