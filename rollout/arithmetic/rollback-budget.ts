/** One step of a rollback and what it may take. */
export interface BudgetStep {
  id: string;
  seconds: number;
  /** Users are back on stable only when this is done; the other steps come after. */
  exposes?: boolean;
}

export interface RollbackBudget {
  steps: readonly BudgetStep[];
  /** From the decision: until users are back, and until all of it is done and verified. */
  exposureWithin: number;
  total: number;
}

/** How long it takes until anybody knows: not part of the budget, which starts with the decision, but said beside it. */
export interface Detection {
  scrapeSeconds: number;
  evaluationSeconds: number;
  forSeconds: number;
  notifySeconds: number;
}

export interface BudgetSum {
  keeps: boolean;
  exposure: number;
  total: number;
  detection: number | undefined;
  reason: string;
}

export function sumBudget({ steps, exposureWithin, total }: RollbackBudget, detection?: Detection): BudgetSum {
  const bad = steps.find(({ seconds }) => !(seconds >= 0 && Number.isFinite(seconds)));
  if (bad) throw new RangeError(`the rollback step ${bad.id} takes ${bad.seconds} s; it has to be a number, 0 or more`);
  const sum = (list: readonly BudgetStep[]): number => list.reduce((all, { seconds }) => all + seconds, 0);
  const lastExposing = steps.findLastIndex(({ exposes }) => exposes);
  const exposure = sum(steps.slice(0, lastExposing + 1));
  const whole = sum(steps);
  // The worst case: it happens right after a scrape, and the scrape right after an evaluation.
  const until =
    detection && detection.scrapeSeconds + detection.evaluationSeconds + detection.forSeconds + detection.notifySeconds;
  const account = steps.map(({ id, seconds }) => `${id} ${seconds} s`).join(" + ");
  const compare = (what: string, got: number, allowed: number): string =>
    got <= allowed
      ? `${what} ${got} of ${allowed} s`
      : `${what} ${got} s, ${got - allowed} s more than the ${allowed} s allowed`;
  const reason = [
    `${account}: ${compare("users back after", exposure, exposureWithin)}, ${compare("all done after", whole, total)}`,
    until === undefined ? "" : `; before that up to ${until} s until it is noticed`,
  ].join("");
  return { keeps: exposure <= exposureWithin && whole <= total, exposure, total: whole, detection: until, reason };
}
