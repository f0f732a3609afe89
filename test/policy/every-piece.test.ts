import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { phasesOf } from "../../rollout/plan/ladder.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { writeSigners } from "./evidence.ts";
import { type AnalyzedResource, type Pack, startPack } from "./pack.ts";
import { type Piece, people, piecesOf, signPiece } from "./pieces.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

/** The two systems whose resources exist, at every phase of production that can be left. */
describe("every single piece of evidence", function () {
  this.timeout(300_000);
  let packs: Pack[];
  let folder: string;

  before(async () => {
    packs = await Promise.all([startPack("guard"), startPack("readiness")]);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "every-piece-"));
    writeSigners(folder, people);
    writeFileSync(join(folder, "calendar.yaml"), "freezes: []\nwindows: []\n");
    const files = { files: { evidence: folder, calendar: join(folder, "calendar.yaml") } };
    const [guard, readiness] = packs;
    await guard!.configure({ "rollout-approvals": files, "rollout-calendar": files });
    await readiness!.configure({ "readiness-evidence": files });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => Promise.all(packs.map((pack) => pack.end())));

  const refusals = async (rise: AnalyzedResource, asked = packs): Promise<string[]> => {
    const found = await Promise.all(asked.map((pack) => pack.analyze(rise)));
    return found.flat().flatMap(({ level, message }) => (level === "mandatory" ? [message] : []));
  };

  for (const system of ["wdbx", "dwcp-manager"]) {
    const phases = phasesOf(plans.find((plan) => plan.system === system)!, "production", "normal");
    for (const [index, phase] of phases.entries()) {
      const pieces = piecesOf(system, phase);
      it(`${system}: ${phase.name} is left with all ${pieces.length} signed, and a missing one is named in one message`, async () => {
        const of = { system };
        const live = liveAt(wishFor(phase.name, of));
        const next = phases[index + 1]?.name;
        const settled = { stable: image("b"), artifact: image("b") };
        const rise = component({ wish: next ? wishFor(next, of) : wishFor(undefined, of, settled), live }, of);
        const sign = (piece: Piece): void => signPiece(folder, live.spec, piece);
        for (const piece of pieces) sign(piece);
        assert.deepEqual(await refusals(rise), []);
        for (const piece of pieces) {
          rmSync(join(folder, "production", system, `${piece.name}.json`));
          // The guard pack reads every file for every signature, and checklist items are nothing to it.
          const said = await refusals(rise, /^(approval|notice)/.test(piece.name) ? packs : packs.slice(1));
          assert.equal(said.length, 1, `${piece.name}: ${said.join("\n")}`);
          assert.ok(said[0]!.includes(piece.named), `${piece.name}: ${said[0]}`);
          sign(piece);
        }
      });
    }
  }
});
