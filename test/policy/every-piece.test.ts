import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declared } from "../../rollout/checklist/declared.ts";
import { planned } from "../../rollout/checklist/planned.ts";
import { instantOf, type Statement } from "../../rollout/evidence/statement.ts";
import { approvalItem, noticeItem } from "../../rollout/guard/approvals.ts";
import { toSeconds } from "../../rollout/plan/duration.ts";
import { phasesOf } from "../../rollout/plan/ladder.ts";
import type { Phase } from "../../rollout/plan/model.ts";
import { roles } from "../../rollout/plan/roles.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { claim, person, writeEvidence, writeSigners } from "./evidence.ts";
import { type AnalyzedResource, type Pack, startPack } from "./pack.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

/** One signed file, and how a refusal names it once it's gone. */
interface Piece {
  name: string;
  items: string[];
  role: string;
  over: Partial<Statement>;
  named: string;
}

const people = roles.map((role, index) => person(`person${index}`, role));
const ago = (seconds: number): string => instantOf(Date.now() / 1000 - seconds);

/** Everything that has to be signed before a phase of a system is left. */
function piecesOf(system: string, { name, approvals, requires }: Phase): Piece[] {
  const own = itemsOf(system, name).filter(
    ({ id, class: first, and }) => !(id in declared) && !(first === "D" && !and && id in planned),
  );
  return [
    ...own.map(({ id, role = "platform-engineering", validity = "30d" }) => ({
      ...{ name: id, items: [id], role, named: id },
      over: { expires: ago(-Math.min(3600, toSeconds(validity))) },
    })),
    ...approvals.map(({ anyOf: [role] }) => ({
      ...{ name: `approval-${role}`, items: [approvalItem(name)], role, named: approvalItem(name) },
      over: {},
    })),
    ...requires.flatMap((need) => {
      if (need.need !== "notice") return [];
      const told = { issuedAt: ago(toSeconds(need.before) + 60), window: { from: ago(400_000), to: ago(400_000) } };
      return {
        name: "notice",
        items: [noticeItem(name)],
        role: approvals[0]!.anyOf[0],
        named: noticeItem(name),
        over: told,
      };
    }),
  ];
}

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
        const sign = ({ name, items, role, over }: Piece): void =>
          writeEvidence(
            folder,
            name,
            claim(live.spec, phase.name, items, over),
            people.find((one) => one.roles.includes(role))!,
            role,
          );
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
