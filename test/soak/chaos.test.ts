import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { Attempts } from "../../bench/support/attempts.ts";
import { objectPath } from "../../live/paths.ts";
import { waitFor } from "../../local/wait.ts";
import type { Exposure } from "../../rollout/exposure/exposure.ts";
import { totalOf } from "../../rollout/statistics/windows.ts";
import { currentAbort } from "../../rollout/transitions/model.ts";
import { effectiveOf, isMirrored, type Route, segmentsOf } from "../../rollout/verdict/effective.ts";
import { addressesOf, deployAnalyzer, fault, podsOf, readyAnalyzers } from "../support/analyzer.ts";
import { cut } from "../support/cut.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { freeze } from "../support/frozen.ts";
import { Load } from "../support/load.ts";

const stack = "rehearsal";
const rate = 150;
/** Rungs by percent, or by name where nobody is exposed: at the shadow phase the canary gets copies. */
const rollouts = {
  wdbx: [5, 25, 50, 100],
  "dwcp-manager": ["shadow", 5, 25, 50, 75, 90, 100],
} as const;
const analyzers = ["rampart-system", "app.kubernetes.io/name=analyzer"] as const;
const proxies = ["envoy", "projectcontour", "app=envoy"] as const;
const prometheuses = ["prometheus", "rampart-monitoring", "app.kubernetes.io/name=prometheus"] as const;
const bad = { errors: { ratio: 1 } };

/** A release goes bad while something that should take it down is down itself. */
describe("an attempt that goes bad in the middle of chaos", function () {
  this.timeout(600_000);
  let project: Project;
  let system: keyof typeof rollouts;
  let load: Load;
  let attempts: Attempts;
  const admin = () => project.api(`${stack}-admin`);
  const misbehave = (): Promise<void> => fault(project, stack, system, bad);

  /** Ends them as a crash would; others come in their place. */
  async function kill(namespace: string, selector: string, count = Number.POSITIVE_INFINITY): Promise<void> {
    const pods = (await podsOf(project, stack, namespace, selector)).slice(0, count);
    assert.ok(pods.length > 0, `nobody to kill: ${selector}`);
    const path = (pod: string) => `${objectPath("v1", "pods", namespace, pod)}?gracePeriodSeconds=0`;
    await Promise.all(pods.map((pod) => admin().remove(path(pod))));
  }

  /** Nothing of the API server's or the store's is answered, and the release goes bad in the meantime. */
  async function whileFrozen(what: "kube-apiserver" | "etcd"): Promise<void> {
    const canaries = await addressesOf(project, stack, system, "rampart.dev/track=canary");
    const isShadow = isMirrored(await route());
    const frozen = await freeze(what, project);
    try {
      await load.reset();
      await frozen.faultFromNode(canaries, bad);
      // What becomes of copies nobody is told.
      if (isShadow) await pause(3_000);
      else await waitFor("the canary's failures", async () => (await load.stats()).failed >= 30, { timeout: 120_000 });
    } finally {
      frozen.thaw();
    }
  }

  /** The analyzers don't hear of these any more, until it is over. */
  async function whileApart(
    ...others: (readonly [command: string, namespace: string, selector: string])[]
  ): Promise<void> {
    const slot = Number((await addressOf(project, stack)).split(".")[2]);
    const mends: (() => Promise<void>)[] = [];
    try {
      for (const address of await addressesOf(project, stack, ...analyzers)) {
        for (const [command, ...where] of others) {
          for (const other of await addressesOf(project, stack, ...where)) {
            mends.push(await cut(slot, { command: "node", address }, { command, address: other }));
          }
        }
      }
      await misbehave();
      await ended();
    } finally {
      for (const mend of mends) await mend();
    }
  }

  const ended = () =>
    waitFor(
      "the attempt's end on target",
      async () => {
        const rollout = await attempts.rollout();
        return currentAbort(rollout) !== undefined && rollout.status.onTarget;
      },
      { timeout: 360_000, interval: 100 },
    );

  /** An attempt that is well and has its users, or copies of what they ask. */
  async function ready(rung: string | number): Promise<void> {
    if (currentAbort(await attempts.rollout())) await attempts.land();
    await fault(project, stack, system, {});
    await attempts.climb(rung);
    if (isMirrored(await route())) return;
    await waitFor("the canary's users", async () => (await load.sample(200)).canary > 0);
  }

  const chaos: Record<string, () => Promise<unknown>> = {
    "one analyzer is killed": async () => {
      await kill(...analyzers, 1);
      await misbehave();
    },
    "both analyzers are killed": async () => {
      await kill(...analyzers);
      await misbehave();
    },
    "both Prometheus are killed": async () => {
      await kill("rampart-monitoring", "app.kubernetes.io/name=prometheus");
      await misbehave();
    },
    "both Alertmanagers are killed": async () => {
      await kill("rampart-monitoring", "app.kubernetes.io/name=alertmanager");
      await misbehave();
    },
    "the API server hangs": () => whileFrozen("kube-apiserver"),
    "its store hangs": () => whileFrozen("etcd"),
    "the proxy can't be asked": () => whileApart(proxies),
    "Prometheus can't be asked": () => whileApart(prometheuses),
    "nobody can be asked, and Alertmanager calls": () => whileApart(proxies, prometheuses),
  };

  const route = async (): Promise<Route> =>
    (await admin().get(objectPath("gateway.networking.k8s.io/v1", "httproutes", system, system))) as Route;

  /** What the route gives the canary, segment by segment. */
  async function given(): Promise<string> {
    const [now, { spec }] = [await route(), await attempts.rollout()];
    return shown(effectiveOf(now, system, segmentsOf({ spec })), isMirrored(now));
  }
  const shown = (exposure: Exposure, mirror: boolean): string =>
    JSON.stringify({ ...Object.fromEntries(Object.entries(exposure).sort()), ...(mirror && { mirror }) });

  /** All that the route has given until it is told to stop. */
  function watchRoute(): { stop(): Promise<string[]> } {
    const seen: string[] = [];
    let isOver = false;
    const loop = (async () => {
      while (!isOver) {
        const now = await given().catch(() => undefined);
        if (now !== undefined && now !== seen.at(-1)) seen.push(now);
        await pause(50);
      }
    })();
    return {
      stop: async () => {
        isOver = true;
        await loop;
        return seen;
      },
    };
  }

  async function begin(name: keyof typeof rollouts, ...more: string[]): Promise<void> {
    system = name;
    await project.set(stack, `${system}.artifact`, await imageOf("simulator:1.1.0"));
    await project.goTo(stack, system, 0);
    attempts = await Attempts.open(project, stack, system);
    load = await Load.start(await addressOf(project, stack), `${system}.example.com`, rate, ...more);
  }

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    await deployAnalyzer(project, stack);
  });
  after(() => project?.close());

  const taken = (rung: string | number, what: string, happens: () => Promise<unknown>) =>
    it(`is taken down from ${rung === "shadow" ? rung : `${rung} %`} while ${what}, and stays down`, async () => {
      await ready(rung);
      const { spec } = await attempts.rollout();
      const [nobody, here] = [spec.phases[0]!, spec.phases.find(({ name }) => name === spec.phase)!];
      const watch = watchRoute();
      const started = Date.now();
      try {
        await happens();
        await ended();
      } finally {
        console.log(`      down after ${((Date.now() - started) / 1000).toFixed(1)} s`);
        // Whoever was killed comes back, and must not bring the release back with it.
        await waitFor("both analyzers", async () => (await readyAnalyzers(project, stack)) === 2, { timeout: 180_000 });
        await pause(2_000);
        const expected = [shown(here.exposure, here.mirror === true), shown(nobody.exposure, false)];
        assert.deepEqual(await watch.stop(), expected, "what the route gave");
      }
      assert.deepEqual(currentAbort(await attempts.rollout())!.to, nobody.exposure);
    });

  describe("dwcp-manager", () => {
    before(() => begin("dwcp-manager", "-header", "x-rampart-segment: premium"));
    after(() => load?.stop());

    for (const rung of rollouts["dwcp-manager"]) {
      for (const [what, happens] of Object.entries(chaos)) taken(rung, what, happens);
    }

    it("is counted segment by segment, as the proxy sees it", async () => {
      await ready(5);
      const counted = async () => {
        const { spec, status } = await attempts.rollout();
        const name = `${spec.attempt}/${spec.phase}/success-ratio:canary:proxy@premium`;
        return totalOf(status.windows?.[name] ?? []).n > 0;
      };
      await waitFor("premium's requests", counted, { timeout: 300_000, interval: 1000 });
    });
  });

  describe("wdbx", () => {
    before(() => begin("wdbx"));
    after(() => load?.stop());

    for (const rung of rollouts.wdbx) {
      for (const [what, happens] of Object.entries(chaos)) taken(rung, what, happens);
    }

    const fires = (alert: string) => {
      const path = "/api/v1/namespaces/rampart-monitoring/pods/alertmanager-0:9093/proxy/api/v2/alerts";
      const isTold = async () => {
        const alerts = JSON.parse(await project.raw(stack, path)) as { labels: { alertname: string } }[];
        return alerts.some(({ labels }) => labels.alertname === alert);
      };
      return waitFor(`${alert} at Alertmanager`, isTold, { timeout: 30_000, interval: 250 });
    };

    it("pages within half a minute when a drain fails, and drains as soon as it may", async () => {
      const role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/rampart-analyzer";
      const { rules } = (await admin().get(role)) as { rules: { resources: string[]; verbs: string[] }[] };
      const without = rules.map((rule) =>
        rule.resources.includes("httproutes")
          ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== "patch") }
          : rule,
      );
      await ready(25);
      await admin().patch(role, "merge", { rules: without });
      try {
        await misbehave();
        await waitFor("the latch", async () => currentAbort(await attempts.rollout()) !== undefined);
        await fires("DrainFailed");
        assert.equal(await given(), shown({ all: 25 }, false));
      } finally {
        await admin().patch(role, "merge", { rules });
      }
      await ended();
      assert.equal(await given(), shown({ all: 0 }, false));
    });

    it("pages within half a minute when no analyzer is left", async () => {
      const path = "/apis/apps/v1/namespaces/rampart-system/deployments/analyzer/scale";
      await admin().patch(path, "merge", { spec: { replicas: 0 } });
      await waitFor("no analyzer", async () => (await podsOf(project, stack, ...analyzers)).length === 0, {
        timeout: 60_000,
      });
      await fires("AnalyzerDown");
    });
  });
});
