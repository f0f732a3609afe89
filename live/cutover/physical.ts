import { setTimeout as pause } from "node:timers/promises";
import { type ClusterSeen, nextStep, type Progress, type Seen, type Step } from "../../rollout/postgres/cutover.ts";
import { flusher, postgresPort } from "../../rollout/postgres/patroni.ts";
import { Console } from "./console.ts";
import { look } from "./observe.ts";
import type { Way } from "./way.ts";

/** Moves the lead to the cluster that has the other's WAL; false when that was given up. */
export async function moveByWal(way: Way): Promise<boolean> {
  const { leading, following, pools } = way;
  let between: number | undefined;
  let progress: Progress = {
    isFlushed: false,
    isPauseOver: false,
    secondsBetween: 0,
    wasCopied: false,
    isTakenBack: false,
  };
  const actions: Readonly<Record<Exclude<Step["do"], "done" | "give-up">, (seen: Seen) => Promise<unknown>>> = {
    flush: async ({ going }) => {
      progress = { ...progress, isFlushed: true };
      await flush(way, going);
    },
    pause: async () => {
      await pools.pause();
      progress = { ...progress, isPauseOver: true };
    },
    demote: async ({ going }) => {
      progress = { ...progress, wasCopied: going.members.some(({ isCopied }) => isCopied) };
      await way.tell(following.scope);
      between = performance.now();
    },
    // There is no way back from here, so that the proxies of the node may hear of it meanwhile.
    promote: () => Promise.all([way.tell(leading.scope), way.route()]),
    route: () => way.route(),
    resume: () => pools.resume(),
    "take-back": async () => {
      await way.tell(following.scope, following.scope);
      between = undefined;
      progress = { ...progress, isTakenBack: true };
    },
    wait: () => pause(50),
  };

  function stepAfter(seen: Seen): Step {
    if (seen.going.isToldToFollow && seen.coming.isToldToFollow) between ??= performance.now();
    progress = { ...progress, secondsBetween: between ? (performance.now() - between) / 1000 : 0 };
    const step = nextStep(seen, progress);
    const isUntouched = step.do === "wait" && !seen.going.isToldToFollow && seen.coming.isToldToFollow;
    return isUntouched && way.isLate && !progress.isTakenBack ? way.waitedInVain(step.why) : step;
  }

  for (;;) {
    try {
      const seen = await look(way.api, way.pair, pools, way.settings.CA_FILE);
      const step = seen ? stepAfter(seen) : way.isAlone;
      way.say(step);
      if (step.do === "done" || step.do === "give-up") return step.do === "done";
      await actions[step.do](seen!);
    } catch (error) {
      way.say({ do: "wait", why: (error as Error).message });
      await pause(200);
    }
  }
}

/** Without it all goes on as well, only slower. */
async function flush({ pair, settings }: Way, { scope, members }: ClusterSeen): Promise<void> {
  const host = `${members.find(({ isPrimary }) => isPrimary)?.name}.${scope}.${pair.namespace}.svc`;
  const login = { user: flusher, database: "postgres", password: settings.REWIND_PASSWORD, ca: settings.CA_FILE };
  const server = await Console.open({ host, port: postgresPort, servername: host, ...login });
  await server.run("checkpoint").finally(() => server.close());
}
