import assert from "node:assert/strict";
import { planCrd, rolloutCrd } from "../../../components/rollout-api/crds.ts";
import type { Workspace } from "../support.ts";
import {
  barePod,
  deployment,
  installGuards,
  isRefused,
  type Manifest,
  merge,
  mirrorTo,
  passes,
  phases,
  plan,
  pod,
  remove,
  removeGuards,
  rollout,
  route,
  service,
  soon,
  space,
  system,
  write,
} from "./guarded.ts";
import { analyzer, changed, clientAs, installRolloutApi, makeNamespace, refusals, rendered, Walk } from "./support.ts";

const previewer = { user: "pull-request", groups: ["rampart:previewers", "system:masters"] };
const backend = (name: string, weight: number, over: object = {}) => ({ name, port: 80, weight, ...over });

/** Every write below is the cluster admin's, unless it says otherwise. */
describe("the admission policies", function () {
  this.timeout(120_000);
  let walk: Walk;
  let guards: Workspace;
  before(async () => {
    await installRolloutApi();
    guards = await installGuards();
    walk = await Walk.begin(space, { "rampart.dev/system": system });
  });
  after(() => removeGuards(guards));

  describe("before there is anything", () => {
    it("a Rollout needs its plan, and its own namespace", async () => {
      await isRefused(walk.try(rendered(first())), "plan-record", /no params found/);
      await passes(write(plan));
      await isRefused(walk.try({ ...rendered(first()), system: "other" }), "rollout-namespace", /name of its system/);
      await makeNamespace("elsewhere");
      const away: Manifest = { ...plan, metadata: { name: "plan", namespace: "elsewhere" } };
      await isRefused(write(away), "rollout-namespace", /rampart.dev\/system/);
    });

    it("what it guards is refused without a Rollout", async () => {
      await isRefused(write(route(0)), "route-weight", /no params found/);
      await isRefused(write(deployment("stable", "A")), "track-images", /no params found/);
    });

    it("a Rollout takes a listed version of its plan, as it is listed", async () => {
      await isRefused(walk.try(rendered({ ...first(), planDigest: "p9" })), "plan-record", /lists no version p9/);
      const shorter = phases.map((one) => ({ ...one, soakSeconds: 0 }));
      await isRefused(
        walk.try(rendered({ ...first(), phases: shorter })),
        "plan-record",
        /those of the listed version/,
      );
      const short = [phases[0]!, phases.at(-1)!];
      await isRefused(walk.try(rendered({ ...first(), phases: short })), "plan-record", /those of the listed version/);
      await isRefused(walk.try(rendered({ ...first(), ladder: "expedited" })), "plan-record", /ladder/);
      const drain = [{ name: "route", kind: "patch", to: "zero", target: "x" }];
      await isRefused(walk.try({ ...rendered(first()), drain }), "plan-record", /drain/);
      await isRefused(walk.try(rendered({ ...first(), attempt: 4 })), "plan-record", /attempt on record/);
      await walk.go({ phases });
    });
  });

  describe("at 0 %", () => {
    before(() => soon(() => passes(write(route(0)))));

    it("both tracks run what the Rollout says, whoever makes the pod", async () => {
      await passes(write(deployment("stable", "A")));
      await passes(write(deployment("canary", "B")));
      await isRefused(write(deployment("stable", "B")), "track-images", /stable track of wdbx runs A/);
      await isRefused(write(deployment("canary", "X")), "track-images", /canary track of wdbx runs B/);
      await isRefused(write(barePod("claims", "stable", "X")), "track-images", /stable track of wdbx runs A/);
      await isRefused(write(barePod("claims", "stable", "A", "other")), "track-images", /container called app/);
      await passes(write(barePod("other", undefined, "X")));
      await isRefused(
        merge(barePod("other", undefined, "X"), { metadata: { labels: { "rampart.dev/track": "stable" } } }),
        "track-images",
        /runs A/,
      );
      const selector = { matchLabels: pod("stable", "X").metadata.labels };
      const claims = (apiVersion: string, kind: string, spec: object): Manifest => ({
        ...{ apiVersion, kind, metadata: { name: "claims", namespace: space } },
        spec: { selector, template: pod("stable", "X"), ...spec },
      });
      await isRefused(write(claims("apps/v1", "ReplicaSet", {})), "track-images", /runs A/);
      await isRefused(write(claims("apps/v1", "StatefulSet", { serviceName: "x" })), "track-images", /runs A/);
      await isRefused(write(claims("apps/v1", "DaemonSet", {})), "track-images", /runs A/);
      await isRefused(write(barePod("claims", "stable", "A")), "track-images", /come from its Deployment/);
      await isRefused(
        write(claims("apps/v1", "ReplicaSet", { template: pod("stable", "A") })),
        "track-images",
        /come from/,
      );
    });

    it("what stable's pods are is frozen with their artifact, and there are always some", async () => {
      const template = pod("stable", "A");
      const sidecar = { name: "sidecar", image: "X" };
      const changed = [
        { containers: [{ ...template.spec.containers[0], env: [{ name: "A", value: "1" }] }] },
        { containers: [...template.spec.containers, sidecar] },
        { ...template.spec, initContainers: [sidecar] },
      ];
      for (const spec of changed) {
        const other = deployment("stable", "A", { template: { ...template, spec } });
        await isRefused(write(other), "track-images", /changes with their artifact and with nothing else/);
      }
      await isRefused(write(deployment("stable", "A", { replicas: 0 })), "track-images", /never without pods/);
      const scale = { spec: { replicas: 0 } };
      await isRefused(merge(deployment("stable", "A"), scale, "/scale"), "stable-size", /never without pods/);
      await passes(merge(deployment("canary", "B"), scale, "/scale"));
    });

    it("new pods of the canary carry the revision of the Rollout", async () => {
      const template = pod("canary", "B");
      const labels = { ...template.metadata.labels, "rampart.dev/revision": "r2" };
      const other = deployment("canary", "B", { template: { ...template, metadata: { labels } } });
      await isRefused(write(other), "track-images", /carry revision r1/);
    });

    it("each Service selects its track", async () => {
      await passes(write(service("stable")));
      await passes(write(service("canary")));
      const wrong = /selects its track and nothing else/;
      const labels = { "app.kubernetes.io/name": system };
      await isRefused(write(service("stable", { selector: labels })), "track-services", wrong);
      const canary = { ...labels, "rampart.dev/track": "canary" };
      await isRefused(write(service("stable", { selector: canary })), "track-services", wrong);
      await isRefused(merge(service("stable"), { spec: { selector: null } }), "track-services", wrong);
      const outside = { spec: { type: "ExternalName", externalName: "x.example", selector: null, clusterIP: null } };
      await isRefused(merge(service("stable"), outside), "track-services", wrong);
      await isRefused(
        write(service("canary", { selector: { ...labels, "rampart.dev/track": "stable" } })),
        "track-services",
        wrong,
      );
    });

    it("a route gives the canary nothing, in no disguise", async () => {
      const tooMuch = /more than the Rollout of wdbx allows now: 0 % in phase prep/;
      await isRefused(write(route(1)), "route-weight", tooMuch);
      await isRefused(write(route(100)), "route-weight", tooMuch);
      await isRefused(write(route(1, { name: "second" })), "route-weight", tooMuch);
      const match = {
        matches: [{ path: { type: "PathPrefix", value: "/" } }, { headers: [{ name: "a", value: "b" }] }],
      };
      await isRefused(write(route(100, { name: "catch-all", rule: match })), "route-weight", tooMuch);
      const unweighted = [
        { name: "wdbx-stable", port: 80, weight: 1 },
        { name: "wdbx-canary", port: 80 },
      ];
      await isRefused(write(route(0, { backends: unweighted })), "route-weight", tooMuch);
    });

    it("a route leads to the two Services, from hosts that it names, and nowhere else", async () => {
      const stable = backend("wdbx-stable", 1);
      const nowhere = { backends: [backend("wdbx-stable", 0), backend("wdbx-canary", 0)] };
      await isRefused(write(route(0, nowhere)), "route-weight", /add up to more than 0/);
      await isRefused(write(route(0, { backends: [backend("wdbx-canary", 0)] })), "route-weight", /names the stable/);
      await isRefused(write(route(0, { backends: [stable, backend("x", 0)] })), "route-weight", /nothing else/);
      const foreign = backend("wdbx-canary", 0, { namespace: "elsewhere" });
      await isRefused(write(route(0, { backends: [stable, foreign] })), "route-weight", /nothing else/);
      await isRefused(write(route(0, { hostnames: null })), "route-weight", /names its hosts/);
      await isRefused(write(route(0, { hostnames: ["*.example"] })), "route-weight", /names its hosts/);
      const redirect = { filters: [{ type: "RequestRedirect", requestRedirect: { hostname: "x.example" } }] };
      const rule = { ...redirect, backendRefs: undefined };
      await isRefused(write(route(0, { rule })), "route-weight", /names the stable Service/);
      const extensionRef = { group: "example.dev", kind: "Redirect", name: "x" };
      const extended = { filters: [{ type: "ExtensionRef", extensionRef }] };
      await isRefused(write(route(0, { rule: extended })), "route-weight", /redirects nobody/);
      const filters = [{ type: "RequestHeaderModifier", requestHeaderModifier: { remove: ["a"] } }];
      await isRefused(write(route(0, { backends: [{ ...stable, filters }] })), "route-weight", /filters of its own/);
    });

    it("requests are mirrored only in the phase for it, and only to the canary", async () => {
      const mirrored = route(0, { rule: mirrorTo("wdbx-canary") });
      await isRefused(write(mirrored), "route-weight", /only in a phase that says so/);
      await walk.climbTo("shadow");
      await soon(() => passes(write(mirrored)));
      await isRefused(write(route(0, { rule: mirrorTo("wdbx-stable") })), "route-weight", /to the canary/);
      await passes(write(route(0)));
    });

    it("there is no other way in", async () => {
      const made = (apiVersion: string, kind: string, rest: object): Manifest => ({
        ...{ apiVersion, kind, metadata: { name: "side", namespace: space } },
        ...rest,
      });
      const grant = made("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", {
        spec: {
          from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "elsewhere" }],
          to: [{ group: "", kind: "Service" }],
        },
      });
      await isRefused(write(grant), "no-grants", /other namespaces/);
      await passes(write({ ...grant, metadata: { name: "side", namespace: "elsewhere" } }));
      const ingress = made("networking.k8s.io/v1", "Ingress", {
        spec: { defaultBackend: { service: { name: "wdbx-canary", port: { number: 80 } } } },
      });
      await isRefused(write(ingress), "other-routes", /by its HTTPRoute/);
      await passes(write({ ...ingress, metadata: { name: "side", namespace: "elsewhere" } }));
      const slice = made("discovery.k8s.io/v1", "EndpointSlice", {
        addressType: "IPv4",
        endpoints: [{ addresses: ["10.1.2.3"] }],
      });
      await isRefused(write(slice), "foreign-endpoints", /nobody writes them/);
      await passes(write({ ...slice, metadata: { name: "side", namespace: "elsewhere" } }));
    });

    it("only the analyzer writes a status", async () => {
      const forged = { status: { passed: [{ phase: "shadow", revision: "r1", attempt: 1 }] } };
      await isRefused(merge(rollout, forged, "/status"), "status-writer", /only the analyzer writes a status, not /);
      const settled = { status: { settled: { artifact: "X", attempt: 9 } } };
      await isRefused(merge(plan, settled, "/status"), "status-writer", /only the analyzer/);
      await walk.report();
    });

    it("a preview identity writes nothing, and may try everything", async () => {
      const as = await clientAs(previewer);
      await isRefused(write(route(0), { as }), "previewers", /dry runs only/);
      await isRefused(write(barePod("tried", undefined, "X"), { as }), "previewers", /dry runs only/);
      await passes(write(route(50), { as, dryRun: true }));
    });
  });

  describe("at 5 %", () => {
    before(async () => {
      await walk.climbTo("canary-5");
      await soon(() => passes(write(route(5))));
    });

    it("a route gives 5 % and not more", async () => {
      await isRefused(write(route(6)), "route-weight", /5 % in phase canary-5/);
      const share = [backend("wdbx-stable", 18), backend("wdbx-canary", 1)];
      await isRefused(write(route(0, { backends: share })), "route-weight", /5 % in phase canary-5/);
      await passes(write(route(4)));
      await passes(write(route(50), { dryRun: true }));
    });

    it("a rule for a segment gives what that segment may have", async () => {
      const forSegment = (value: string) => ({ matches: [{ headers: [{ name: "x-rampart-segment", value }] }] });
      await passes(write(route(5, { rule: forSegment("all") })));
      await isRefused(write(route(5, { rule: forSegment("beta") })), "route-weight", /allows now/);
      await passes(write(route(0, { rule: forSegment("beta") })));
    });

    it("the canary's pods stay as they are, and their number doesn't matter", async () => {
      const template = pod("canary", "B");
      const container = { ...template.spec.containers[0], env: [{ name: "A", value: "1" }] };
      const other = { ...template, spec: { containers: [container] } };
      await isRefused(write(deployment("canary", "B", { template: other })), "track-images", /no users/);
      await passes(write(deployment("canary", "B", { replicas: 1 })));
      await passes(write(deployment("canary", "B", { replicas: 0 })));
    });

    it("the analyzer lowers, and never raises", async () => {
      const as = await clientAs(analyzer);
      await passes(write(route(5)));
      await passes(write(route(0), { as }));
      await isRefused(write(route(5), { as }), "route-weight", /only lowers/);
    });

    it("a person's abort counts at once", async () => {
      await passes(merge(rollout, { metadata: { annotations: { "rampart.dev/abort": "1" } } }));
      await soon(() => isRefused(write(route(5)), "route-weight", /asked for an abort of attempt 1/));
      await passes(write(route(0)));
      await passes(merge(rollout, { metadata: { annotations: { "rampart.dev/abort": "7" } } }));
      await soon(() => passes(write(route(5))));
    });

    it("nothing that carries users is deleted, and neither is what guards them", async () => {
      const users = /carries the users of wdbx/;
      await isRefused(remove(route(0)), "keep-traffic", users);
      for (const track of ["stable", "canary"] as const) {
        await isRefused(remove(service(track)), "keep-traffic", users);
        await isRefused(remove(deployment(track, "A")), "keep-traffic", users);
      }
      await isRefused(remove(rollout), "keep-rollout", /isn't marked for removal/);
      await isRefused(remove(plan), "keep-plan", /record of the last settled state/);
      const home: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: space } };
      await isRefused(remove(home), "keep-namespace", /wdbx lives here/);
      for (const value of [null, "other"]) {
        const label = { metadata: { labels: { "rampart.dev/system": value } } };
        await isRefused(merge(home, label), "keep-namespace-label", /keeps its label/);
      }
      await passes(merge(home, { metadata: { labels: { other: "label" } } }));
    });

    it("the kinds keep their rules", async () => {
      for (const crd of [rolloutCrd, planCrd] as unknown as Manifest[]) {
        await isRefused(remove(crd), "keep-kinds", /deletes every Rollout/);
      }
      const [version] = rolloutCrd.spec.versions;
      const { "x-kubernetes-validations": rules, ...schema } = version!.schema.openAPIV3Schema;
      const without = (left: object) => ({
        spec: { versions: [{ ...version, schema: { openAPIV3Schema: { ...schema, ...left } } }] },
      });
      const crd = rolloutCrd as unknown as Manifest;
      await isRefused(merge(crd, without({})), "keep-kinds", /would lose rules/);
      const fewer = { "x-kubernetes-validations": rules.slice(1) };
      await isRefused(merge(crd, without(fewer)), "keep-kinds", /would lose rules/);
      await passes(merge(crd, without({ "x-kubernetes-validations": rules })));
    });
  });

  describe("after an abort", () => {
    it("the canary gets what the abort left it, and no mirror", async () => {
      await walk.climbTo("half");
      await soon(() => passes(write(route(50))));
      await walk.abort(5);
      await soon(() => isRefused(write(route(50)), "route-weight", /attempt 1 was aborted by errors/));
      await isRefused(write(route(6)), "route-weight", /aborted by errors/);
      await passes(write(route(5)));
      await passes(write(route(0)));
    });
  });

  describe("settled", () => {
    before(async () => {
      await walk.pass();
      await walk.go({ retry: 1, phase: "prep" });
      await soon(() => passes(write(deployment("canary", "B"))));
      await walk.climbTo("watch");
      await walk.pass();
      await walk.go({ stable: "B", phase: undefined });
    });

    it("the canary gets nothing again, and stable may roll", async () => {
      await soon(() => isRefused(write(route(100)), "route-weight", /it is settled, so 0 %/));
      await passes(write(route(0)));
      await passes(write(deployment("stable", "A", { replicas: 1 })));
      await passes(write(deployment("stable", "B")));
      await isRefused(write(deployment("stable", "A")), "track-images", /runs B/);
    });

    it("the record of the last settled state decides what comes next", async () => {
      const record = (artifact: string, attempt: number) =>
        clientAs(analyzer).then((client) =>
          client.request({
            method: "PATCH",
            path: `/apis/rampart.dev/v1alpha1/namespaces/${space}/rolloutplans/plan/status`,
            contentType: "application/merge-patch+json",
            body: { status: { settled: { artifact, attempt } } },
          }),
        );
      const tryChange = (over: object) => walk.try(rendered(changed(walk.live!, over)));
      const landing = { artifact: "C", phase: "prep" };
      await record("A", 0);
      await soon(() => isRefused(tryChange(landing), "plan-record", /wait until the settle is done/));
      await isRefused(tryChange({ stable: "X", phase: "watch" }), "plan-record", /what it was before the settle/);
      const forgotten = await refusals(() => record("A", 0).then(() => record("B", -1)));
      assert.notDeepEqual(forgotten, []);
      await record("B", 2);
      await soon(() => isRefused(tryChange({ stable: "A", phase: "watch" }), "plan-record", /rollout of its own/));
      await walk.go(landing);
    });
  });

  describe("a removal", () => {
    it("goes through once it is announced, and a new Rollout starts from the record", async () => {
      await walk.go({ decommission: true });
      await soon(() => isRefused(remove(rollout), "keep-rollout", /wait until it has/));
      await walk.pass();
      for (const object of [route(0), service("canary"), deployment("canary", "B"), rollout]) {
        await soon(() => passes(remove(object)));
      }
      await passes(remove(service("stable")));
      const again = { ...first(), attempt: 3 };
      await isRefused(
        walk.try(rendered({ ...again, stable: "Z" })),
        "plan-record",
        /last settled artifact on record is B/,
      );
      await isRefused(
        walk.try(rendered({ ...again, stable: "B", artifact: "C", attempt: 1 })),
        "plan-record",
        /attempt/,
      );
      await passes(walk.try(rendered({ ...again, stable: "B", artifact: "C" })));
    });
  });
});

const first = () => ({
  ...{ system, stable: "A", artifact: "B", revision: "r1", retry: 0, phase: "prep", ladder: "normal" },
  ...{ planDigest: "p1", phases, hold: false, extendSeconds: 0, decommission: false, attempt: 1, step: 1 },
});
