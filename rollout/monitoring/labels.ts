import type { PlanEnvironment, Source } from "../plan/model.ts";
import type { Runbook } from "./runbooks.ts";

export interface RuleOptions {
  readonly environment: PlanEnvironment;
  /** Where the pages of docs/runbooks/ can be read; without a slash at the end. */
  readonly runbookUrl: string;
}

export const pascal = (text: string): string =>
  text.replace(/(^|-)([a-z0-9])/g, (_match, _dash, letter: string) => letter.toUpperCase());

/** Which line of a catalogue a rule answers to, and which decision stands behind it. */
export const provenance = (source: Source): Record<string, string> => ({
  ...(source.requirements && { requirement: source.requirements.join(",") }),
  ...(source.decision && { decision: source.decision }),
});

export const guide = (page: Runbook, { runbookUrl }: RuleOptions) => ({ runbook_url: `${runbookUrl}/${page}.md` });
