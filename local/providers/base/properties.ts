import struct from "google-protobuf/google/protobuf/struct_pb.js";

export type Json = null | boolean | number | string | Json[] | Properties;
export interface Properties {
  [name: string]: Json;
}
export type Path = readonly (string | number)[];

/** Stands for a value that isn't known in a preview, wherever a value may stand. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine has an own mark for each kind of unknown value; for a provider they are one. */
const unknownMarks = new Set([
  unknown,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const refusedSignatures: Record<string, string> = {
  c44067f5952c0a294b673a41bacd8c17: "an asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
};

/** Plain properties, and where in them the secrets are. */
export interface Decoded {
  value: Properties;
  secrets: Path[];
}

export function decode(encoded: struct.Struct | undefined): Decoded {
  const secrets: Path[] = [];
  const walk = (value: unknown, path: Path): Json => {
    if (typeof value === "string") return unknownMarks.has(value) ? unknown : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value as Json;
    const kind = (value as Record<string, unknown>)[signature];
    if (kind === undefined) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, [...path, name])]));
    }
    if (kind !== secretSignature) {
      const what = refusedSignatures[String(kind)] ?? "a special value";
      throw new Error(`${path.join(".")}: ${what} is not offered by the embedded provider; give a plain value`);
    }
    secrets.push(path);
    return walk((value as { value: unknown }).value, path);
  };
  return { value: walk(encoded?.toJavaScript() ?? {}, []) as Properties, secrets };
}

/** The engine's form of properties; what stands at a secret path is marked, whatever it holds. */
export function encode(value: Properties, secrets: readonly Path[] = []): struct.Struct {
  const marked = [...secrets]
    .sort((a, b) => b.length - a.length) // inner ones first, or they could no longer be reached
    .reduce<Json>(markSecret, value);
  return struct.Struct.fromJavaScript(marked as Record<string, struct.JavaScriptValue>);
}

/** A list may come back from a server in another order, so a secret in a list makes the whole list secret. */
export function secretsOfOutputs(secrets: readonly Path[]): Path[] {
  return secrets.map((path) => {
    const inList = path.findIndex((step) => typeof step === "number");
    return inList < 0 ? path : path.slice(0, inList);
  });
}

export function hasUnknowns(value: Json | undefined): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknowns);
  return isObject(value) && Object.values(value).some(hasUnknowns);
}

export function isObject(value: Json | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path, undefined where the path ends early. */
export function at(value: Json | undefined, ...path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isObject(inner) ? inner[String(step)] : undefined;
  }, value);
}

function markSecret(value: Json, [step, ...rest]: Path): Json {
  if (step === undefined) return { [signature]: secretSignature, value };
  const inner = at(value, step);
  if (inner === undefined) return value;
  if (Array.isArray(value)) return value.with(Number(step), markSecret(inner, rest));
  return { ...(value as Properties), [step]: markSecret(inner, rest) };
}
