import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseAllDocuments, type Range } from "yaml";
import { nearestWord } from "./nearest.ts";
import type { Problem } from "./problem.ts";

/** Where a value of the text stands: offsets of its key and of itself. */
interface Place {
  key: Range;
  value: Range;
}

/** A stack file's `config` as plain data, with the way back from a path to line and column. */
export interface Scan {
  /** The entries under `config:`; empty when the text could not be read at all. */
  entries: Record<string, unknown>;
  problems: Problem[];
  /** Whether the text is YAML at all; if not, what it lacks is not worth a word. */
  readable: boolean;
  /** Adds file, line, column and the offending text to a problem found later at the same path. */
  locate(problem: Problem): Problem;
}

/** What the engine itself writes beside `config` in a stack file. */
const topLevelKeys = ["config", "secretsprovider", "encryptedkey", "encryptionsalt"];

// Pulumi's own YAML reader ends a line at these, this one doesn't: what is a comment here could be a key there.
const strangeCharacter = /\r(?!\n)|[^\P{Cc}\t\r\n]|[\u2028\u2029\ufeff]/u;
const maxLength = 200_000;
const maxDepth = 32;
// One missing bracket may bring a fault for every line after it.
const maxSyntaxFaults = 3;

const maxOpenBrackets = 200;
const deepIndentation = /^[ \t?:-]{200}/m;

/** Whether the text would cost the YAML reader minutes, or all memory, instead of being refused. */
function isNestedTooDeeply(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open += bracket === "[" || bracket === "{" ? 1 : -1;
    if (open > maxOpenBrackets) return true;
  }
  return deepIndentation.test(text);
}

const joined = (path: readonly string[]): string => JSON.stringify(path);

class Scanner implements Scan {
  entries: Record<string, unknown> = {};
  problems: Problem[] = [];
  readable = false;
  readonly #text: string;
  readonly #file: string;
  readonly #places = new Map<string, Place>();
  readonly #lines = new LineCounter();

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    try {
      this.#read();
    } catch (error) {
      // The YAML reader recurses: a text that is nothing but brackets may exhaust its stack.
      this.#report([], `can't be read as YAML (${error instanceof Error ? error.message : String(error)})`);
    }
  }

  locate(problem: Problem): Problem {
    const place = this.#placeOf(problem.path);
    if (!place) return { ...problem, file: this.#file };
    const range = problem.aboutKey ? place.key : place.value;
    return { ...problem, ...this.#position(range[0]), text: this.#shown(range) };
  }

  #placeOf(path: readonly string[]): Place | undefined {
    for (let length = path.length; length > 0; length--) {
      const place = this.#places.get(joined(path.slice(0, length)));
      if (place) return length === path.length ? place : { key: place.key, value: place.key };
    }
    const config = this.#places.get(joined(["config"]));
    return config && { key: config.key, value: config.key };
  }

  #position(offset: number) {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #shown([start, end]: Range): string {
    const firstLine = this.#text.slice(start, end).split("\n", 1)[0]!.trim();
    return firstLine.length > 80 ? `${firstLine.slice(0, 79)}…` : firstLine;
  }

  #report(path: readonly string[], message: string, range?: Range, hints: Partial<Problem> = {}): void {
    const where = range ? { ...this.#position(range[0]), text: this.#shown(range) } : { file: this.#file };
    this.problems.push({ path, message, ...hints, ...where });
  }

  #read(): void {
    const content = this.#onlyDocument();
    if (content === undefined) return;
    this.readable = true;
    const tree = this.#plain(content, []);
    if (!isRecord(tree)) {
      this.#report([], "expected a map with the key `config`", content?.range);
      return;
    }
    for (const key of Object.keys(tree).filter((name) => !topLevelKeys.includes(name))) {
      const nearest = nearestWord(key, topLevelKeys);
      const message = "is an unknown key: Rampart reads none like it in a stack file";
      this.problems.push(this.locate({ path: [key], message, aboutKey: true, allowed: topLevelKeys, nearest }));
    }
    if (isRecord(tree.config)) this.entries = tree.config;
    else if (this.problems.length === 0) this.#report(["config"], "expected a map of config values", content?.range);
    this.#dropConfigFromPaths();
  }

  /** The content of the file's one document; undefined, with problems reported, when it can't be taken at its word. */
  #onlyDocument(): ParsedNode | null | undefined {
    const text = this.#text;
    if (text.length > maxLength) {
      this.#report([], `is ${text.length} characters long; at most ${maxLength}`);
      return undefined;
    }
    if (isNestedTooDeeply(text)) {
      this.#report([], "can't be read as YAML: it is nested far too deeply");
      return undefined;
    }
    const documents = parseAllDocuments(text, {
      lineCounter: this.#lines,
      uniqueKeys: false, // told apart here, with the place of both
      merge: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    const strange = strangeCharacter.exec(text);
    if (strange) {
      const code = strange[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      const message = `has the control character U+${code}, which YAML readers understand differently; remove it`;
      this.#report([], message, [strange.index, strange.index, strange.index]);
    }
    if (!Array.isArray(documents) || documents.length === 0) {
      this.#report([], "is empty; expected `config:`");
      return undefined;
    }
    const faults = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
    for (const { message, pos } of faults.slice(0, maxSyntaxFaults)) {
      this.#report([], `can't be read as YAML: ${message}`, [pos[0], pos[1], pos[1]]);
    }
    const directive = documents.find((document) => document.directives?.yaml.explicit);
    if (directive) this.#report([], "a %YAML directive changes what values mean; remove it", directive.range);
    if (documents.length > 1) {
      const second = documents[1]!.contents?.range ?? documents[1]!.range;
      this.#report([], "holds several documents; a stack file is one, without `---` lines between", second);
    }
    return this.problems.length > 0 ? undefined : documents[0]!.contents;
  }

  /** Later problems speak of `rampart:wdbx`, not of `config` → `rampart:wdbx`. */
  #dropConfigFromPaths(): void {
    for (const [key, place] of [...this.#places]) {
      const path: string[] = JSON.parse(key);
      if (path[0] === "config" && path.length > 1) this.#places.set(joined(path.slice(1)), place);
    }
  }

  #plain(node: ParsedNode | null | undefined, path: readonly string[]): unknown {
    if (!node) return null;
    if (path.length > maxDepth) {
      this.#report(path, `is nested deeper than ${maxDepth} levels`, node.range);
      return null;
    }
    if (isAlias(node)) {
      this.#report(path, "an alias hides the value from review; write the value itself", node.range);
      return null;
    }
    if (node.anchor) this.#report(path, `the anchor &${node.anchor} is not allowed; write each value out`, node.range);
    if (node.tag)
      this.#report(
        path,
        `the tag ${node.tag.replace(/^tag:yaml.org,2002:/, "!!")} is not allowed; write the plain value`,
        node.range,
      );
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const itemPath = [...path, String(index)];
        if (item.range) this.#places.set(joined(itemPath), { key: item.range, value: item.range });
        return this.#plain(item as ParsedNode, itemPath);
      });
    }
    if (isMap(node)) return this.#plainMap(node.items as { key: ParsedNode; value: ParsedNode | null }[], path);
    if (isScalar(node)) return this.#plainScalar(node, path);
    return null;
  }

  #plainMap(pairs: readonly { key: ParsedNode; value: ParsedNode | null }[], path: readonly string[]): unknown {
    const seen = new Map<string, Range>();
    const entries: [string, unknown][] = [];
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? key.value : undefined;
      if (key?.anchor || key?.tag) this.#report(path, "a key takes no anchor and no tag", key.range);
      if (typeof name !== "string") {
        this.#report(path, "a key has to be a plain string", key?.range ?? value?.range);
        continue;
      }
      const here = [...path, name];
      if (name === "<<") {
        this.#report(here, "a merge key hides values from review; write them out", key.range);
        continue;
      }
      const first = seen.get(name);
      if (first) {
        const { line } = this.#position(first[0]);
        this.#report(here, `the key stands twice, first in line ${line}; keep one`, key.range);
        continue;
      }
      seen.set(name, key.range);
      const range = value?.range && value.range[0] < value.range[1] ? value.range : key.range;
      this.#places.set(joined(here), { key: key.range, value: range });
      entries.push([name, this.#plain(value, here)]);
    }
    return Object.fromEntries(entries);
  }

  #plainScalar(
    node: { value: unknown; source?: string; type?: string; range: Range },
    path: readonly string[],
  ): unknown {
    const { value, source } = node;
    const isOurs = path[0] === "config" && path[1]?.startsWith("rampart:");
    // 010, 0x32, 5e1, 50.0, True: readers of YAML 1.1 and 1.2 disagree on some of these, people on all of them.
    if (isOurs && (typeof value === "number" || typeof value === "boolean") && source !== String(value)) {
      this.#report(path, `${source} can be read in more than one way; write it as ${value}`, node.range);
    }
    return value;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads the text of a stack file strictly: what could mean two things to two readers is refused. Never throws. */
export function scanStackFile(text: string, file: string): Scan {
  return new Scanner(text, file);
}
