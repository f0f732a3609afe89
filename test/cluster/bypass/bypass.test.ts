import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { effectiveOf, type Route } from "../../../analyzer/stand-in/observe.ts";
import type { StandIn } from "../../../analyzer/stand-in/writer.ts";
import type { Api } from "../../../live/api.ts";
import { idleGuards } from "../../../live/guard-self-test.ts";
import { objectPath } from "../../../live/paths.ts";
import { readLive } from "../../../live/read.ts";
import { waitFor } from "../../../local/wait.ts";
import { imageOf, Project, watching } from "../../support/environment.ts";
import type { Attempt, Place, Who } from "./attempt.ts";
import { attempts } from "./attempts.ts";

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
    for (const who of ["admin", "systems", "previewer"] as const) apis[who] = project.api(`${stack}-${who}`);
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
  });
  after(async () => {
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

    it("two updates at once", async () => {
      await project.set(stack, "wdbx.percent", 25);
      const both = await Promise.all([project.pulumi(stack, ...up), project.pulumi(stack, ...up)]);
      assert.ok(both.every(({ code }) => code !== 0));
      assert.equal(await shareNow(), 5);
    });
  });
});
