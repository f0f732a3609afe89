import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ladders } from "../../rollout/config/model.ts";
import { phasesOf } from "../../rollout/plan/ladder.ts";
import type { Phase } from "../../rollout/plan/model.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { writeSigners } from "./evidence.ts";
import { type Pack, startPack } from "./pack.ts";
import { type Piece, people, piecesOf, signPiece } from "./pieces.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

const pair = ["sre", "engineering-lead"];
const three = ["vp-engineering", "director-infrastructure", "security-team-lead"];
const joining = (...rungs: string[]) => Object.fromEntries(["prep", "shadow", ...rungs].map((phase) => [phase, pair]));

/** Who has to agree before a phase of production is left, by the seeds and what was decided where they say nothing. */
const bySeeds: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  wdbx: { infrastructure: ["technical-lead", "platform-engineering", "devops"] },
  "dwcp-manager": joining("canary-5", "progressive-25", "progressive-50", "progressive-75", "progressive-90"),
  "dwcp-compression": joining("progressive-25", "progressive-50", "progressive-75", "progressive-90"),
  "dwcp-probft": joining("progressive-50", "progressive-75", "progressive-90"),
  "dwcp-bullshark": joining("progressive-75", "progressive-90"),
  "dwcp-tpbft": joining("progressive-90"),
  "dwcp-maddpg": joining("progressive-90"),
  "batch-patches": {
    preflight: [
      ...["product-manager", "ciso", "operations", "legal, if it applies"],
      ...["development-lead", "operations-lead", "incident-commander"],
    ],
  },
  "distributed-postgres": {
    "pre-migration": [
      ...["database-team-lead", "infrastructure-lead", "security-reviewer", "product-manager", "operations-manager"],
      ...["told 2d before", "data-loss-choice"],
    ],
  },
  "dwcp-v3": {
    preflight: [...three, "product-manager", "told 48h before"],
    "nodes-10": [...three, "told 48h before"],
    "nodes-50": [...three, "product-manager", "told 48h before"],
    "nodes-100": [...three, "told 48h before"],
  },
};

const asked = ({ approvals, requires }: Phase): string[] => [
  ...approvals.map(({ anyOf, ifApplicable }) => `${anyOf.join(" or ")}${ifApplicable ? ", if it applies" : ""}`),
  ...requires.flatMap((need) => (need.need === "notice" ? [`told ${need.before} before`] : [])),
  ...requires.flatMap(({ need }) => (need === "data-loss-choice" ? [need] : [])),
];

describe("the approvals that the seeds ask for", function () {
  this.timeout(60_000);
  let pack: Pack;
  let folder: string;

  before(async () => {
    pack = await startPack("guard");
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "seed-approvals-"));
    writeSigners(folder, people);
    await pack.configure({ "rollout-approvals": { files: { evidence: folder } } });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => pack.end());

  it("stand in the ten plans, each where it is due", () => {
    const found = plans.map((plan) => {
      const phases = phasesOf(plan, "production", "normal").map((phase) => [phase.name, asked(phase)] as const);
      return [plan.system, Object.fromEntries(phases.filter(([, list]) => list.length > 0))];
    });
    assert.deepEqual(Object.fromEntries(found), bySeeds);
  });

  it("are two in every hotfix lane", () => {
    const lanes = plans.flatMap((plan) => phasesOf(plan, "production", "expedited").slice(0, 1));
    assert.equal(lanes.length, 9);
    for (const { approvals } of lanes) assert.equal(approvals.length, 2);
  });

  for (const plan of plans) {
    const { system } = plan;
    it(`${system}: every one of them is asked for, and a missing one is named`, async () => {
      for (const ladder of ladders) {
        const phases = phasesOf(plan, "production", ladder);
        for (const [index, phase] of phases.entries()) {
          const pieces = piecesOf(system, phase).filter(({ name }) => /^(approval|notice|choice)/.test(name));
          if (pieces.length === 0) continue;
          const of = { system, ladder };
          const live = liveAt(wishFor(phase.name, of));
          const settled = plan.artifact === "version" ? "1.1.0" : image("b");
          const next = phases[index + 1]?.name;
          const wish = next ? wishFor(next, of) : wishFor(undefined, of, { stable: settled, artifact: settled });
          const refusals = async (): Promise<string[]> => {
            const found = await pack.analyze(component({ wish, live }, of));
            return found.flatMap(({ policy, message }) => (policy === "rollout-approvals" ? [message] : []));
          };
          const sign = (piece: Piece): void => signPiece(folder, live.spec, piece);
          for (const piece of pieces) sign(piece);
          assert.deepEqual(await refusals(), [], phase.name);
          for (const piece of pieces) {
            rmSync(join(folder, "production", system, `${piece.name}.json`));
            const said = await refusals();
            assert.equal(said.length, 1, `${phase.name} ${piece.name}: ${said.join("\n")}`);
            assert.ok(said[0]!.includes(piece.named), said[0]);
            sign(piece);
          }
        }
      }
    });
  }

  it("a choice about lost data that doesn't say what was chosen is none", async () => {
    const of = { system: "distributed-postgres" };
    const live = liveAt(wishFor("pre-migration", of));
    const plan = plans.find(({ system }) => system === of.system)!;
    const [phase] = phasesOf(plan, "production", "normal");
    for (const piece of piecesOf(of.system, phase!)) {
      const { reason: _silent, ...over } = piece.over;
      signPiece(folder, live.spec, piece.name === "choice" ? { ...piece, over } : piece);
    }
    const found = await pack.analyze(component({ wish: wishFor("migration", of), live }, of));
    const said = found.filter(({ policy }) => policy === "rollout-approvals").map(({ message }) => message);
    assert.equal(said.length, 1);
    assert.match(said[0]!, /choose what becomes of later writes on the way back, and say so with --reason/);
  });
});
