import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Problem } from "./problem.ts";

/**
 * Values in `Pulumi.yaml` would count for every stack that doesn't name them itself, and nobody who reviews a stack
 * file would see them: so none of Rampart's may stand there.
 */
export function projectFileProblems(text: string, file: string): Problem[] {
  const lines = new LineCounter();
  const config = parseDocument(text, { lineCounter: lines, logLevel: "silent" }).get("config", true);
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key }): Problem[] => {
    if (!isScalar(key) || typeof key.value !== "string" || !key.range) return [];
    const isOurs = key.value.startsWith("rampart:") || !key.value.includes(":");
    if (!isOurs) return [];
    const { line, col: column } = lines.linePos(key.range[0]);
    const message = "counts for every stack and is seen in no stack file; move it to the stacks that need it";
    return [{ path: [key.value], message, aboutKey: true, file, line, column, text: key.value }];
  });
}
