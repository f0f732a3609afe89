// Moves the lead of two clusters with the same data to the one that shall have it, and ends when it has. Whoever is started
// after one that died goes on where that one was: all that counts is what is seen.
import { setTimeout as pause } from "node:timers/promises";
import { gaveUp, nextStep, type Progress, type Step } from "../../rollout/postgres/cutover.ts";
import { agreedAtPromotion, agreedInPair, halvesOf, type Pair } from "../../rollout/postgres/pair.ts";
import { connect } from "../api.ts";
import { agreedPath, look, routePath } from "./observe.ts";
import { Pools } from "./pools.ts";
import { readSettings } from "./settings.ts";

const { CONTEXT, PAIR: pair, POOLER_PASSWORD, CA_FILE, PATIENCE } = readSettings(process.env);
const api = connect(CONTEXT);
const pools = new Pools(api, pair, { ca: CA_FILE, password: POOLER_PASSWORD });
const { leading, following } = halvesOf(pair);
const started = performance.now();
let between: number | undefined;
let progress: Progress = { isPauseOver: false, secondsBetween: 0, isTakenBack: false };

/** What the members of one of the two agree on, as the one that is named leads. */
async function tell(scope: string, told: Pair): Promise<void> {
  const path = agreedPath(told.namespace, scope);
  const { metadata } = (await api.get(path)) as { metadata: { annotations: Record<string, string> } };
  const agreed = agreedInPair(JSON.parse(metadata.annotations.config!), scope, told);
  const config = JSON.stringify(scope === told.leads ? agreedAtPromotion(agreed) : agreed);
  await api.patch(path, "merge", { metadata: { annotations: { config } } });
}

const actions: Readonly<Record<Step["do"], () => Promise<unknown>>> = {
  pause: async () => {
    await pools.pause();
    progress = { ...progress, isPauseOver: true };
  },
  demote: async () => {
    await tell(following.scope, pair);
    between = performance.now();
  },
  promote: () => tell(leading.scope, pair),
  route: () =>
    Promise.all(
      pair.clusters.map(async ({ scope }) => {
        const path = routePath(pair.namespace, scope);
        if (await api.get(path)) {
          await api.patch(path, "merge", { spec: { selector: { "cluster-name": leading.scope } } });
        }
      }),
    ),
  resume: () => pools.resume(),
  "take-back": async () => {
    await tell(following.scope, { ...pair, leads: following.scope });
    between = undefined;
    progress = { ...progress, isTakenBack: true };
  },
  wait: () => pause(100),
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
  await actions[step.do]();
}

for (;;) {
  await advance().catch(async (error: Error) => {
    say({ do: "wait", why: error.message });
    await pause(200);
  });
}
