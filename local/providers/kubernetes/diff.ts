import { isDeepStrictEqual } from "node:util";
import { at, isObject, type Json, type Path, type Properties } from "../base/properties.ts";
import type { ChangeKind, Diff } from "../base/provider.ts";
import { type Mutability, replacingFields } from "./immutable-fields.ts";
import { withoutNulls } from "./kube-object.ts";
import { isAutonamed } from "./naming.ts";

interface Change {
  path: Path;
  kind: ChangeKind;
}

/** What changed in the program, and whether that takes a new object. What the server adds is nobody's change. */
export function diffInputs(oldInputs: Properties, inputs: Properties, mutable: Mutability): Diff {
  const [before, after] = [withoutNulls(oldInputs), withoutNulls(inputs)];
  const replacing = replacingFields(before, after, mutable).filter(
    (field) => !isDeepStrictEqual(at(before, ...field), at(after, ...field)),
  );
  const changes = [...changesOf(before, after)].map(({ path, kind }) => ({
    path: propertyPath(path),
    kind,
    replaces: replacing.some((field) => overlap(field, path)),
  }));
  const replaces = changes.some((change) => change.replaces);
  return { changes, deleteBeforeReplace: replaces && keepsItsName(before, after) };
}

/** Two objects can't have the same name at the same time. */
function keepsItsName(before: Properties, after: Properties): boolean {
  const same = (...path: Path) => isDeepStrictEqual(at(before, ...path), at(after, ...path));
  return !isAutonamed(after) && same("kind") && same("metadata", "name") && same("metadata", "namespace");
}

/** An imported object's inputs are all that the server holds; only what the program names is compared. */
export function onlyNamedIn(program: Json, held: Json): Json {
  if (isObject(program) && isObject(held)) {
    return Object.fromEntries(
      Object.entries(held)
        .filter(([name]) => name in program)
        .map(([name, value]) => [name, onlyNamedIn(program[name]!, value)]),
    );
  }
  if (Array.isArray(program) && Array.isArray(held) && program.length === held.length) {
    return held.map((item, index) => onlyNamedIn(program[index]!, item));
  }
  return held;
}

/** The engine's notation: `spec.containers[0].env["a.b"]`. */
export function propertyPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (/^[A-Za-z_$][\w$]*$/.test(step)) return index === 0 ? step : `.${step}`;
      return `[${JSON.stringify(step)}]`;
    })
    .join("");
}

function* changesOf(before: Json | undefined, after: Json | undefined, path: Path = []): Generator<Change> {
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* changesOf(before[name], after[name], [...path, name]);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      yield* changesOf(before[index], after[index], [...path, index]);
    }
  } else if (before === undefined) {
    yield { path, kind: "add" };
  } else if (after === undefined) {
    yield { path, kind: "delete" };
  } else if (!isDeepStrictEqual(before, after)) {
    yield { path, kind: "update" };
  }
}

function overlap(one: Path, other: Path): boolean {
  const shared = Math.min(one.length, other.length);
  return isDeepStrictEqual(one.slice(0, shared), other.slice(0, shared));
}
