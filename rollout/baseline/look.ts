/** The value at a path like `spec.template`, undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((here, key) => (isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined), value);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

export const textsAt = (value: unknown, path: string): string[] =>
  listAt(value, path).filter((one): one is string => typeof one === "string");

export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, path: string): number | undefined {
  const found = at(value, path);
  return typeof found === "number" ? found : undefined;
}

export const entriesAt = (value: unknown, path: string): [string, unknown][] => {
  const found = at(value, path);
  return isObject(found) ? Object.entries(found) : [];
};

export const when = (condition: boolean, said: string): string[] => (condition ? [said] : []);

/** Whether all of the labels that a selector names are there, with the same values. */
export function selects(matchLabels: unknown, labels: unknown): boolean {
  return entriesAt({ matchLabels }, "matchLabels").every(([key, value]) => isObject(labels) && labels[key] === value);
}
