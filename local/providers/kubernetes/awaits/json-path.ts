import { at, isObject, type Json } from "../../base/properties.ts";

/** One step of a path: from the values reached so far to the next ones. */
type Step = (value: Json) => (Json | undefined)[];

const children = (value: Json): Json[] => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);

/** The forms of kubectl's JSONPath that name places in an object. */
const forms: [RegExp, (match: RegExpExecArray) => Step][] = [
  [/^\.?\[\*\]|^\.\*/, () => children],
  [
    /^\.?\[(-?\d+)\]/,
    ([, index]) =>
      (value) =>
        Array.isArray(value) ? [value.at(Number(index))] : [],
  ],
  [
    /^\.?\[(?:'([^']*)'|"([^"]*)")\]/,
    ([, single, double]) =>
      (value) => [at(value, single ?? double ?? "")],
  ],
  [
    /^\.?\[\?\(@((?:\.[\w-]+)+)\s*==\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))\)\]/,
    ([, path = "", ...texts]) =>
      (value) =>
        children(value).filter(
          (child) => String(at(child, ...path.slice(1).split("."))) === texts.find((each) => each !== undefined),
        ),
  ],
  [
    /^\.((?:[^.[\]\\]|\\.)+)/,
    ([, name = ""]) =>
      (value) => [at(value, name.replace(/\\(.)/g, "$1"))],
  ],
];

/** Parses `{.status.conditions[?(@.type=="Ready")].status}`; braces and the first dot may be left out, as with kubectl. */
export function parseJsonPath(expression: string): (object: Json) => Json[] {
  const inner = expression.replace(/^\{(.*)\}$/, "$1").replace(/^\$/, "");
  let rest = /^[.[]/.test(inner) ? inner : `.${inner}`;
  const steps: Step[] = [];
  while (rest !== "") {
    const step = takeStep(rest);
    if (step === undefined) {
      throw new Error(
        `JSONPath "${expression}": can't read "${rest}"; allowed are .name, [n], [*], ['name'] and [?(@.name=="value")]`,
      );
    }
    steps.push(step.follow);
    rest = rest.slice(step.length);
  }
  return (object) =>
    steps.reduce<Json[]>(
      (values, step) => values.flatMap(step).filter((value): value is Json => value !== undefined && value !== null),
      [object],
    );
}

function takeStep(rest: string): { length: number; follow: Step } | undefined {
  for (const [pattern, follow] of forms) {
    const match = pattern.exec(rest);
    if (match) return { length: match[0].length, follow: follow(match) };
  }
  return undefined;
}
