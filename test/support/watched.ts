import type { LiveObject } from "../../live/model.ts";
import { readLive } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import type { SystemName } from "../../rollout/plan/systems.ts";
import { type Series, totalOf } from "../../rollout/statistics/windows.ts";
import { soakSeries } from "../../rollout/verdict/series.ts";
import type { Project } from "./environment.ts";

/** A rollout in an environment with the real analyzers, which take the time that they take. */
export class Watched {
  readonly #project: Project;
  readonly #environment: string;
  readonly #system: SystemName;

  constructor(project: Project, environment: string, system: SystemName) {
    this.#project = project;
    this.#environment = environment;
    this.#system = system;
  }

  async rollout(): Promise<LiveObject> {
    return (await readLive(this.#project.api(`${this.#environment}-systems`)))![this.#system]!.rollout!;
  }

  has(what: string, holds: (rollout: LiveObject) => boolean): Promise<boolean> {
    return waitFor(what, async () => holds(await this.rollout()), { timeout: 400_000, interval: 250 });
  }

  passes(phase: string): Promise<boolean> {
    return this.has(`${phase} to pass`, ({ status }) => status.passed.some((one) => one.phase === phase));
  }
}

/** Which of the present phase's minutes were counted, and how much of each. */
export const soakOf = ({ spec, status }: LiveObject): Series =>
  status.windows?.[`${spec.attempt}/${spec.phase}/${soakSeries}`] ?? [];

export const soakedMinutes = (rollout: LiveObject): number => totalOf(soakOf(rollout)).n;
