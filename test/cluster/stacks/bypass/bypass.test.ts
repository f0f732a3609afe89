import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { idleGuards } from "../../../../live/guard-self-test.ts";
import { waitFor } from "../../../../local/wait.ts";
import { addressOf } from "../../../support/environment.ts";
import { isWithinBinomial, Load } from "../../../support/load.ts";
import { AtFivePercent, stack, up } from "./at-five-percent.ts";
import { type Attempt, host, type Place, rollout, route } from "./attempt.ts";
import { attempts } from "./attempts.ts";
import { type, typed } from "./by-kubectl.ts";

/** Stands in for what is only known once the cluster is there; the list of attempts doesn't depend on it. */
const anyPlace: Place = {
  ...{ stable: "a@sha256:0", artifact: "b@sha256:0", attempt: 2, step: 3, revision: "r", canaryPod: "p" },
  phases: Array.from({ length: 5 }, (_, index) => ({ name: `p${index}`, soakSeconds: 60 })),
};

describe("with 5 % allowed, nobody gets the canary more", function () {
  this.timeout(200_000);
  let wdbx: AtFivePercent;
  let place: Place;
  let load: Load;

  before(async () => {
    wdbx = await AtFivePercent.reach();
    place = await wdbx.place();
    load = await Load.start(await addressOf(wdbx.project, stack), host, 300);
  });
  after(async () => {
    await load?.stop();
    await wdbx?.stop();
  });

  async function carryOut({ who = "admin", path, by, body }: Attempt): Promise<void> {
    const api = wdbx.apis[who];
    if (by === "delete") await api.remove(path);
    else if (by) await api.patch(path, by, body!);
    else await api.create(path, body!);
  }

  for (const [index, { what }] of attempts(anyPlace).entries()) {
    it(what, async () => {
      const attempt = attempts(place)[index]!;
      await assert.rejects(carryOut(attempt), (error: Error) => {
        assert.match(error.message, attempt.refusal);
        return true;
      });
      assert.ok((await wdbx.share()) <= 5);
    });
  }

  for (const one of typed) {
    it(`kubectl: ${one.what}`, async () => {
      assert.match(await type(wdbx.project.kubeconfig, `${stack}-admin`, one, place), one.refusal);
      assert.ok((await wdbx.share()) <= 5);
    });
  }

  it("a policy deleted by an admin, which can't be stopped, is noticed", async () => {
    const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/rampart-no-grants";
    assert.deepEqual(await idleGuards(wdbx.apis.admin, ["no-grants", "route-weight"]), []);
    const { metadata, ...binding } = (await wdbx.apis.admin.get(path)) as { metadata: { name: string } };
    await wdbx.apis.admin.remove(path);
    assert.deepEqual(await idleGuards(wdbx.apis.admin, ["no-grants", "route-weight"]), ["no-grants"]);
    await wdbx.apis.admin.create(path.replace(/\/rampart-no-grants$/, ""), {
      ...binding,
      metadata: { name: metadata.name },
    });
  });

  describe("by the engine", () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, text } = await wdbx.pulumi(...args);
      assert.notEqual(code, 0, text);
      assert.equal(await wdbx.share(), 5);
      return text;
    };

    it("an update to the next phase, preview skipped", async () => {
      await wdbx.project.set(stack, "wdbx.percent", 25);
      assert.match(await refused(...up), /canary-5 has not passed/);
    });

    it("an update of the route alone", async () => {
      const route = "**HTTPRoute::wdbx-route";
      assert.match(await refused(...up, "--target", route), /canary-5 has not passed/);
    });

    it("an artifact by tag", async () => {
      const file = wdbx.project.stackFile(stack);
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace(place.artifact, "rampart.local/simulator:1.1.0"));
      assert.match(await refused(...up), /is not a digest, and a tag can change behind everyone's back/);
      await writeFile(file, text);
    });

    it("two updates at once", async () => {
      await wdbx.project.set(stack, "wdbx.percent", 25);
      const both = await Promise.all([wdbx.pulumi(...up), wdbx.pulumi(...up)]);
      assert.ok(both.every(({ code }) => code !== 0));
      assert.equal(await wdbx.share(), 5);
    });
  });

  it("and the canary has had its 5 % all the time, without a failed request", async () => {
    const { requests, canary } = await load.all();
    assert.ok(isWithinBinomial(canary, requests, 0.05), `${canary} of ${requests}`);
    assert.equal((await load.failures()).count, 0);
  });

  describe("after an abort", () => {
    before(async () => {
      await wdbx.standIn.abort("wdbx", "error-ratio", "the test says so");
      await waitFor("nobody on the canary", async () => (await wdbx.share()) === 0);
    });
    const refused = async (attempt: Promise<unknown>, message: RegExp): Promise<void> => {
      await assert.rejects(attempt, message);
      assert.equal(await wdbx.share(), 0);
    };
    const next = async (change: object) => ({ spec: { step: (await wdbx.live()).spec.step + 1, ...change } });

    it("the route doesn't get what the phase would give", () =>
      refused(
        wdbx.apis.admin.patch(route, "json", [{ op: "replace", path: "/spec/rules/0/backendRefs/1/weight", value: 5 }]),
        /route-weight/,
      ));

    it("a landing of the same artifact doesn't shed it, without a retry that says why", async () => {
      const landing = { attempt: place.attempt + 1, phase: place.phases[0]!.name, percent: 0, exposure: { all: 0 } };
      await refused(wdbx.apis.admin.patch(rollout, "merge", await next(landing)), /counters-attempt|landing/);
    });

    it("a landing in mid-ladder doesn't either", async () => {
      const landing = { attempt: place.attempt + 1, retry: 1 };
      await refused(wdbx.apis.admin.patch(rollout, "merge", await next(landing)), /landing-place/);
    });

    it("nobody takes it out of the status", () =>
      refused(wdbx.apis.admin.patch(`${rollout}/status`, "merge", { status: { aborted: null } }), /latch: /));

    it("not even who wrote it", async () => {
      const analyzer = await wdbx.project.analyzer(stack);
      await refused(analyzer.patch(`${rollout}/status`, "merge", { status: { aborted: null } }), /latch: /);
    });

    it("the next update keeps it down, and says why", async () => {
      await wdbx.project.set(stack, "wdbx.percent", 5);
      const { code, text } = await wdbx.pulumi(...up);
      assert.equal(code, 0, text);
      assert.match(text, /was aborted by error-ratio/);
      assert.equal(await wdbx.share(), 0);
    });
  });
});
