import type { Api } from "../../live/api.ts";
import type { LiveObject, LiveSystems } from "../../live/model.ts";
import type { Ask } from "../../live/prometheus.ts";
import type { StackConfig } from "../../rollout/config/model.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import { CliError, exitCode } from "../output.ts";

/** What a probe looks at. */
export interface Target {
  readonly api: Api;
  readonly ask: Ask;
  readonly plan: Plan;
  readonly config: StackConfig;
  readonly live: LiveSystems;
  readonly namespace: string;
  readonly rollout: LiveObject;
  /** Where users come in, as `host:port`, and whose signature counts there beside the usual ones (a file). */
  readonly door?: { readonly address: string; readonly authority?: string | undefined } | undefined;
}

export interface Measured {
  readonly holds: boolean;
  /** In one sentence, for whoever reads the statement. */
  readonly said: string;
  /** What was seen, sample by sample; signed with the rest. */
  readonly figures: Readonly<Record<string, string | number>>;
}

/** What was measured, and which items it is enough for, alone. */
export interface Finding extends Measured {
  readonly items: readonly string[];
}

/** Proves checklist items by looking at the cluster. */
export interface Probe {
  readonly id: string;
  readonly what: string;
  /** All items that it can be enough for. */
  readonly items: readonly string[];
  /** What it does beside looking; it is run only when it's named then. */
  readonly does?: string;
  /** Needs a door to knock at; it is run only where one is named. */
  readonly needsDoor?: true;
  measure(target: Target): Promise<readonly Finding[]>;
}

/** The door that a probe was given to knock at. */
export function doorFor(probe: string, { door }: Target): NonNullable<Target["door"]> {
  if (door && /.:\d+$/.test(door.address)) return door;
  throw new CliError(`the probe ${probe} needs --address as host:port`, exitCode.usage);
}
