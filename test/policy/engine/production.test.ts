import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { StandIn } from "../../../analyzer/stand-in/writer.ts";
import { type PolicyResult, readEngineLog } from "../../../cli/preview/engine-log.ts";
import { planCrd, rolloutCrd } from "../../../components/rollout-api/crds.ts";
import { rolloutManifest } from "../../../components/rollout-api/rollout-object.ts";
import { type Api, connect } from "../../../live/api.ts";
import { rolloutPath } from "../../../live/paths.ts";
import { readRollout } from "../../../live/read.ts";
import { gatewayManifests } from "../../../local/cluster/addons/gateway.ts";
import { startCluster } from "../../../local/cluster/start.ts";
import { stopCluster } from "../../../local/cluster/stop.ts";
import { root } from "../../../local/paths.ts";
import type { Properties } from "../../../local/providers/base/properties.ts";
import { waitFor } from "../../../local/wait.ts";
import { passRequirement, phasePassed } from "../../../rollout/evidence/staging-pass.ts";
import { instantOf } from "../../../rollout/evidence/statement.ts";
import { phasesOf } from "../../../rollout/plan/ladder.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { type ApiCluster, clusterOf, preview, up, type Workspace, workspace } from "../../engine/support.ts";
import { copyCheckout } from "../checkout.ts";
import { claim, person, writeEvidence, writeSigners } from "../evidence.ts";
import { type Piece, people, piecesOf, signPiece } from "../pieces.ts";
import { image } from "../rollouts.ts";

const systems = ["wdbx", "dwcp-manager"];
const phasesIn = (system: string) => phasesOf(plans.find((plan) => plan.system === system)!, "production", "normal");
const analyst = person("analyzer", "analyzer");

/** Checks of the baseline that only tell, and what this program knows of them. */
const toldOnly = /^(KB-04|KB-28|KB-55) /;

/**
 * A checkout of its own, with the real program, plans, packs and stack files: at full size, with a certificate, and with
 * evidence where it belongs. No pack is told anything.
 */
describe("an honest preview of production", function () {
  this.timeout(900_000);
  const name = `production-preview-${process.pid}`;
  let project: Workspace;
  let cluster: ApiCluster;
  let api: Api;

  const stackFile = (stack: string) => join(project.folder, `Pulumi.${stack}.yaml`);
  /** What is there stays, such as the stack's salt. */
  const configure = (stack: string, change: (config: Record<string, unknown>) => Record<string, unknown>): void => {
    const content = parse(readFileSync(stackFile(stack), "utf8"));
    writeFileSync(
      stackFile(stack),
      stringify({ ...content, config: change(content.config) }, { aliasDuplicateObjects: false }),
    );
  };
  const ask = (wanted: Readonly<Record<string, object>>): void =>
    configure("production", (config) => ({
      ...Object.fromEntries(
        ["kubernetes:context", "rampart:environment", "rampart:layer"].map((key) => [key, config[key]]),
      ),
      ...Object.fromEntries(Object.entries(wanted).map(([system, entry]) => [`rampart:${system}`, entry])),
    }));
  const packs = ["guard", "readiness", "baseline"];

  /** What the packs say of a stack, but for what is only told. */
  const look = async (
    stack: string,
    asked = packs,
  ): Promise<{ refused: PolicyResult[]; told: PolicyResult[]; text: string }> => {
    const args = asked.flatMap((pack) => ["--policy-pack", join(project.folder, "policies", pack)]);
    const { text, log } = await project.start([...preview, "--stack", stack, ...args]).done;
    const { policies } = readEngineLog(readFileSync(log, "utf8"));
    for (const pack of asked) assert.match(text, new RegExp(`${pack} 0\\.1\\.0: (\\d+) of \\1 rules at work`));
    const refused = policies.filter(({ level }) => level === "mandatory");
    return { refused, told: policies.filter(({ level }) => level !== "mandatory"), text };
  };
  const passes = async (stack: string): Promise<PolicyResult[]> => {
    const { refused, told, text } = await look(stack);
    assert.deepEqual(refused, [], text);
    return told;
  };

  before(async () => {
    const { where } = await startCluster({ name, mode: "api", isThrowAway: true });
    cluster = clusterOf(where.kubeconfig("admin"));
    project = await workspace("");
    const config = JSON.parse(readFileSync(where.kubeconfig("admin"), "utf8"));
    const { context } = config.contexts[0];
    config.contexts = ["production-platform", "production-systems"].map((one) => ({ name: one, context }));
    writeFileSync(join(project.folder, "none"), JSON.stringify(config));
    copyCheckout(project.folder);
    writeSigners(join(project.folder, "evidence"), [...people, analyst]);
    for (const stack of ["production", "production-platform"]) {
      const { encryptionsalt: _salt, ...content } = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
      writeFileSync(stackFile(stack), stringify(content));
      await project.run(["stack", "init", stack]);
    }
    process.env.KUBECONFIG = join(project.folder, "none");
    api = connect("production-systems");
  });
  after(async () => {
    await stopCluster(name, { deleteData: true });
    await project.remove();
  });

  it("of the platform finds nothing to refuse once the gateway has a certificate", async () => {
    configure("production-platform", ({ "rampart:scale": _small, ...config }) => config);
    configure("production-platform", (config) => ({ ...config, "rampart:certificate": "gateway-tls" }));
    const told = await passes("production-platform");
    assert.deepEqual(
      told.filter(({ message }) => !toldOnly.test(message)),
      [],
    );
  });

  describe("of wdbx and dwcp-manager, where another artifact has landed", () => {
    const old = image("a");
    const artifact = image("b");
    const at = (system: string, phase: string) => {
      const found = phasesIn(system).find((one) => one.name === phase)!;
      return { stable: old, artifact, percent: found.percent, phase };
    };
    const done = { stable: artifact, artifact, percent: 100 };
    const live = async (system: string) => (await readRollout(api, system))!;
    let standIn: StandIn;

    /** The phase that a system is in has passed, and all that has to be signed before it is left lies in the checkout. */
    const passAndSign = async (system: string): Promise<readonly Piece[]> => {
      await standIn.look();
      await standIn.pass(system, { withoutSoak: true });
      const { spec } = await live(system);
      const pieces = piecesOf(system, phasesIn(system).find(({ name: phase }) => phase === spec.phase)!);
      for (const piece of pieces) signPiece(join(project.folder, "evidence"), spec, piece);
      return pieces;
    };
    /** One step up, written as the program writes it. */
    const climb = async (system: string): Promise<void> => {
      const { spec, status } = await live(system);
      const next = spec.phases[spec.phases.findIndex(({ name: phase }) => phase === spec.phase) + 1]!;
      const { attempt: _a, step: _s, ...wish } = { ...spec, phase: next.name };
      const found = (await api.get(rolloutPath(system))) as { metadata: { managedFields: { manager: string }[] } };
      const { manager } = found.metadata.managedFields.find((one) => one.manager.startsWith("pulumi-"))!;
      const manifest = rolloutManifest(system, nextSpec({ spec, status }, wish, undefined).spec);
      await cluster.objects.apply(manifest as unknown as Properties, {
        fieldManager: manager,
        force: true,
        dryRun: false,
      });
    };

    before(async () => {
      const crds = (await gatewayManifests())
        .split(/^---$/m)
        .filter((one) => /^kind: CustomResourceDefinition$/m.test(one))
        .flatMap((one) => parseAllDocuments(one).map((document) => document.toJS() as Properties));
      const namespaces = systems.map((metadata) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: metadata },
      }));
      for (const one of [...crds, rolloutCrd, planCrd, ...namespaces] as Properties[])
        await cluster.objects.apply(one, { fieldManager: "test", force: true, dryRun: false });
      for (const kind of ["rollouts", "rolloutplans"])
        await waitFor(kind, () => api.get(`/apis/rampart.dev/v1alpha1/${kind}`), { timeout: 10_000 });
      ask(Object.fromEntries(systems.map((system) => [system, at(system, phasesIn(system)[0]!.name)])));
      const rollouts = systems.flatMap((system) =>
        [`Canary::${system}`, `Rollout::${system}`, `Rollout::${system}-rollout`].flatMap((one) => [
          "--target",
          `**${one}`,
        ]),
      );
      await project.run([...up, "--stack", "production", ...rollouts]);
      standIn = new StandIn(api);
      for (const system of systems) {
        const { spec } = await live(system);
        const plan = plans.find((one) => one.system === system)!;
        const { phase, planDigest, items } = passRequirement(plan, "normal", artifact)!;
        const over = { stack: "staging", planDigest: planDigest! };
        const statement = claim(spec, phase, items, over);
        writeEvidence(join(project.folder, "evidence"), phasePassed, statement, analyst, "analyzer");
      }
    });

    const isBeside = ({ message }: PolicyResult) =>
      !toldOnly.test(message) && !/: (\d+) of \1 items hold$/.test(message);
    const risesTo = (index: number) =>
      ask(Object.fromEntries(systems.map((system) => [system, at(system, phasesIn(system)[index]!.name)])));

    it("passes at the first phase with everything signed, and each of ten pieces that is missing is named once", async () => {
      const pieces: Record<string, readonly Piece[]> = {};
      // One after the other: a look at all of them takes a pass back that came after it had read.
      for (const system of systems) pieces[system] = await passAndSign(system);
      risesTo(1);
      const told = await passes("production");
      assert.deepEqual(told.filter(isBeside), []);
      // One of each system at a time: what is wrong with one is said of that one only.
      for (let tenth = 0; tenth < 5; tenth++) {
        const missing = systems.map((system) => {
          const own = pieces[system]!;
          return { system, piece: own[Math.floor((tenth * own.length) / 5)]! };
        });
        for (const { system, piece } of missing)
          rmSync(join(project.folder, "evidence/production", system, `${piece.name}.json`));
        // The third looks at resources, which are as they were.
        const { refused } = await look("production", ["guard", "readiness"]);
        assert.equal(refused.length, 2, refused.map(({ message }) => message).join("\n"));
        for (const { system, piece } of missing) {
          const said = refused.find(({ resource }) => resource === system)?.message ?? "";
          assert.ok(said.includes(piece.named), `${piece.name}: ${said}`);
          signPiece(join(project.folder, "evidence"), (await live(system)).spec, piece);
        }
      }
    });

    it("passes at the last phase with everything signed, at the size that the plan asks for", async () => {
      for (const system of systems) {
        for (let phase = 1; phase < phasesIn(system).length; phase++) {
          await standIn.look();
          await standIn.pass(system, { withoutSoak: true });
          await climb(system);
        }
        await standIn.look();
        // What was measured has to begin after the phase did.
        const status = { phaseStartedAt: instantOf(Date.now() / 1000 - 86_400) };
        await api.patch(`${rolloutPath(system)}/status`, "merge", { status });
        await passAndSign(system);
      }
      ask(Object.fromEntries(systems.map((system) => [system, done])));
      const told = await passes("production");
      assert.deepEqual(told.filter(isBeside), []);
    });
  });
});
