import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Scram } from "./scram.ts";

export interface ConsoleAddress {
  readonly host: string;
  /** The name that its certificate must have. */
  readonly servername: string;
  readonly ca: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

const sslRequest = 80_877_103;
const protocol = 196_608;

/** A line to a server, or to the console of a PgBouncer: that speaks PostgreSQL's protocol and knows words of its own. */
export class Console {
  readonly #socket: TLSSocket;
  readonly #messages: AsyncGenerator<Message>;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#messages = messagesOf(socket);
  }

  static async open({ host, port, servername, ca, ...login }: ConsoleAddress): Promise<Console> {
    const plain = connectTcp({ host, port, timeout: 3000 });
    plain.once("timeout", () => plain.destroy(new Error(`${host} doesn't answer`)));
    await once(plain, "connect");
    plain.write(Buffer.concat([int(8), int(sslRequest)]));
    const [answer] = (await once(plain, "data")) as [Buffer];
    if (answer.toString() !== "S") throw new Error(`${host} offers no TLS`);
    plain.setTimeout(0);
    const socket = connectTls({ socket: plain, servername, ca });
    await once(socket, "secureConnect");
    const console = new Console(socket);
    try {
      await console.#logIn(login);
      return console;
    } catch (error) {
      console.close();
      throw error;
    }
  }

  /** The rows of the answer, each by its columns' names. */
  async run(command: string): Promise<Readonly<Record<string, string>>[]> {
    this.#send("Q", text(command));
    let columns: string[] = [];
    const rows: Record<string, string>[] = [];
    for (;;) {
      const { type, body } = await this.#next();
      if (type === "T") columns = columnsOf(body);
      if (type === "D") rows.push(Object.fromEntries(valuesOf(body).map((value, index) => [columns[index]!, value])));
      if (type === "Z") return rows;
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #logIn({ user, database, password }: Pick<ConsoleAddress, "user" | "database" | "password">): Promise<void> {
    const startup = Buffer.concat([int(protocol), ...["user", user, "database", database, ""].map(text)]);
    this.#socket.write(Buffer.concat([int(startup.length + 4), startup]));
    const scram = new Scram(password);
    for (;;) {
      const { type, body } = await this.#next();
      if (type === "Z") return;
      if (type !== "R") continue;
      const said = body.toString("utf8", 4);
      const kind = body.readInt32BE(0);
      if (kind === 10) {
        const opening = Buffer.from(scram.opening);
        this.#send("p", Buffer.concat([text("SCRAM-SHA-256"), int(opening.length), opening]));
      } else if (kind === 11) this.#send("p", Buffer.from(scram.answer(said)));
      else if (kind === 12) scram.verify(said);
      else if (kind !== 0)
        throw new Error(`the server asks for a login of kind ${kind}, and SCRAM is what is known here`);
    }
  }

  #send(type: string, body: Buffer): void {
    this.#socket.write(Buffer.concat([Buffer.from(type), int(body.length + 4), body]));
  }

  async #next(): Promise<Message> {
    const { value, done } = await this.#messages.next();
    if (done) throw new Error("the server closed the connection");
    if (value.type === "E") throw new Error(`the server says: ${reasonOf(value.body)}`);
    return value;
  }
}

async function* messagesOf(socket: TLSSocket): AsyncGenerator<Message> {
  let left: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    left = Buffer.concat([left, chunk]);
    while (left.length >= 5 && left.length > left.readInt32BE(1)) {
      const end = left.readInt32BE(1) + 1;
      yield { type: String.fromCharCode(left[0]!), body: left.subarray(5, end) };
      left = left.subarray(end);
    }
  }
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Each name is followed by 18 bytes on the column's type. */
function columnsOf(body: Buffer): string[] {
  const names: string[] = [];
  for (let at = 2; at < body.length; ) {
    const end = body.indexOf(0, at);
    names.push(body.toString("utf8", at, end));
    at = end + 19;
  }
  return names;
}

function valuesOf(body: Buffer): string[] {
  const values: string[] = [];
  for (let at = 2; at < body.length; ) {
    const length = Math.max(0, body.readInt32BE(at));
    values.push(body.toString("utf8", at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}

/** Fields by letters; M is the one for people. */
const reasonOf = (body: Buffer): string =>
  body
    .toString("utf8")
    .split("\0")
    .find((each) => each.startsWith("M"))
    ?.slice(1) ?? "no reason";
