import { setTimeout as pause } from "node:timers/promises";
import { closeBytes, patienceSeconds } from "../../rollout/postgres/cutover.ts";
import * as logical from "../../rollout/postgres/logical.ts";
import { isQuorum } from "../../rollout/postgres/pair.ts";
import { Leader, openTo } from "./leader.ts";
import type { Outcome, Way } from "./way.ts";

/**
 * Moves the lead to the cluster that gets the other's rows; false when that was given up. Both are shut in between, and
 * whether a cluster is shut, and follows, says how far the way has been gone.
 */
export async function moveByRows(way: Way): Promise<boolean> {
  const move = new Move(way);
  for (;;) {
    try {
      const outcome = await move.advance();
      way.say(outcome);
      return outcome.do === "done";
    } catch (error) {
      way.say({ do: "wait", why: (error as Error).message });
      await pause(200);
    }
  }
}

class Move {
  readonly #way: Way;
  readonly #going: Leader;
  readonly #coming: Leader;

  constructor(way: Way) {
    this.#way = way;
    this.#going = new Leader(way, way.following);
    this.#coming = new Leader(way, way.leading);
  }

  async advance(): Promise<Outcome> {
    const [going, coming] = [this.#going, this.#coming];
    const { leading, following } = this.#way;
    const agreed = [leading, following].map(({ scope }) => this.#way.agreedBy(scope));
    if ((await Promise.all(agreed)).includes(undefined)) return this.#way.isAlone;
    const isGoingShut = await going.is(logical.isShut);
    if (!(await coming.is(logical.isShut))) {
      if (isGoingShut) return this.#arrive();
      return { do: "give-up", why: `${leading.scope} doesn't follow ${following.scope}: both take writes` };
    }
    if (!isGoingShut) {
      const refused = await this.#prepare();
      if (refused) return refused;
      await this.#depart();
    }
    return (await this.#handOver()) ?? this.#arrive();
  }

  /** All that takes long, and changes nothing for anybody. */
  async #prepare(): Promise<Outcome | undefined> {
    const { leading, following } = this.#way;
    for (let why = await this.#obstacle(); why; why = await this.#obstacle()) {
      this.#way.say({ do: "wait", why });
      if (this.#way.isLate) {
        await this.#way.tell(leading.scope, following.scope);
        return this.#way.waitedInVain(why);
      }
      await pause(500);
    }
    return undefined;
  }

  async #obstacle(): Promise<string | undefined> {
    const [going, coming] = [this.#going, this.#coming];
    const { leading, following } = this.#way;
    if (!(await coming.is(logical.isSubscribed(leading)))) return `${leading.scope} to follow ${following.scope}`;
    if (!(await coming.is(logical.isCopied))) return `${leading.scope} to have all tables of ${following.scope}`;
    const bytes = await going.one(logical.missing(leading, await going.one(logical.end)));
    if (Number(bytes) > closeBytes) return `${leading.scope} to catch up: it is ${bytes} bytes behind`;
    const [ours, theirs] = [await coming.one(logical.columns), await going.one(logical.columns)];
    if (ours !== theirs)
      return `${leading.scope} to have the columns of ${following.scope}: changes of the schema aren't sent`;
    const notSent = await going.all(logical.notSent);
    if (notSent.length > 0) return `${following.scope} to be without what can't be sent: ${notSent.join(", ")}`;
    // It keeps what the other will have to get from it.
    if (!(await coming.is(logical.hasSlotFor(following)))) {
      await this.#way.tell(leading.scope);
      return `${leading.scope} to keep a slot for ${following.scope}`;
    }
    const waits = isQuorum((await this.#way.agreedBy(leading.scope)) ?? {});
    if (waits && !(await coming.is(logical.isInStep)))
      return `a member of ${leading.scope} to be in step with its leader`;
    return undefined;
  }

  /** From here on nobody writes. */
  async #depart(): Promise<void> {
    this.#way.say({ do: "pause", why: "clients wait for the new leader" });
    await this.#way.pools.pause();
    this.#way.say({ do: "demote", why: `${this.#way.leading.scope} gets the last rows` });
    await this.#going.one(logical.shut);
    // The proxies of the nodes may hear of it meanwhile.
    await this.#way.route();
  }

  /** The last rows go over; then the other way round. Given up only where all can be as it was. */
  async #handOver(): Promise<Outcome | undefined> {
    const [going, coming] = [this.#going, this.#coming];
    const { leading, following, pair, settings } = this.#way;
    if (await coming.is(logical.isSubscribed(leading))) {
      const late = performance.now() + patienceSeconds * 1000;
      while (!(await going.is(logical.isEmpty))) await going.one(logical.sendAway);
      const end = await going.one(logical.end);
      for (;;) {
        const bytes = await going.one(logical.missing(leading, end));
        if (bytes === "0") break;
        if (performance.now() > late) return this.#takeBack(`${leading.scope} lacks ${bytes} bytes`);
        this.#way.say({ do: "wait", why: `${leading.scope} to get the last rows` });
        await pause(20);
      }
      for (const command of await going.all(logical.sequences)) await coming.one(command);
      if (!(await coming.is(logical.isPublished))) await coming.one(logical.publish);
      await coming.one(logical.skipWhatIsThere(following));
      await coming.one(logical.unsubscribe(leading));
    }
    if (!(await going.is(logical.isSubscribed(following)))) {
      const from = `${logical.connection(leading, pair.namespace)} password=${settings.SUPERUSER_PASSWORD}`;
      await going.one(logical.unlogged);
      await going.one(logical.subscribe(following, `'${from}'`, true));
    }
    this.#way.say({ do: "promote", why: `${leading.scope} has all that ${following.scope} has` });
    await coming.one(logical.open);
    return undefined;
  }

  async #takeBack(why: string): Promise<Outcome> {
    const { following, leading, pools } = this.#way;
    this.#way.say({ do: "take-back", why });
    await this.#going.one(logical.open);
    await Promise.all([this.#way.tell(leading.scope, following.scope), this.#way.route(following.scope)]);
    await this.#areLedTo(this.#going);
    await pools.resume();
    return {
      do: "give-up",
      why: `${leading.scope} didn't get all that ${following.scope} has, so ${following.scope} leads again`,
    };
  }

  async #arrive(): Promise<Outcome> {
    const { leading, following, pools } = this.#way;
    await Promise.all([this.#way.tell(leading.scope), this.#way.tell(following.scope), this.#way.route()]);
    await this.#areLedTo(this.#coming);
    this.#way.say({ do: "resume", why: `${leading.scope} takes writes and is where clients arrive` });
    await pools.resume();
    return { do: "done", why: `${leading.scope} leads` };
  }

  /** A pool that is let go before its Service leads to who takes writes is refused there, and tells its clients. */
  async #areLedTo(leader: Leader): Promise<void> {
    const address = await leader.one(logical.address);
    const { clusters, namespace } = this.#way.pair;
    for (const { scope } of clusters) {
      for (;;) {
        const line = await openTo(this.#way, `${scope}-primary.${namespace}.svc`);
        const [row] = await line.run(logical.address).finally(() => line.close());
        if (row?.found === address) break;
        this.#way.say({ do: "wait", why: `${scope}-primary to lead there` });
        await pause(20);
      }
    }
  }
}
