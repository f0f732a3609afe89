import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Json, Path, Properties } from "../base/properties.ts";
import { type CharacterRules, randomCharacters, shuffled } from "./characters.ts";

/** One random resource: what may be given, what comes out. */
export interface Generator {
  required: Record<string, "number" | "object">;
  optional: Record<string, "number" | "string" | "boolean" | "object">;
  defaults: Properties;
  /** Names of what is generated. */
  outputs: readonly string[];
  secrets: readonly Path[];
  generate(inputs: Properties): { id: string; outputs: Properties };
}

const characterInputs = {
  required: { length: "number" },
  optional: {
    lower: "boolean",
    upper: "boolean",
    number: "boolean",
    numeric: "boolean",
    special: "boolean",
    minLower: "number",
    minUpper: "number",
    minNumeric: "number",
    minSpecial: "number",
    overrideSpecial: "string",
    keepers: "object",
  },
  defaults: {
    lower: true,
    upper: true,
    numeric: true,
    special: true,
    minLower: 0,
    minUpper: 0,
    minNumeric: 0,
    minSpecial: 0,
  },
  outputs: ["result"],
} as const;

const generators: Record<string, Generator> = {
  "random:index/randomPassword:RandomPassword": {
    ...characterInputs,
    secrets: [["result"]],
    generate: (inputs) => ({ id: "none", outputs: { result: characters(inputs) } }),
  },
  "random:index/randomString:RandomString": {
    ...characterInputs,
    secrets: [],
    generate(inputs) {
      const result = characters(inputs);
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomId:RandomId": {
    required: { byteLength: "number" },
    optional: { prefix: "string", keepers: "object" },
    defaults: {},
    outputs: ["hex", "dec", "b64Std", "b64Url"],
    secrets: [],
    generate({ byteLength, prefix = "" }) {
      const bytes = randomBytes(Number(byteLength));
      const hex = bytes.toString("hex");
      const b64Url = bytes.toString("base64url");
      const outputs = {
        hex: `${prefix}${hex}`,
        dec: `${prefix}${BigInt(`0x${hex}`)}`,
        b64Std: `${prefix}${bytes.toString("base64")}`,
        b64Url: `${prefix}${b64Url}`,
      };
      return { id: b64Url, outputs };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    required: {},
    optional: { keepers: "object" },
    defaults: {},
    outputs: ["result"],
    secrets: [],
    generate() {
      const result = randomUUID();
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomInteger:RandomInteger": {
    required: { min: "number", max: "number" },
    optional: { keepers: "object" },
    defaults: {},
    outputs: ["result"],
    secrets: [],
    generate({ min, max }) {
      const result = randomInt(Number(min), Number(max) + 1);
      return { id: String(result), outputs: { result } };
    },
  },
  "random:index/randomShuffle:RandomShuffle": {
    required: { inputs: "object" },
    optional: { resultCount: "number", keepers: "object" },
    defaults: {},
    outputs: ["results"],
    secrets: [],
    generate({ inputs, resultCount }) {
      const list = inputs as Json[];
      const wanted = typeof resultCount === "number" ? resultCount : list.length;
      const rounds = list.length === 0 ? 0 : Math.ceil(wanted / list.length);
      const results = Array.from({ length: rounds }, () => shuffled(list)).flat();
      return { id: "-", outputs: { results: results.slice(0, wanted) } };
    },
  },
};

export function generatorOf(type: string): Generator {
  const generator = generators[type];
  if (!generator) {
    throw new Error(`${type} is not offered by the embedded provider; install the official Pulumi CLI and plugin`);
  }
  return generator;
}

function characters({ number, numeric, overrideSpecial, ...rules }: Properties): string {
  return randomCharacters({
    ...rules,
    numeric: number ?? numeric, // the deprecated name of the same switch
    overrideSpecial: overrideSpecial ?? "",
  } as unknown as CharacterRules);
}
