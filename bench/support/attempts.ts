import type { StandIn } from "../../analyzer/stand-in/writer.ts";
import { routeRules } from "../../components/routing/http-route-rules.ts";
import type { LiveObject } from "../../live/model.ts";
import { objectPath, rolloutPath } from "../../live/paths.ts";
import { readRollout } from "../../live/read.ts";
import { waitFor } from "../../local/wait.ts";
import type { Project } from "../../test/support/environment.ts";

type RolloutPhase = LiveObject["spec"]["phases"][number];

/**
 * Attempts at the same artifact, one after the other and each to a rung of its own. What takes days is passed by hand;
 * the API server's rules and the analyzers are as always.
 */
export class Attempts {
  readonly #project: Project;
  readonly #environment: string;
  readonly #system: string;
  readonly #standIn: StandIn;

  private constructor(project: Project, environment: string, system: string, standIn: StandIn) {
    this.#project = project;
    this.#environment = environment;
    this.#system = system;
    this.#standIn = standIn;
  }

  static async open(project: Project, environment: string, system: string): Promise<Attempts> {
    return new Attempts(project, environment, system, await project.standIn(environment));
  }

  async rollout(): Promise<LiveObject> {
    return (await readRollout(this.#api, this.#system))!;
  }

  /** The first phase of a new attempt, after one that was ended. */
  async land(): Promise<void> {
    await this.#seen();
    const { spec } = await this.rollout();
    const { retry, attempt, step, phases } = spec;
    await this.#write({ retry: retry + 1, attempt: attempt + 1, step: step + 1, ...placed(phases[0]!) });
    await this.#seen();
  }

  /** Phase by phase up to the one of this name, or the first that is called so many percent. */
  async climb(to: string | number): Promise<void> {
    for (;;) {
      const { spec } = await this.rollout();
      const index = spec.phases.findIndex(({ name }) => name === spec.phase);
      const [here, next] = [spec.phases[index]!, spec.phases[index + 1]!];
      if (here.percent === to || here.name === to) return;
      await this.#step(next);
      await this.#route(next);
      await this.#seen();
    }
  }

  get #api() {
    return this.#project.api(`${this.#environment}-admin`);
  }

  /** The analyzers take a pass that wasn't earned back at their next look, so the step follows at once. */
  async #step(phase: RolloutPhase): Promise<void> {
    await waitFor(
      `a step to ${phase.name}`,
      async () => {
        const { spec } = await this.rollout();
        await this.#standIn.pass(this.#system, { withoutSoak: true });
        await this.#write({ ...placed(phase), step: spec.step + 1 });
        return true;
      },
      { timeout: 60_000, interval: 20 },
    );
  }

  async #write(spec: object): Promise<void> {
    await this.#api.patch(rolloutPath(this.#system), "merge", { spec });
  }

  /** Less than the phase may have, which is always legal. */
  share(exposure: RolloutPhase["exposure"]): Promise<void> {
    return this.#route({ exposure });
  }

  /** As the program writes it. */
  async #route({ exposure, mirror }: Pick<RolloutPhase, "exposure" | "mirror">): Promise<void> {
    const path = objectPath("gateway.networking.k8s.io/v1", "httproutes", this.#system, this.#system);
    const rules = routeRules({ system: this.#system, exposure, mirror: mirror === true });
    await waitFor("the route of the phase", async () => {
      await this.#api.patch(path, "merge", { spec: { rules } });
      return true;
    });
  }

  #seen(): Promise<boolean> {
    const isSeen = async (): Promise<boolean> => {
      const { spec, status } = await this.rollout();
      return status.observedStep === spec.step && status.onTarget;
    };
    return waitFor("the analyzers to have seen it", isSeen, { timeout: 120_000, interval: 50 });
  }
}

const placed = ({ name, percent, exposure }: RolloutPhase) => ({ phase: name, percent, exposure });
