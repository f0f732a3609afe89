import { randomInt } from "node:crypto";

export interface CharacterRules {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial: string;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const specials = "!@#$%&*()-_=+[]{}<>:?";

/** A text of the wanted length with at least the wanted number of characters of each class. */
export function randomCharacters(rules: CharacterRules): string {
  const special = rules.overrideSpecial || specials;
  const classes: [used: boolean, characters: string, atLeast: number][] = [
    [rules.lower, letters, rules.minLower],
    [rules.upper, letters.toUpperCase(), rules.minUpper],
    [rules.numeric, digits, rules.minNumeric],
    [rules.special, special, rules.minSpecial],
  ];
  const all = classes.map(([used, characters]) => (used ? characters : "")).join("");
  const demanded = classes.flatMap(([, characters, atLeast]) => pick(characters, atLeast));
  if (all === "") throw new Error("at least one of lower, upper, numeric and special has to be true");
  if (rules.length < Math.max(1, demanded.length)) {
    throw new Error(
      `length: ${rules.length} is less than the ${Math.max(1, demanded.length)} characters that are demanded`,
    );
  }
  return shuffled([...demanded, ...pick(all, rules.length - demanded.length)]).join("");
}

export function shuffled<T>(list: readonly T[]): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

function pick(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters[randomInt(characters.length)]!);
}
