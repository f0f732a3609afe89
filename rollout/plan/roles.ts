/** Who can sign. A role says what somebody answers for; `allowed_signers` says who holds it. */
export const roles = [
  "ciso",
  "database-team-lead",
  "development-lead",
  "devops",
  "director-infrastructure",
  "engineering-lead",
  "finance",
  "incident-commander",
  "infrastructure-lead",
  "legal",
  "operations",
  "operations-lead",
  "operations-manager",
  "platform-engineering",
  "product-manager",
  "security-reviewer",
  "security-team-lead",
  "sre",
  "support-lead",
  "technical-lead",
  "vp-engineering",
] as const;

export type Role = (typeof roles)[number];
