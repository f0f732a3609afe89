import type { Step } from "../../rollout/postgres/cutover.ts";
import { agreedAtPromotion, agreedInPair, type Half, halvesOf, type Pair } from "../../rollout/postgres/pair.ts";
import type { Api } from "../api.ts";
import { LiveError } from "../live-error.ts";
import { agreedBy, agreedPath, routePaths } from "./observe.ts";
import { Pools } from "./pools.ts";
import type { Settings } from "./settings.ts";

export type Outcome = Step & { readonly do: "done" | "give-up" };

/** What whoever moves a lead does to the two clusters, whatever goes from one to the other. */
export class Way {
  readonly api: Api;
  readonly pair: Pair;
  readonly settings: Settings;
  readonly pools: Pools;
  /** The one that is to lead, and the one that is to follow. */
  readonly leading: Half;
  readonly following: Half;
  readonly #started = performance.now();
  #said = "";

  constructor(api: Api, settings: Settings) {
    this.api = api;
    this.settings = settings;
    this.pair = settings.PAIR;
    this.pools = new Pools(api, this.pair, { ca: settings.CA_FILE, password: settings.POOLER_PASSWORD });
    ({ leading: this.leading, following: this.following } = halvesOf(this.pair));
  }

  /** So long it may be waited for before anything is changed. */
  get isLate(): boolean {
    return performance.now() - this.#started > this.settings.PATIENCE * 1000;
  }

  waitedInVain(why: string): Outcome {
    return { do: "give-up", why: `nothing was changed: for ${this.settings.PATIENCE} s ${why} was waited for` };
  }

  /** Then there is nothing to move. */
  get isAlone(): Outcome {
    return { do: "done", why: `only one of ${this.leading.scope} and ${this.following.scope} is there` };
  }

  agreedBy(scope: string): Promise<object | undefined> {
    return agreedBy(this.api, this.pair.namespace, scope);
  }

  /** What the members of one of the two agree on, as the one that is named leads. */
  async tell(scope: string, leads = this.leading.scope): Promise<void> {
    const agreed = await this.agreedBy(scope);
    // Written over nothing, what is told of the pair would be all that they agree on.
    if (!agreed || Object.keys(agreed).length === 0) throw new LiveError(`${scope} has agreed on nothing yet`);
    const told = agreedInPair(agreed, scope, { ...this.pair, leads });
    const config = JSON.stringify(scope === leads ? agreedAtPromotion(told) : told);
    const path = agreedPath(this.pair.namespace, scope);
    await this.api.patch(path, "merge", { metadata: { annotations: { config } } });
  }

  /** Whichever name clients use, they find this one. */
  async route(to = this.leading.scope): Promise<void> {
    await Promise.all(
      routePaths(this.pair).map(async (path) => {
        if (await this.api.get(path)) {
          await this.api.patch(path, "merge", { spec: { selector: { "cluster-name": to } } });
        }
      }),
    );
  }

  say(step: Step): void {
    const text = `${step.do} ${step.why}`;
    if (text !== this.#said) {
      console.log(JSON.stringify({ ms: Math.round(performance.now() - this.#started), ...step }));
    }
    this.#said = text;
  }
}
