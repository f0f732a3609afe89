import type { Plan } from "../plan/model.ts";
import { firstDashboards } from "./dashboards/dashboards.ts";
import { databaseRules } from "./database-rules.ts";
import { type OutsideOptions, outsideRules } from "./outside.ts";
import { planRules } from "./plan-rules.ts";
import { type PlatformOptions, platformRules } from "./platform-rules.ts";
import type { RuleGroup } from "./rule.ts";

export type RuleFileOptions = PlatformOptions & OutsideOptions;

/** All rules there are, by the names of their files: one for each system, so that a changed plan changes one. */
export function ruleFiles(plans: readonly Plan[], options: RuleFileOptions): Readonly<Record<string, RuleGroup[]>> {
  const outside = outsideRules(plans, options);
  const databases = databaseRules(plans, options);
  const first = firstDashboards(plans);
  return {
    ...Object.fromEntries(
      plans.map((plan) => [plan.system, planRules(plan, { ...options, dashboard: first[plan.system]! })]),
    ),
    platform: platformRules(options),
    ...(outside.length > 0 && { outside }),
    ...(databases.length > 0 && { databases }),
  };
}
