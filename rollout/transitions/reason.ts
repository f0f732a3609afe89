/** Why something isn't possible: why not, what would make it possible, and who can do that. */
export interface Reason {
  /** Short and stable: for scripts, and for the matrix of guards. */
  rule: string;
  because: string;
  mend: string;
  who: string;
}

/** A step that was tried, in words, and every reason against it; none means that it may be taken. */
export interface Judgement {
  tried: string;
  reasons: readonly Reason[];
}

export function formatReason(tried: string, { because, mend, who }: Reason): string {
  return `${tried}: ${because}; ${mend} (${who})`;
}

export const author = "whoever changes the config";
export const analyzer = "the analyzer, by itself";

/** A reason if the condition holds, so that rules read as lists. */
export function when(condition: boolean, rule: string, because: string, mend: string, who = author): Reason[] {
  return condition ? [{ rule, because, mend, who }] : [];
}
