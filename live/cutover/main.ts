// Moves the lead of two clusters with the same data to the one that shall have it, and ends when it has. Whoever is started
// after one that died goes on where that one was: all that counts is what is seen.
import { setTimeout as pause } from "node:timers/promises";
import {
  type ClusterSeen,
  gaveUp,
  nextStep,
  type Progress,
  type Seen,
  type Step,
} from "../../rollout/postgres/cutover.ts";
import { agreedAtPromotion, agreedInPair, halvesOf, type Pair } from "../../rollout/postgres/pair.ts";
import { flusher, postgresPort } from "../../rollout/postgres/patroni.ts";
import { connect } from "../api.ts";
import { Console } from "./console.ts";
import { agreedPath, look, routePath } from "./observe.ts";
import { Pools } from "./pools.ts";
import { readSettings } from "./settings.ts";

const { CONTEXT, PAIR: pair, POOLER_PASSWORD, REWIND_PASSWORD, CA_FILE, PATIENCE } = readSettings(process.env);
const api = connect(CONTEXT);
const pools = new Pools(api, pair, { ca: CA_FILE, password: POOLER_PASSWORD });
const { leading, following } = halvesOf(pair);
const started = performance.now();
let between: number | undefined;
let progress: Progress = {
  isFlushed: false,
  isPauseOver: false,
  secondsBetween: 0,
  wasCopied: false,
  isTakenBack: false,
};

/** What the members of one of the two agree on, as the one that is named leads. */
async function tell(scope: string, told: Pair): Promise<void> {
  const path = agreedPath(told.namespace, scope);
  const { metadata } = (await api.get(path)) as { metadata: { annotations: Record<string, string> } };
  const agreed = agreedInPair(JSON.parse(metadata.annotations.config!), scope, told);
  const config = JSON.stringify(scope === told.leads ? agreedAtPromotion(agreed) : agreed);
  await api.patch(path, "merge", { metadata: { annotations: { config } } });
}

/** Without it all goes on as well, only slower. */
async function flush({ scope, members }: ClusterSeen): Promise<void> {
  const host = `${members.find(({ isPrimary }) => isPrimary)?.name}.${scope}.${pair.namespace}.svc`;
  const login = { user: flusher, database: "postgres", password: REWIND_PASSWORD };
  const server = await Console.open({ host, port: postgresPort, servername: host, ca: CA_FILE, ...login });
  await server.run("checkpoint").finally(() => server.close());
}

/** Whichever name clients use, they find the one that comes. */
const route = (): Promise<unknown> =>
  Promise.all(
    pair.clusters.map(async ({ scope }) => {
      const path = routePath(pair.namespace, scope);
      if (await api.get(path)) {
        await api.patch(path, "merge", { spec: { selector: { "cluster-name": leading.scope } } });
      }
    }),
  );

const actions: Readonly<Record<Step["do"], (seen: Seen) => Promise<unknown>>> = {
  flush: async ({ going }) => {
    progress = { ...progress, isFlushed: true };
    await flush(going);
  },
  pause: async () => {
    await pools.pause();
    progress = { ...progress, isPauseOver: true };
  },
  demote: async ({ going }) => {
    progress = { ...progress, wasCopied: going.members.some(({ isCopied }) => isCopied) };
    await tell(following.scope, pair);
    between = performance.now();
  },
  // There is no way back from here, so that the proxies of the node may hear of it meanwhile.
  promote: () => Promise.all([tell(leading.scope, pair), route()]),
  route,
  resume: () => pools.resume(),
  "take-back": async () => {
    await tell(following.scope, { ...pair, leads: following.scope });
    between = undefined;
    progress = { ...progress, isTakenBack: true };
  },
  wait: () => pause(50),
  done: async () => process.exit(0),
  "give-up": async () => process.exit(gaveUp),
};

let said = "";
function say(step: Step): void {
  const text = `${step.do} ${step.why}`;
  if (text !== said) console.log(JSON.stringify({ ms: Math.round(performance.now() - started), ...step }));
  said = text;
}

async function advance(): Promise<void> {
  const seen = await look(api, pair, pools, CA_FILE);
  if (!seen) {
    say({ do: "done", why: `only one of ${leading.scope} and ${following.scope} is there` });
    process.exit(0);
  }
  if (seen.going.isToldToFollow && seen.coming.isToldToFollow) between ??= performance.now();
  progress = { ...progress, secondsBetween: between ? (performance.now() - between) / 1000 : 0 };
  const step = nextStep(seen, progress);
  const isLate = performance.now() - started > PATIENCE * 1000;
  const isUntouched = step.do === "wait" && !seen.going.isToldToFollow && seen.coming.isToldToFollow;
  if (isUntouched && isLate && !progress.isTakenBack) {
    say({ do: "give-up", why: `nothing was changed: for ${PATIENCE} s ${step.why} was waited for` });
    process.exit(gaveUp);
  }
  say(step);
  await actions[step.do](seen);
}

for (;;) {
  await advance().catch(async (error: Error) => {
    say({ do: "wait", why: error.message });
    await pause(200);
  });
}
