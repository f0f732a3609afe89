/** What the engine writes where a value isn't known before the update, one for each type. */
const unknownValues: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export interface PlainProps {
  value: unknown;
  /** Where something isn't known yet, like `wish.revision`. */
  unknown: string[];
}

/**
 * A resource's inputs as plain data. The policy SDK's own object throws as soon as an unknown is touched, and then turns
 * the whole policy into one advisory line; a guard has to go on and refuse. A property's descriptor doesn't throw.
 */
export function plainProps(props: object): PlainProps {
  const unknown: string[] = [];
  const copy = (value: unknown, path: string): unknown => {
    if (unknownValues.has(value)) {
      unknown.push(path);
      return undefined;
    }
    if (Array.isArray(value)) return indicesOf(value).map((index) => copy(rawAt(value, index), `${path}.${index}`));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.getOwnPropertyNames(value).map((key): [string, unknown] => [
      key,
      copy(rawAt(value, key), path === "" ? key : `${path}.${key}`),
    ]);
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
  };
  return { value: copy(props, ""), unknown };
}

const rawAt = (value: object, key: string): unknown => Object.getOwnPropertyDescriptor(value, key)?.value;

const indicesOf = (list: readonly unknown[]): string[] =>
  Object.getOwnPropertyNames(list).filter((name) => name !== "length");
