/** One thing that the API server refuses, in CEL. Transition rules see the object before as `oldSelf`. */
export interface Rule {
  /** As in rollout/transitions, where that has the same rule. */
  readonly id: string;
  readonly rule: string;
  readonly message: string;
  /** CEL too; says more than the message, which stays as the fallback. */
  readonly messageExpression?: string;
  /** Without it the API server answers with `<nil>: Invalid value`. */
  readonly fieldPath: string;
  /** Also evaluated at creation, with `oldSelf` as an optional. */
  readonly optionalOldSelf?: true;
}

/** The API server evaluates, and prints, every rule; the id stands first in its message, for scripts and for the matrix of guards. */
export function validation({ id, message, messageExpression, ...rest }: Rule): object {
  return {
    ...rest,
    message: `${id}: ${message}`,
    ...(messageExpression === undefined ? {} : { messageExpression: `'${id}: ' + ${messageExpression}` }),
  };
}

export const all = (...conditions: readonly string[]): string => `(${conditions.join(" && ")})`;
export const any = (...conditions: readonly string[]): string => `(${conditions.join(" || ")})`;
export const not = (condition: string): string => `!(${condition})`;
/** A rule holds where its condition doesn't apply. */
export const whenever = (condition: string, rule: string): string => `${not(condition)} || ${rule}`;
