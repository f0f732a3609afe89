import { isObject } from "../rollout/baseline/look.ts";
import { rolloutComponentType } from "../rollout/guard/args.ts";
import { judgeRollout } from "../rollout/guard/judge.ts";
import { Knowledge } from "./knowledge.ts";

/** On the way down the route comes before the Rollout, but never before the component that holds both. */
const holderType = "rampart:index:Canary";

/** The systems that go down, or are given up, in this operation: nothing may stand in the way of their resources. */
export class WaysDown {
  readonly #systems = new Set<string>();
  readonly #knowledge = new Knowledge();

  async see({ type, urn, props }: { type: string; urn: string; props: object }): Promise<void> {
    this.#knowledge.see({ type });
    if (type !== rolloutComponentType && type !== holderType) return;
    const inner = Object.getOwnPropertyDescriptor(props, "rollout")?.value;
    const told = type === holderType && isObject(inner) ? inner : props;
    const { kind, args } = judgeRollout(await this.#knowledge.of({ urn, props: told }, {}));
    if (args && (kind === "down" || kind === "withdraw")) this.#systems.add(args.system);
  }

  /** By the name in the program: every resource of a system begins with the system's. */
  has(resource: string): boolean {
    return [...this.#systems].some((system) => resource === system || resource.startsWith(`${system}-`));
  }
}
