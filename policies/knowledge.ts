import { isObject, textAt } from "../rollout/baseline/look.ts";
import { type ReadArgs, readRolloutArgs } from "../rollout/guard/args.ts";
import { stackOf } from "./checkout.ts";
import { plainProps } from "./plain-props.ts";
import { needsOf, type Reality, readFor, readReality } from "./reality.ts";
import { stackType } from "./roll-call.ts";
import type { Settings } from "./signed-files.ts";

interface Told {
  type: string;
  urn: string;
  props: object;
}

/** What is known about the system that a component speaks for. Reads the cluster once in an operation. */
export class Knowledge {
  #reality: Promise<Reality> | undefined;

  /** To be shown every resource: an update begins with its stack, and what was read for the preview is old by then. */
  see({ type }: Pick<Told, "type">): void {
    if (type === stackType) this.#reality = undefined;
  }

  /**
   * The component's inputs, and beside them what the pack has read itself. A program may hand `live` and `facts` over where
   * a pack can't reach the cluster; it then is believed, and the API server judges again.
   */
  async of({ urn, props }: Omit<Told, "type">, settings: Settings): Promise<ReadArgs> {
    const { value, unknown } = plainProps(props);
    const isHandedOver = isObject(value) && ["live", "facts"].some((key) => key in value || unknown.includes(key));
    if (!isObject(value) || isHandedOver) return readRolloutArgs(value, unknown);
    try {
      this.#reality ??= readReality(stackOf(urn));
      const reality = await this.#reality;
      const read = readFor(textAt(value, "system"), textAt(value, "wish.artifact"), reality, settings);
      const known = readRolloutArgs({ ...value, ...read }, unknown);
      const { args } = known;
      return args
        ? { ...known, args: { ...args, facts: { ...args.facts, unmetNeeds: needsOf(args, reality) } } }
        : known;
    } catch (error) {
      return { args: undefined, doubts: [(error as Error).message], isWishInDoubt: true };
    }
  }
}
