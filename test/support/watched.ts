import type { LiveObject } from "../../live/model.ts";
import { readRollout } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import { type Series, totalOf } from "../../rollout/statistics/windows.ts";
import { scopeOf, soakSeries, within } from "../../rollout/verdict/series.ts";
import type { Project } from "./environment.ts";

/** A rollout in an environment with the real analyzers, which take the time that they take. */
export class Watched {
  readonly #project: Project;
  readonly #environment: string;
  readonly #system: string;
  readonly #timeout: number;

  constructor(project: Project, environment: string, system: string, timeout = 400_000) {
    this.#project = project;
    this.#environment = environment;
    this.#system = system;
    this.#timeout = timeout;
  }

  async rollout(): Promise<LiveObject> {
    return (await readRollout(this.#project.api(`${this.#environment}-systems`), this.#system))!;
  }

  has(what: string, holds: (rollout: LiveObject) => boolean): Promise<boolean> {
    return waitFor(what, async () => holds(await this.rollout()), { timeout: this.#timeout, interval: 250 });
  }

  passes(phase: string): Promise<boolean> {
    return this.has(`${phase} to pass`, ({ status }) => status.passed.some((one) => one.phase === phase));
  }
}

/** Which of the present phase's minutes were counted, and how much of each. */
export const soakOf = ({ spec, status }: LiveObject): Series => within(scopeOf(spec), status.windows)[soakSeries] ?? [];

/** Whether they count for the soak or not. */
export const watchedSeconds = (rollout: LiveObject): number => totalOf(soakOf(rollout)).n;
