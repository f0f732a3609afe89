import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { StandIn } from "../../../analyzer/stand-in/writer.ts";
import type { PolicyResult } from "../../../cli/preview/engine-log.ts";
import { planCrd, rolloutCrd } from "../../../components/rollout-api/crds.ts";
import { rolloutManifest } from "../../../components/rollout-api/rollout-object.ts";
import { type Api, connect } from "../../../live/api.ts";
import { rolloutPath } from "../../../live/paths.ts";
import { readRollout } from "../../../live/read.ts";
import { gatewayManifests } from "../../../local/cluster/addons/gateway.ts";
import type { Properties } from "../../../local/providers/base/properties.ts";
import { waitFor } from "../../../local/wait.ts";
import { passRequirement, phasePassed } from "../../../rollout/evidence/staging-pass.ts";
import { instantOf } from "../../../rollout/evidence/statement.ts";
import { phasesOf } from "../../../rollout/plan/ladder.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { type ApiCluster, up, type Workspace } from "../../engine/support.ts";
import { claim, person, writeEvidence, writeSigners } from "../evidence.ts";
import { type Piece, people, piecesOf, signPiece } from "../pieces.ts";
import { image } from "../rollouts.ts";
import { ProductionCheckout } from "./production-checkout.ts";

const systems = ["wdbx", "dwcp-manager"];
const phasesIn = (system: string) => phasesOf(plans.find((plan) => plan.system === system)!, "production", "normal");
const analyst = person("analyzer", "analyzer");

/** At full size, and with evidence where it belongs. */
describe("an honest preview of production", function () {
  this.timeout(900_000);
  let checkout: ProductionCheckout;
  let project: Workspace;
  let cluster: ApiCluster;
  let api: Api;

  const ask = (wanted: Readonly<Record<string, object>>): void =>
    checkout.configure("production", (config) => ({
      ...Object.fromEntries(
        ["kubernetes:context", "rampart:environment", "rampart:layer"].map((key) => [key, config[key]]),
      ),
      ...Object.fromEntries(Object.entries(wanted).map(([system, entry]) => [`rampart:${system}`, entry])),
    }));

  before(async () => {
    checkout = await ProductionCheckout.open();
    ({ project, cluster } = checkout);
    writeSigners(checkout.evidence, [...people, analyst]);
    api = connect("production-systems");
  });
  after(() => checkout.close());

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
      for (const piece of pieces) signPiece(checkout.evidence, spec, piece);
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
        writeEvidence(checkout.evidence, phasePassed, statement, analyst, "analyzer");
      }
    });

    const isBeside = ({ message }: PolicyResult) => !/: (\d+) of \1 items hold$/.test(message);
    const risesTo = (index: number) =>
      ask(Object.fromEntries(systems.map((system) => [system, at(system, phasesIn(system)[index]!.name)])));

    it("passes at the first phase with everything signed, and each of ten pieces that is missing is named once", async () => {
      const pieces: Record<string, readonly Piece[]> = {};
      // One after the other: a look at all of them takes a pass back that came after it had read.
      for (const system of systems) pieces[system] = await passAndSign(system);
      risesTo(1);
      const told = await checkout.passes("production");
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
        const { refused } = await checkout.look("production", ["guard", "readiness"]);
        assert.equal(refused.length, 2, refused.map(({ message }) => message).join("\n"));
        for (const { system, piece } of missing) {
          const said = refused.find(({ resource }) => resource === system)?.message ?? "";
          assert.ok(said.includes(piece.named), `${piece.name}: ${said}`);
          signPiece(checkout.evidence, (await live(system)).spec, piece);
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
      const told = await checkout.passes("production");
      assert.deepEqual(told.filter(isBeside), []);
    });
  });
});
