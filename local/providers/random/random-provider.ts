import { isDeepStrictEqual } from "node:util";
import { type Properties, unknown } from "../base/properties.ts";
import type {
  CheckCall,
  CreateCall,
  Diff,
  DiffCall,
  Failure,
  Provider,
  ReadCall,
  ReadState,
  State,
  UpdateCall,
} from "../base/provider.ts";
import { type Generator, generatorOf } from "./generators.ts";

/** Random values that are made once and then kept in the state. */
export class RandomProvider implements Provider {
  checkConfig(config: Properties): Failure[] {
    return Object.keys(config)
      .filter((key) => key !== "version" && key !== "pluginDownloadURL" && !key.startsWith("__"))
      .map((property) => ({ property, reason: `"${property}" is not known; the random provider has no config` }));
  }

  configure(): void {}

  async check({ type, inputs }: CheckCall) {
    const generator = generatorOf(type);
    return { inputs: { ...generator.defaults, ...inputs }, failures: failuresOf(inputs, generator) };
  }

  /** A value belongs to its inputs: other inputs, another value. */
  async diff({ oldInputs, inputs }: DiffCall): Promise<Diff> {
    const names = new Set([...Object.keys(oldInputs), ...Object.keys(inputs)]);
    const changed = [...names].filter((name) => !isDeepStrictEqual(oldInputs[name], inputs[name]));
    const changes = changed.map((path) => ({ path, kind: "update" as const, replaces: true }));
    return { changes, deleteBeforeReplace: false };
  }

  async create({ type, inputs, preview }: CreateCall): Promise<State> {
    const { generate, outputs, secrets } = generatorOf(type);
    if (preview) {
      const unknowns = Object.fromEntries(outputs.map((name) => [name, unknown]));
      return { id: "", outputs: { ...inputs, ...unknowns }, secrets };
    }
    const made = generate(inputs);
    return { id: made.id, outputs: { ...inputs, ...made.outputs }, secrets };
  }

  async update({ type, id, oldOutputs }: UpdateCall): Promise<State> {
    return { id, outputs: oldOutputs, secrets: generatorOf(type).secrets };
  }

  async read({ type, id, oldInputs, oldOutputs }: ReadCall): Promise<ReadState> {
    const { secrets } = generatorOf(type);
    if (Object.keys(oldOutputs).length === 0) {
      throw new Error(
        `import of ${type} is not offered by the embedded provider; install the official Pulumi CLI and plugin`,
      );
    }
    return { id, inputs: oldInputs, outputs: oldOutputs, secrets };
  }

  async delete(): Promise<void> {}

  cancel(): void {}
}

function failuresOf(inputs: Properties, { required, optional }: Generator): Failure[] {
  const types: Record<string, string> = { ...required, ...optional };
  const missing = Object.keys(required)
    .filter((name) => inputs[name] === undefined)
    .map((property) => ({ property, reason: "is missing" }));
  const wrong = Object.entries(inputs).flatMap(([property, value]) => {
    const type = types[property];
    if (type === undefined) {
      return [
        { property, reason: `is not offered by the embedded provider; allowed are ${Object.keys(types).join(", ")}` },
      ];
    }
    if (value === unknown || typeof value === type) return [];
    return [{ property, reason: `has to be of type ${type}, got ${JSON.stringify(value)}` }];
  });
  return [...missing, ...wrong];
}
