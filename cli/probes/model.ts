import type { Api } from "../../live/api.ts";
import type { LiveObject } from "../../live/model.ts";
import type { Plan } from "../../rollout/plan/model.ts";

/** What a probe looks at. */
export interface Target {
  readonly api: Api;
  readonly plan: Plan;
  readonly namespace: string;
  readonly rollout: LiveObject;
}

export interface Measured {
  readonly holds: boolean;
  /** In one sentence, for whoever reads the statement. */
  readonly said: string;
  /** What was seen, sample by sample; signed with the rest. */
  readonly figures: Readonly<Record<string, string | number>>;
}

/** Proves checklist items by looking at the cluster; it changes nothing. */
export interface Probe {
  readonly id: string;
  readonly what: string;
  /** Items that it is enough for, alone. */
  readonly items: readonly string[];
  measure(target: Target): Promise<Measured>;
}
