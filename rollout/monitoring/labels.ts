import type { PlanEnvironment, Source } from "../plan/model.ts";
import type { Runbook } from "./runbooks.ts";

export interface RuleOptions {
  readonly environment: PlanEnvironment;
  /** Where the pages of docs/runbooks/ can be read; without a slash at the end. */
  readonly runbookUrl: string;
  /** The one to look at first, by the name of its file in dashboards/; that of all rollouts if left out. */
  readonly dashboard?: string;
}

export const pascal = (text: string): string =>
  text.replace(/(^|-)([a-z0-9])/g, (_match, _dash, letter: string) => letter.toUpperCase());

/** Which line of a catalogue a rule answers to, and which decision stands behind it. */
export const provenance = (source: Source): Record<string, string> => ({
  ...(source.requirements && { requirement: source.requirements.join(",") }),
  ...(source.decision && { decision: source.decision }),
});

/** What to do, and where to look: the dashboard's path at whatever Grafana there is. */
export const guide = (page: Runbook, { runbookUrl, dashboard = "rollouts" }: RuleOptions) => ({
  runbook_url: `${runbookUrl}/${page}.md`,
  dashboard: `/d/${dashboard}`,
});
