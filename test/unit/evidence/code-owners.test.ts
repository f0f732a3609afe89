import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { codeOwners } from "../../../rollout/evidence/code-owners.ts";
import { roles } from "../../../rollout/plan/roles.ts";
import { readinessItems } from "../../../rollout/readiness/readiness.ts";
import { plans } from "../../../stacks/systems/plans.ts";

describe("CODEOWNERS", () => {
  const rules = codeOwners(plans)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" "));

  it("is what follows from plans, checklists and roles", () => {
    assert.equal(readFileSync(join(root, "CODEOWNERS"), "utf8"), codeOwners(plans));
  });

  it("names only roles that allowed_signers may give", () => {
    const teams = rules.flatMap(([, ...owners]) => owners.map((owner) => owner.replace("@rampart/", "")));
    assert.deepEqual(
      [...new Set(teams)].filter((team) => !roles.some((role) => role === team)),
      [],
    );
  });

  it("asks of a system's evidence everybody who signs for it", () => {
    for (const { systems, role } of readinessItems) {
      for (const system of systems) {
        const [, ...owners] = rules.find(([path]) => path === `/evidence/*/${system}/`)!;
        assert.ok(role === undefined || owners.includes(`@rampart/${role}`), `${system}: ${role}`);
      }
    }
  });

  it("leaves no path without an owner, and lets nobody but security say who may sign", () => {
    assert.ok(rules.every(([, ...owners]) => owners.length > 0));
    assert.deepEqual(rules.find(([path]) => path === "/evidence/allowed_signers")!.slice(1), [
      "@rampart/ciso",
      "@rampart/security-team-lead",
    ]);
  });
});
