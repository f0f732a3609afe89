import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type Properties, unknown } from "../base/properties.ts";
import type {
  CheckCall,
  CreateCall,
  DeleteCall,
  Diff,
  DiffCall,
  Failure,
  Provider,
  ReadCall,
  ReadState,
  State,
  UpdateCall,
} from "../base/provider.ts";
import { checkConfig, clientsOf } from "./config.ts";
import { keyAndRoleKinds } from "./keys-and-roles.ts";
import type { Clients, Kind } from "./kind.ts";
import { s3Kinds } from "./s3.ts";

const kinds: Readonly<Record<string, Kind>> = { ...s3Kinds, ...keyAndRoleKinds };

/** A stand-in for the provider of AWS: the types that a bucket for backups is made of, in a server on this machine. */
export class AwsProvider implements Provider {
  #clients: Clients | undefined;

  checkConfig(config: Properties): Failure[] {
    return checkConfig(config);
  }

  configure(config: Properties): void {
    this.#clients = clientsOf(config);
  }

  async check({ type, inputs }: CheckCall) {
    const { required, optional } = kindOf(type);
    const allowed = [...required, ...optional];
    const missing = required
      .filter((name) => inputs[name] === undefined)
      .map((property) => ({ property, reason: "is missing; the embedded provider makes no names and no defaults" }));
    const strange = Object.keys(inputs)
      .filter((name) => !allowed.includes(name) && !name.startsWith("__"))
      .map((property) => ({
        property,
        reason: `is not offered by the embedded provider; allowed are ${allowed.join(", ")}`,
      }));
    return { inputs, failures: [...missing, ...strange] };
  }

  async diff({ type, oldInputs, inputs }: DiffCall): Promise<Diff> {
    const { fixed } = kindOf(type);
    const names = [...new Set([...Object.keys(oldInputs), ...Object.keys(inputs)])];
    const changed = names.filter((name) => !isSame(oldInputs[name], inputs[name]));
    const changes = changed.map((path) => ({ path, kind: "update" as const, replaces: fixed.includes(path) }));
    // Names are the program's own, so the old one is in the way of the new one.
    return { changes, deleteBeforeReplace: true };
  }

  async create({ type, inputs, preview }: CreateCall): Promise<State> {
    const kind = kindOf(type);
    if (preview) return { id: "", outputs: { ...inputs, ...unknowns(kind) } };
    return this.#state(kind, inputs, await kind.write(this.#open(), inputs));
  }

  async update({ type, id, inputs, oldOutputs, preview }: UpdateCall): Promise<State> {
    const kind = kindOf(type);
    if (preview) return { id, outputs: { ...oldOutputs, ...inputs } };
    return this.#state(kind, inputs, await kind.write(this.#open(), inputs, id));
  }

  /** Of what is there only what the program has a say in counts, in its own spelling where that means the same. */
  async read({ type, id, oldInputs }: ReadCall): Promise<ReadState | undefined> {
    const kind = kindOf(type);
    if (Object.keys(oldInputs).length === 0) {
      throw new Error(
        `import of ${type} is not offered by the embedded provider; install the official Pulumi CLI and plugin`,
      );
    }
    const found = await kind.read(this.#open(), id);
    if (!found) return undefined;
    const inputs = Object.fromEntries(
      Object.entries(oldInputs).map(([name, old]) => {
        const now = asNamed(old, found[name]);
        return [name, now === undefined || isSame(old, now) ? old : now];
      }),
    );
    return { id, inputs, outputs: { ...found, ...inputs } };
  }

  async delete({ type, id, oldInputs }: DeleteCall): Promise<void> {
    await kindOf(type).remove(this.#open(), id, oldInputs);
  }

  cancel(): void {}

  async #state(kind: Kind, inputs: Properties, id: string): Promise<State> {
    const found = await kind.read(this.#open(), id);
    if (!found) throw new Error(`${id} isn't there, though it was just made`);
    return { id, outputs: { ...found, ...inputs } };
  }

  #open(): Clients {
    if (!this.#clients) throw new Error("the provider has no config yet");
    return this.#clients;
  }
}

function kindOf(type: string): Kind {
  const kind = kinds[type];
  if (kind) return kind;
  throw new Error(`${type} is not offered by the embedded provider; there are ${Object.keys(kinds).join(", ")}`);
}

const unknowns = ({ outputs }: Kind): Properties => Object.fromEntries(outputs.map((name) => [name, unknown]));

/** What is there, without what only the server adds to it. */
function asNamed(old: Json, now: Json | undefined): Json | undefined {
  if (Array.isArray(old) && Array.isArray(now)) {
    return now.map((item, index) => (old[index] === undefined ? item : (asNamed(old[index], item) as Json)));
  }
  if (!isObject(old) || !isObject(now)) return now;
  const there = Object.keys(old).filter((name) => now[name] !== undefined);
  return Object.fromEntries(there.map((name) => [name, asNamed(old[name]!, now[name]) as Json]));
}

/** Policies are the same whatever the order and the spaces of their JSON. */
function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return isDeepStrictEqual(asJson(one), asJson(other));
}

function asJson(value: Json | undefined): Json | undefined {
  if (typeof value !== "string" || !value.startsWith("{")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
