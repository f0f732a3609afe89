import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../live/api.ts";
import { Analyzer } from "./analyzer.ts";
import { clusterOf, watchedLists } from "./cluster.ts";
import { evidenceIn } from "./evidence.ts";
import { exposition } from "./exposition.ts";
import { jsonLog as log } from "./log.ts";
import { readPlanBook } from "./plan-book.ts";
import { prometheusAt } from "./prometheus.ts";
import { proxyAt } from "./proxy.ts";
import { QuickLook } from "./quick-look.ts";
import { portOf, serve } from "./server.ts";
import { readSettings } from "./settings.ts";
import { signerFrom } from "./signing-key.ts";

const { CONTEXT, PROMETHEUS, GATEWAY, PLANS, STACK, REHEARSAL, SIZE, KEY, PORT } = readSettings(process.env);
const plans = readPlanBook(PLANS, SIZE);
const api = connect(CONTEXT);
const ports = {
  ...{ clock: api, cluster: clusterOf(api, watchedLists(api)), evidence: evidenceIn(api), log },
  prometheuses: PROMETHEUS.map(prometheusAt),
  signer: signerFrom(KEY, STACK),
};
const analyzer = new Analyzer(ports, plans, { stack: STACK, isRehearsal: REHEARSAL === "true" });
const quickLook = GATEWAY && new QuickLook(proxyAt(api, GATEWAY), plans);

/** Longer without a look than this, and it had better be started anew. */
const longestSilenceMs = 60_000;
let lastLook = Date.now();

const stopped = new AbortController();
const server = await serve(
  {
    metrics: () => {
      const { drainFailures } = analyzer;
      return exposition({ known: analyzer.known(), drainFailures, plan: plans.plan, now: api.now() });
    },
    trouble: () => (Date.now() - lastLook > longestSilenceMs ? "no look at the cluster for a minute" : undefined),
    onAlerts: (alerts) => analyzer.onAlerts(alerts, "webhook"),
  },
  PORT,
);
log("info", "started", { port: portOf(server), stack: STACK });

/** Does something again and again, each time after the one before is done, until the process is told to stop. */
async function repeat(what: string, everyMs: number, action: () => Promise<void>): Promise<void> {
  const { signal } = stopped;
  let trouble: string | undefined;
  while (!signal.aborted) {
    const before = trouble;
    trouble = await action().then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (trouble && trouble !== before) log("error", `${what} failed`, { error: trouble });
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopped.abort());
await Promise.all([
  repeat("looking", 500, async () => {
    await analyzer.look();
    lastLook = Date.now();
  }),
  ...(quickLook
    ? [
        repeat("looking at the proxy", 250, async () => {
          const rollouts = analyzer.known().map(({ live }) => live);
          await analyzer.onAlerts(await quickLook.look(rollouts), "proxy");
        }),
      ]
    : []),
  repeat("polling triggers", 1000, () => analyzer.poll()),
  repeat("measuring", 2000, () => analyzer.measure()),
  repeat("verifying drains", 2000, () => analyzer.verify()),
]);
server.close();
server.closeIdleConnections();
await once(server, "close");
log("info", "stopped");
process.exit(0);
