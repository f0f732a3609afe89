import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { batchPatches } from "../../../rollout/readiness/batch-patches.ts";
import { distributedPostgres } from "../../../rollout/readiness/distributed-postgres.ts";
import { dwcp } from "../../../rollout/readiness/dwcp.ts";
import { dwcpV3 } from "../../../rollout/readiness/dwcp-v3.ts";
import type { ReadinessItem } from "../../../rollout/readiness/model.ts";
import { itemsOf, readinessItems } from "../../../rollout/readiness/readiness.ts";
import { parseReadiness, readinessSchema } from "../../../rollout/readiness/schema.ts";
import { wdbx } from "../../../rollout/readiness/wdbx.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const count = (items: readonly ReadinessItem[]): number[] => [
  ...["D", "P", "A"].map((one) => items.filter((item) => item.class === one).length),
  items.length,
];

/** The numbered checklist of the seed, without its other lists. */
const is77 = ({ id }: ReadinessItem): boolean => /^(INF|DB|SEC|MON|PERF|HA)-/.test(id);

describe("readiness items", () => {
  it("are 561, by class and by seed as counted in the seeds", () => {
    assert.deepEqual(count(distributedPostgres.filter(is77)), [53, 23, 1, 77]);
    assert.deepEqual(count(distributedPostgres.filter((item) => !is77(item))), [17, 25, 11, 53]);
    assert.deepEqual(count(wdbx), [31, 37, 18, 86]);
    assert.deepEqual(count(dwcp), [80, 45, 23, 148]);
    assert.deepEqual(count(batchPatches), [21, 41, 39, 101]);
    assert.deepEqual(count(dwcpV3), [32, 45, 19, 96]);
    assert.deepEqual(count(readinessItems), [234, 216, 111, 561]);
  });

  it("have the checklist of the database in its six parts", () => {
    const part = (prefix: string) => distributedPostgres.filter(({ id }) => id.startsWith(`${prefix}-`)).length;
    assert.deepEqual(["INF", "DB", "SEC", "MON", "PERF", "HA"].map(part), [15, 18, 17, 10, 12, 5]);
  });

  it("hold what the schema asks for, and survive JSON", () => {
    assert.deepEqual(parseReadiness(JSON.parse(JSON.stringify(readinessItems))), readinessItems);
  });

  it("belong to a phase that waits for them, or to a look back of the plan", () => {
    for (const plan of plans) {
      const phases = [...plan.ladders.production.normal, ...plan.ladders.staging.normal];
      for (const item of itemsOf(plan.system)) {
        const phase = phases.find(({ name }) => name === item.phase);
        const waits = phase?.requires.some(({ need }) => need === "readiness");
        const isLookedAt = plan.validations.some(({ id }) => id === item.phase);
        assert.ok(waits || isLookedAt, `${plan.system}: nothing waits for ${item.id} in ${item.phase}`);
      }
    }
  });

  it("are there for every phase that waits for readiness", () => {
    for (const plan of plans) {
      for (const phase of [...plan.ladders.production.normal, ...plan.ladders.staging.normal]) {
        if (!phase.requires.some(({ need }) => need === "readiness")) continue;
        assert.ok(itemsOf(plan.system, phase.name).length > 0, `${plan.system}: ${phase.name} waits for nothing`);
      }
    }
  });

  const first = wdbx.find(({ id }) => id === "WDBX-GO-04")!;
  const wrongs: Record<string, object> = {
    "a person's word without a role": { ...first, role: undefined },
    "a person's word decided by policy": { ...first, evidence: "policy" },
    "a signature for ever": { ...first, validity: undefined },
    "a role that nobody has": { ...first, role: "wizard" },
    "a key that nobody knows": { ...first, colour: "green" },
    "a requirement of no seed": { ...first, requirements: ["S9-01"] },
  };
  for (const [name, item] of Object.entries(wrongs)) {
    it(`refuse ${name}`, () => assert.equal(readinessSchema.safeParse([item]).success, false));
  }

  it("refuse an id that is there twice", () => {
    assert.equal(readinessSchema.safeParse([first]).success, true);
    assert.equal(readinessSchema.safeParse([first, first]).success, false);
  });
});
