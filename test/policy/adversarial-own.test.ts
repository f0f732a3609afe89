import { from, Guarded } from "./attempts.ts";
import { aborted, mean } from "./mean-attempts.ts";
import { wishFor } from "./rollouts.ts";

describe("meaner attempts", () => {
  const guarded = new Guarded();
  for (const [name, told, message] of mean) {
    it(name, () => guarded.blocked(told, message));
  }

  it("an abort of an earlier attempt stops nobody", () =>
    guarded.allowed({ wish: wishFor("canary-25"), live: from("canary-5", { aborted: { ...aborted, attempt: 0 } }) }));
});
