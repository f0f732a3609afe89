/** One thing wrong with a stack's config, said so that a person can mend it without looking anything up. */
export interface Problem {
  /** Where in the config, from the top: `["rampart:wdbx", "percent"]`; empty when the whole text is meant. */
  path: readonly string[];
  /** What is wrong, without the place. */
  message: string;
  /** The key itself is wrong, not its value. */
  aboutKey?: true;
  /** The values that would have been legal, where they can be listed. */
  allowed?: readonly string[];
  /** The legal value closest to what was written. */
  nearest?: string;
  /** Only for a config read from text: the file, the place (both counted from 1) and what stands there. */
  file?: string;
  line?: number;
  column?: number;
  text?: string;
}

/** What the parser throws where its caller asked for values or nothing; holds every problem, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** `Pulumi.production.yaml:7:14: percent: 30 is not …; allowed: 0, 5, 25, 50, 100; nearest: 25` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, allowed, nearest } = problem;
  const key = file === undefined ? pathText(path) : lastKey(path);
  const parts = [
    file === undefined ? "" : line === undefined ? `${file}: ` : `${file}:${line}:${column}: `,
    key === "" ? "" : `${key}: `,
    message,
    allowed && allowed.length > 0 ? `; allowed: ${allowed.join(", ")}` : "",
    nearest === undefined ? "" : `; nearest: ${nearest}`,
  ];
  return parts.join("");
}

/** `rampart:dwcp-v3.excludeNodes[0]`; a key that would tear the line apart is shown in quotes. */
export function pathText(path: readonly string[]): string {
  const shown = (part: string) => (/^[\p{L}\p{N}_:/.<-]+$/u.test(part) ? part : JSON.stringify(part.slice(0, 60)));
  return path
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? shown(part) : `.${shown(part)}`))
    .join("");
}

function lastKey(path: readonly string[]): string {
  const start = path.findLastIndex((part) => !/^\d+$/.test(part));
  return pathText(path.slice(Math.max(0, start)));
}
