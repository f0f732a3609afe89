import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import type { StandIn } from "../../../analyzer/stand-in/writer.ts";
import type { Api } from "../../../live/api.ts";
import { idleGuards } from "../../../live/guard-self-test.ts";
import { objectPath } from "../../../live/paths.ts";
import { readLive } from "../../../live/read.ts";
import { waitFor } from "../../../local/wait.ts";
import { effectiveOf, type Route } from "../../../rollout/verdict/effective.ts";
import { addressOf, imageOf, Project, watching } from "../../support/environment.ts";
import { isWithinBinomial, Load } from "../../support/load.ts";
import { type Attempt, host, type Place, rollout, route, type Who } from "./attempt.ts";
import { attempts } from "./attempts.ts";
import { type, typed } from "./by-kubectl.ts";

/** Stands in for what is only known once the cluster is there; the list of attempts doesn't depend on it. */
const anyPlace: Place = {
  ...{ stable: "a@sha256:0", artifact: "b@sha256:0", attempt: 2, step: 3, revision: "r", canaryPod: "p" },
  phases: Array.from({ length: 5 }, (_, index) => ({ name: `p${index}`, soakSeconds: 60 })),
};

describe("with 5 % allowed, nobody gets the canary more", function () {
  this.timeout(200_000);
  const stack = "rehearsal";
  let project: Project;
  let standIn: StandIn;
  let watch: { stop(): Promise<void> };
  let place: Place;
  let load: Load;
  const apis = {} as Record<Who, Api>;

  const live = async () => (await readLive(apis.admin))!.wdbx!.rollout!;
  const shareNow = async (): Promise<number> => {
    const path = objectPath("gateway.networking.k8s.io/v1", "httproutes", "wdbx", "wdbx");
    return effectiveOf((await apis.admin.get(path)) as Route, "wdbx", ["all"]).all!;
  };
  const pass = async (): Promise<void> => {
    await waitFor("the stand-in", async () => {
      const { spec, status } = await live();
      return status.observedStep === spec.step && status.onTarget;
    });
    await standIn.pass("wdbx", { withoutSoak: true });
  };

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    for (const who of ["admin", "platform", "systems", "previewer"] as const)
      apis[who] = project.api(`${stack}-${who}`);
    standIn = await project.standIn(stack);
    watch = watching(standIn);
    await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
    await project.set(stack, "wdbx.percent", 0);
    await project.up(stack);
    await pass();
    await project.set(stack, "wdbx.percent", 5);
    await project.up(stack);
    const { spec } = await waitFor("the last step to be seen", async () => {
      const rollout = await live();
      return rollout.status.observedStep === rollout.spec.step && rollout;
    });
    const pods = (await apis.admin.get("/api/v1/namespaces/wdbx/pods?labelSelector=rampart.dev/track=canary")) as {
      items: { metadata: { name: string } }[];
    };
    place = { ...spec, canaryPod: pods.items[0]!.metadata.name };
    load = await Load.start(await addressOf(project, stack), host, 300);
  });
  after(async () => {
    await load?.stop();
    await watch?.stop();
    await project?.close();
  });

  async function carryOut({ who = "admin", path, by, body }: Attempt): Promise<void> {
    const api = apis[who];
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
      assert.ok((await shareNow()) <= 5);
    });
  }

  for (const one of typed) {
    it(`kubectl: ${one.what}`, async () => {
      assert.match(await type(project.kubeconfig, `${stack}-admin`, one, place), one.refusal);
      assert.ok((await shareNow()) <= 5);
    });
  }

  it("a policy deleted by an admin, which can't be stopped, is noticed", async () => {
    const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/rampart-no-grants";
    assert.deepEqual(await idleGuards(apis.admin, ["no-grants", "route-weight"]), []);
    const { metadata, ...binding } = (await apis.admin.get(path)) as { metadata: { name: string } };
    await apis.admin.remove(path);
    assert.deepEqual(await idleGuards(apis.admin, ["no-grants", "route-weight"]), ["no-grants"]);
    await apis.admin.create(path.replace(/\/rampart-no-grants$/, ""), {
      ...binding,
      metadata: { name: metadata.name },
    });
  });

  describe("by the engine", () => {
    const up = ["up", "--yes", "--skip-preview"];
    const refused = async (...args: string[]): Promise<string> => {
      const { code, text } = await project.pulumi(stack, ...args);
      assert.notEqual(code, 0, text);
      assert.equal(await shareNow(), 5);
      return text;
    };

    it("an update to the next phase, preview skipped", async () => {
      await project.set(stack, "wdbx.percent", 25);
      assert.match(await refused(...up), /canary-5 has not passed/);
    });

    it("an update of the route alone", async () => {
      const route = "**HTTPRoute::wdbx-route";
      assert.match(await refused(...up, "--target", route), /canary-5 has not passed/);
    });

    it("a config that plays tricks", async () => {
      const file = project.stackFile(stack);
      const text = await readFile(file, "utf8");
      const tricks: [string, RegExp][] = [
        ['"25"', /is a string/],
        ["5.0001", /5\.0001/],
        ["-1", /-1/],
        ["101", /101/],
        ["25\n    phase: full", /phase/],
        ["25\n    percent: 5", /already defined/],
        ["25\n    bypass: true", /bypass/],
        ["25\n    phase: everybody", /everybody/],
        ['25\n    artifact: "rampart.local/simulator:1.1.0"', /already defined/],
      ];
      for (const [trick, message] of tricks) {
        await writeFile(file, text.replace(/percent: 25/, `percent: ${trick}`));
        assert.match(await refused(...up), message);
      }
      await writeFile(file, text.replace(/percent: 25/, "percent: 5"));
    });

    it("a state that was edited, and a refresh", async () => {
      const exported = await project.pulumi(stack, "stack", "export");
      const json = exported.text.slice(exported.text.indexOf("{"), exported.text.lastIndexOf("}") + 1);
      const state = `${project.state}/edited.json`;
      const edited = json.replaceAll('"weight": 5', '"weight": 60');
      assert.notEqual(edited, json);
      await writeFile(state, edited);
      assert.equal((await project.pulumi(stack, "stack", "import", "--file", state)).code, 0);
      await project.up(stack);
      assert.equal(await shareNow(), 5);
      assert.equal((await project.pulumi(stack, "refresh", "--yes", "--skip-preview")).code, 0);
      await project.up(stack);
      assert.equal(await shareNow(), 5);
    });

    it("an artifact by tag", async () => {
      const file = project.stackFile(stack);
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace(place.artifact, "rampart.local/simulator:1.1.0"));
      assert.match(await refused(...up), /is not a digest, and a tag can change behind everyone's back/);
      await writeFile(file, text);
    });

    it("an import of what carries the users, which the next update would delete", async () => {
      const thing = ["kubernetes:core/v1:Service", "stolen", "wdbx/wdbx-stable"];
      const imported = await project.pulumi(
        stack,
        "import",
        ...thing,
        "--yes",
        "--protect=false",
        "--generate-code=false",
      );
      assert.equal(imported.code, 0, imported.text);
      assert.match(await refused(...up), /rampart-keep-traffic/);
      const urn = `urn:pulumi:${stack}::rampart::kubernetes:core/v1:Service::stolen`;
      assert.equal((await project.pulumi(stack, "state", "delete", urn, "--yes")).code, 0);
      await project.up(stack);
      assert.equal(await shareNow(), 5);
    });

    it("two updates at once", async () => {
      await project.set(stack, "wdbx.percent", 25);
      const both = await Promise.all([project.pulumi(stack, ...up), project.pulumi(stack, ...up)]);
      assert.ok(both.every(({ code }) => code !== 0));
      assert.equal(await shareNow(), 5);
    });
  });

  it("and the canary has had its 5 % all the time, without a failed request", async () => {
    const { requests, canary } = await load.all();
    assert.ok(isWithinBinomial(canary, requests, 0.05), `${canary} of ${requests}`);
    assert.equal((await load.failures()).count, 0);
  });

  describe("after an abort", () => {
    before(async () => {
      await standIn.abort("wdbx", "error-ratio", "the test says so");
      await waitFor("nobody on the canary", async () => (await shareNow()) === 0);
    });
    const refused = async (attempt: Promise<unknown>, message: RegExp): Promise<void> => {
      await assert.rejects(attempt, message);
      assert.equal(await shareNow(), 0);
    };
    const next = async (change: object) => ({ spec: { step: (await live()).spec.step + 1, ...change } });

    it("the route doesn't get what the phase would give", () =>
      refused(
        apis.admin.patch(route, "json", [{ op: "replace", path: "/spec/rules/0/backendRefs/1/weight", value: 5 }]),
        /route-weight/,
      ));

    it("a landing of the same artifact doesn't shed it, without a retry that says why", async () => {
      const landing = { attempt: place.attempt + 1, phase: place.phases[0]!.name, percent: 0, exposure: { all: 0 } };
      await refused(apis.admin.patch(rollout, "merge", await next(landing)), /counters-attempt|landing/);
    });

    it("a landing in mid-ladder doesn't either", async () => {
      const landing = { attempt: place.attempt + 1, retry: 1 };
      await refused(apis.admin.patch(rollout, "merge", await next(landing)), /landing-place/);
    });

    it("nobody takes it out of the status", () =>
      refused(apis.admin.patch(`${rollout}/status`, "merge", { status: { aborted: null } }), /latch: /));

    it("not even who wrote it", async () => {
      const analyzer = await project.analyzer(stack);
      await refused(analyzer.patch(`${rollout}/status`, "merge", { status: { aborted: null } }), /latch: /);
    });

    it("the next update keeps it down, and says why", async () => {
      await project.set(stack, "wdbx.percent", 5);
      const { code, text } = await project.pulumi(stack, ...["up", "--yes", "--skip-preview"]);
      assert.equal(code, 0, text);
      assert.match(text, /was aborted by error-ratio/);
      assert.equal(await shareNow(), 0);
    });
  });
});
