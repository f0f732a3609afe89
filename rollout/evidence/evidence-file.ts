import { isScalar, parseAllDocuments, visit } from "yaml";
import { z } from "zod";
import { EvidenceError } from "./refusal.ts";
import { type Statement, statementSchema } from "./statement.ts";

/** A statement and its signature, as they lie in one file of the repository and in one key of a ConfigMap. */
export interface Evidence {
  statement: Statement;
  signature: string;
}

const evidenceSchema = z.strictObject({ statement: statementSchema, signature: z.string().max(16_384) });
const longest = 256 * 1024;

/** Reads YAML or JSON, strictly: one document, no key twice, no anchors or tags, no field that isn't known. */
export function parseEvidence(text: string, file: string): Evidence {
  const result = evidenceSchema.safeParse(parseStrict(text, file));
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 5);
  const unknown = issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown) {
    const path = [...unknown.path, unknown.keys.join(", ")].join(".");
    throw new EvidenceError("unknown-field", `${file}: ${path}: no such field in evidence; take it out and sign again`);
  }
  const list = issues.map(({ path, message }) => `${path.join(".") || "the document"}: ${message}`).join("; ");
  throw new EvidenceError("malformed", `${file}: ${list}`);
}

function parseStrict(text: string, file: string): unknown {
  if (text.length > longest) throw new EvidenceError("unreadable", `${file}: longer than ${longest} characters`);
  const documents = parseAllDocuments(text, { schema: "core", uniqueKeys: true, version: "1.2", strict: true });
  if (!Array.isArray(documents) || documents.length === 0) {
    throw new EvidenceError("unreadable", `${file}: the file is empty; it has to hold a statement and its signature`);
  }
  if (documents.length > 1) {
    throw new EvidenceError(
      "several-documents",
      `${file}: ${documents.length} documents in one file; a file holds one statement, or a reader may believe the wrong one`,
    );
  }
  const document = documents[0]!;
  const problem = [...document.errors, ...document.warnings][0];
  if (problem) {
    const code = problem.code === "DUPLICATE_KEY" ? "duplicate-key" : "unreadable";
    throw new EvidenceError(code, `${file}: ${problem.message.split("\n")[0]!.replace(/:$/, "")}`);
  }
  visit(document, {
    Alias: () => refuseAnchors(file),
    Pair: (_, { key }) => (isScalar(key) ? undefined : refuseKeys(file)),
    Node: (_, node) => (node.anchor ? refuseAnchors(file) : undefined),
  });
  return document.toJS();
}

function refuseAnchors(file: string): never {
  throw new EvidenceError("unreadable", `${file}: anchors and aliases are not taken in evidence; write it out`);
}

function refuseKeys(file: string): never {
  throw new EvidenceError("unreadable", `${file}: a key has to be plain text`);
}

/** The file's text: JSON, so that it reads the same in every tool. */
export function formatEvidence({ statement, signature }: Evidence): string {
  return `${JSON.stringify({ statement, signature }, undefined, 2)}\n`;
}
