import type { Json } from "../base/properties.ts";
import { items, type KubeObject, text, titleOf } from "./kube-object.ts";

/** The API server said no; `status` is its own explanation. */
export class ApiError extends Error {
  readonly code: number;
  readonly status: Json;
  constructor(code: number, status: Json) {
    super(text(status, "message") ?? `the API server answered with HTTP ${code}`);
    this.code = code;
    this.status = status;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** Who asks hasn't the right to; an admission policy's no is something else. */
export function isNoRight(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 403 && /is forbidden: User ".*" cannot /.test(error.message);
}

/** Another field manager owns what we want to set. */
export function isFieldConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && conflictsOf(error).length > 0;
}

/** A write that came between our read and our write; the same request may be sent again. */
export function isWriteRace(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.code === 409 &&
    text(error.status, "reason") === "Conflict" &&
    !isFieldConflict(error)
  );
}

/** The project's own admission policies read their params from a cache that is some milliseconds late. */
export function isOwnPolicyDenial(error: unknown): boolean {
  return error instanceof ApiError && /ValidatingAdmissionPolicy 'rampart-/.test(error.message);
}

/** The same error, telling which object it is about and how to go on. */
export function explain(error: unknown, object: KubeObject): Error {
  const title = titleOf(object);
  if (!isFieldConflict(error)) return new Error(`${title}: ${error instanceof Error ? error.message : error}`);
  const fields = conflictsOf(error).map(({ field, manager }) => `${field} (${manager})`);
  return new Error(
    `${title}: other field managers own what the program wants to set: ${fields.join(", ")}; ` +
      `remove these fields from the program, or take them over with the annotation pulumi.com/patchForce: "true"`,
  );
}

function conflictsOf(error: ApiError): { field: string; manager: string }[] {
  return items(error.status, "details", "causes")
    .filter((cause) => cause.reason === "FieldManagerConflict")
    .map((cause) => ({
      field: text(cause, "field") ?? "",
      manager: (text(cause, "message") ?? "").replace(/^conflict with /, "managed by "),
    }));
}
