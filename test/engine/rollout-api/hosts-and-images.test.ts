import assert from "node:assert/strict";
import type { Workspace } from "../support.ts";
import {
  handover,
  installGuards,
  isRefused,
  type Manifest,
  merge,
  passes,
  phases,
  plan,
  remove,
  removeGuards,
  soon,
  space,
  write,
} from "./guarded.ts";
import { installRolloutApi, makeNamespace, rendered, Walk } from "./support.ts";

/** Every write below is the cluster admin's. */
describe("the admission policies on hosts and images", function () {
  this.timeout(120_000);
  let walk: Walk;
  let guards: Workspace;
  before(async () => {
    await installRolloutApi();
    guards = await installGuards();
    walk = await Walk.begin(space, { "rampart.dev/system": "wdbx" });
    await makeNamespace("elsewhere");
    await passes(write(plan));
  });
  after(async () => {
    await removeGuards(guards);
    await remove(plan);
  });

  it("a Rollout names images by digest, where its plan says that they are images", async () => {
    await passes(merge(plan, { spec: { artifactKind: "image" } }));
    const digest = `registry.example:5000/web@sha256:${"a".repeat(64)}`;
    const tried = (artifact: string) => walk.try(rendered({ ...landing, stable: digest, artifact }), { dryRun: true });
    await soon(() => isRefused(tried("registry.example:5000/web:2"), "plan-record", /images by digest/));
    await isRefused(tried(digest.replace("@", ":2@")), "plan-record", /images by digest/);
    await passes(tried(digest.replaceAll("aa", "ab")));
    await passes(merge(plan, { spec: { artifactKind: "version" } }));
    await soon(async () => assert.doesNotMatch((await tried("2.0")).join(), /images by digest/));
  });

  it("a system's hosts are its own, and another namespace's only during a handover", async () => {
    await makeNamespace(handover, {});
    const thief = (namespace: string, hostname: string, kind = "HTTPRoute"): Manifest => ({
      ...{ apiVersion: "gateway.networking.k8s.io/v1", kind, metadata: { name: "thief", namespace } },
      spec: { hostnames: [hostname] },
    });
    const [host, inBetween] = ["wdbx.example", "*.example"];
    await isRefused(write(thief("elsewhere", host)), "foreign-hosts", /belongs to a system of another namespace/);
    await isRefused(write(thief("elsewhere", inBetween)), "foreign-hosts", /another namespace/);
    await passes(write(thief("elsewhere", "*.wdbx.example")));
    await passes(write(thief(handover, host)));
    await passes(remove(thief(handover, host)));
    const ingress: Manifest = {
      ...{ apiVersion: "networking.k8s.io/v1", kind: "Ingress" },
      metadata: { name: "thief", namespace: "elsewhere" },
      spec: { defaultBackend: { service: { name: "web", port: { number: 80 } } }, rules: [{ host }] },
    };
    await isRefused(write(ingress), "foreign-hosts", /another namespace/);
  });
});

const landing = {
  ...{ system: "wdbx", revision: "r1", retry: 0, phase: "prep", ladder: "normal", planDigest: "p1", phases },
  ...{ hold: false, extendSeconds: 0, decommission: false, attempt: 1, step: 1 },
} as const;
