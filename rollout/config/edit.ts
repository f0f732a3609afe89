import { type Document, isMap, isScalar, type Node, type Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";
import { ConfigError } from "./problem.ts";
import { isRecord, scanStackFile } from "./scan.ts";

/** The keys that a promotion, a settle, a rollback or a leave-taking moves. */
export type EditableKey = "stable" | "artifact" | "percent" | "phase" | "decommission";
type Value = string | number | true;

/**
 * Sets one value of a system in the text of a stack file and leaves every other character as it is, comments
 * included. `undefined` takes the key away. Throws ConfigError where the text can't be edited safely.
 */
export function editStackFile(
  text: string,
  file: string,
  system: string,
  key: EditableKey,
  value: Value | undefined,
): string {
  const place = { path: [`rampart:${system}`, key], file };
  return editEntries(text, place, (document, expected) => {
    const map = document.getIn(["config", `rampart:${system}`], true);
    if (!isMap(map))
      throw new ConfigError([{ ...place, message: "can't be edited: the system has no entry in this file" }]);
    const entry = expected[`rampart:${system}`] as Record<string, unknown>;
    if (value === undefined) delete entry[key];
    else entry[key] = value;
    return edit(text, map as YAMLMap<Scalar, Scalar>, key, value);
  });
}

/** Adds a system as the last entry of the config, with the indentation that the others have. */
export function addSystem(text: string, file: string, system: string, entry: Readonly<Record<string, Value>>): string {
  const key = `rampart:${system}`;
  return editEntries(text, { path: [key], file }, (document, expected) => {
    const config = document.get("config", true) as YAMLMap<Scalar, Node>;
    const last = config.items.at(-1)!;
    expected[key] = { ...entry };
    const indent = text.slice(lineStart(text, last.key.range![0]), last.key.range![0]);
    const newline = text.includes("\r\n") ? "\r\n" : "\n";
    const lines = [
      `${key}:`,
      ...Object.entries(entry).map(([name, value]) => `  ${name}: ${render(value, undefined)}`),
    ];
    const at = lineEnd(text, text.slice(0, last.value!.range![1]).trimEnd().length);
    const head = text.slice(0, at).replace(/\r$/, "");
    return head + lines.map((line) => newline + indent + line).join("") + text.slice(head.length);
  });
}

/** Takes a system's entry away. */
export function removeSystem(text: string, file: string, system: string): string {
  const key = `rampart:${system}`;
  return editEntries(text, { path: [key], file }, (document, expected) => {
    const config = document.get("config", true) as YAMLMap<Scalar, Node>;
    const pair = config.items.find((item) => item.key.value === key);
    if (!pair) return text;
    delete expected[key];
    const start = lineStart(text, pair.key.range![0]);
    const end = text.slice(0, pair.value!.range![1]).trimEnd().length;
    return text.slice(0, start) + text.slice(lineEnd(text, end) + 1);
  });
}

/** Holds an edit of the text to what it is meant to change; throws ConfigError where it would change more. */
function editEntries(
  text: string,
  place: { path: readonly string[]; file: string },
  change: (document: Document, expected: Record<string, unknown>) => string,
): string {
  const before = scanStackFile(text, place.file);
  if (before.problems.length > 0) throw new ConfigError(before.problems);
  const expected = structuredClone(before.entries) as Record<string, unknown>;
  const edited = change(parseDocument(text, { merge: false }), expected);
  const after = scanStackFile(edited, place.file);
  const isAsMeant = after.problems.length === 0 && canonical(after.entries) === canonical(expected);
  if (isAsMeant) return edited;
  throw new ConfigError([
    { ...place, message: "can't be edited without touching more than this value; edit it by hand" },
  ]);
}

function edit(text: string, map: YAMLMap<Scalar, Scalar>, key: EditableKey, value: Value | undefined): string {
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (value === undefined) return pair ? remove(text, map, pair) : text;
  if (!pair) return insert(text, map, key, value);
  const scalar = pair.value;
  if (!isScalar(scalar) || !scalar.range) return text;
  const [start, end] = scalar.range;
  return text.slice(0, start) + render(value, scalar.type) + text.slice(end);
}

function render(value: Value, style: string | null | undefined): string {
  if (typeof value !== "string") return String(value);
  if (style === "QUOTE_SINGLE") return `'${value}'`;
  return style === "QUOTE_DOUBLE" || !/^[a-z][a-z0-9-]*$/.test(value) ? JSON.stringify(value) : value;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

/** New keys go behind `percent`, which every system has. */
function insert(text: string, map: YAMLMap<Scalar, Scalar>, key: EditableKey, value: Value): string {
  const percent = map.items.find((item) => item.key.value === "percent");
  const [start] = percent?.key.range ?? [0];
  const [, end] = percent?.value?.range ?? [0, 0];
  const line = `${key}: ${render(value, undefined)}`;
  if (map.flow) return `${text.slice(0, end)}, ${line}${text.slice(end)}`;
  const at = lineEnd(text, end);
  const indent = text.slice(lineStart(text, start), start);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const head = text.slice(0, at).replace(/\r$/, "");
  return `${head}${newline}${indent}${line}${text.slice(head.length)}`;
}

function remove(text: string, map: YAMLMap<Scalar, Scalar>, pair: Pair<Scalar, Scalar>): string {
  const [start] = pair.key.range!;
  const end = pair.value?.range?.[1] ?? pair.key.range![1];
  if (!map.flow) return text.slice(0, lineStart(text, start)) + text.slice(lineEnd(text, end) + 1);
  const before = text.slice(0, start).replace(/,\s*$/, "");
  if (before.length < start && text[before.length] === ",") return before + text.slice(end);
  return text.slice(0, start) + text.slice(end).replace(/^\s*,\s*/, "");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
