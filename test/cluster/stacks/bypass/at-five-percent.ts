import type { StandIn } from "../../../../analyzer/stand-in/writer.ts";
import type { Api } from "../../../../live/api.ts";
import { objectPath } from "../../../../live/paths.ts";
import { readLive } from "../../../../live/read.ts";
import { waitFor } from "../../../../local/wait.ts";
import { effectiveOf, type Route } from "../../../../rollout/verdict/effective.ts";
import { landFresh, type Project, type Ran, sharedRehearsal, watching } from "../../../support/environment.ts";
import { gatewayApi, type Place, system, type Who } from "./attempt.ts";

export const stack = "rehearsal";

/** A cluster on which the canary of wdbx has the 5 % that it may have, and no more is allowed. */
export class AtFivePercent {
  readonly project: Project;
  readonly standIn: StandIn;
  readonly apis: Readonly<Record<Who, Api>>;
  readonly #watch: { stop(): Promise<void> };

  private constructor(project: Project, standIn: StandIn) {
    this.project = project;
    this.standIn = standIn;
    this.#watch = watching(standIn);
    const as = (who: Who) => project.api(`${stack}-${who}`);
    this.apis = {
      admin: as("admin"),
      platform: as("platform"),
      systems: as("systems"),
      previewer: as("previewer"),
    };
  }

  static async reach(): Promise<AtFivePercent> {
    const project = await sharedRehearsal();
    const reached = new AtFivePercent(project, await project.standIn(stack));
    await landFresh(project, stack, system);
    await reached.seen();
    await reached.standIn.pass(system, { withoutSoak: true });
    await project.goTo(stack, system, 5);
    await reached.seen();
    return reached;
  }

  live = async () => (await readLive(this.apis.admin))!.wdbx!.rollout!;

  /** The stand-in has seen the last step. */
  seen = () =>
    waitFor("the stand-in to see the last step", async () => {
      const { spec, status } = await this.live();
      return status.observedStep === spec.step && status.onTarget;
    });

  async place(): Promise<Place> {
    const pods = (await this.apis.admin.get("/api/v1/namespaces/wdbx/pods?labelSelector=rampart.dev/track=canary")) as {
      items: { metadata: { name: string } }[];
    };
    return { ...(await this.live()).spec, canaryPod: pods.items[0]!.metadata.name };
  }

  async share(): Promise<number> {
    const path = objectPath(gatewayApi, "httproutes", system, system);
    return effectiveOf((await this.apis.admin.get(path)) as Route, system, ["all"]).all!;
  }

  pulumi = (...args: string[]): Promise<Ran> => this.project.pulumi(stack, ...args);

  stop(): Promise<void> {
    return this.#watch.stop();
  }
}

export const up = ["up", "--yes", "--skip-preview"];
