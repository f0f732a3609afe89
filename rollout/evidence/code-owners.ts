import { waivingRoles } from "../baseline/waiver.ts";
import type { Plan } from "../plan/model.ts";
import { itemsOf } from "../readiness/readiness.ts";

/** Of the forge: every role is a team there, with the people that `allowed_signers` gives the role to. */
const teamOf = (role: string): string => `@rampart/${role}`;
const line = (path: string, owners: Iterable<string>): string =>
  [path, ...[...new Set(owners)].sort().map(teamOf)].join(" ");

/** Who platform and program belong to. */
const keepers = ["platform-engineering"];

/** Who has to look at a change of what: the last line that fits a path decides. */
export function codeOwners(plans: readonly Plan[]): string {
  return [
    "# Written by `rampart codeowners`; a test holds it to plans, checklists and roles.",
    line("*", keepers),
    line("/evidence/allowed_signers", ["ciso", "security-team-lead"]),
    line("/waivers/", waivingRoles),
    line("/policies/guard/calendar.yaml", ["operations-manager", ...keepers]),
    ...plans.flatMap((plan) => [
      line(`/evidence/*/${plan.system}/`, signersOf(plan)),
      line(`/stacks/systems/${plan.system}/`, [...approversOf(plan), ...keepers]),
    ]),
    line("/CODEOWNERS", ["ciso", ...keepers]),
    "",
  ].join("\n");
}

const approversOf = ({ ladders }: Plan): string[] =>
  Object.values(ladders)
    .flatMap((environment) => Object.values(environment))
    .flatMap((phases) => phases.flatMap(({ approvals }) => approvals.flatMap(({ anyOf }) => anyOf)));

/** Everybody who signs anything for a system. */
const signersOf = (plan: Plan): string[] => [
  ...approversOf(plan),
  ...itemsOf(plan.system).map(({ role }) => role ?? "platform-engineering"),
];
