import type { LiveObject } from "../../live/model.ts";
import type { Waiver } from "../../rollout/baseline/waiver.ts";
import type { PhaseChecklist } from "../../rollout/checklist/phase.ts";
import type { Change } from "./changes.ts";
import type { EngineLog } from "./engine-log.ts";

/** Everything that the comment of a pull request says, as data. */
export interface PreviewReport {
  readonly stack: string;
  readonly against: string;
  /** Seconds since 1970. */
  readonly now: number;
  readonly changes: readonly (Change & {
    readonly live?: LiveObject | undefined;
    readonly checklist?: PhaseChecklist | undefined;
  })[];
  /** Why the live Rollouts couldn't be read, if so. */
  readonly unseen?: string | undefined;
  readonly engine: EngineLog & { readonly succeeded: boolean };
  readonly waivers: readonly Waiver[];
  readonly badWaivers: readonly string[];
}

/** A pull request has one comment, which is found by this and replaced. */
export const marker = "<!-- rampart-preview -->";
