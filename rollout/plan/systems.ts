/** The systems that have a plan; each has a room of this name below stacks/systems/. */
export const systems = [
  "wdbx",
  "dwcp-manager",
  "dwcp-compression",
  "dwcp-probft",
  "dwcp-bullshark",
  "dwcp-tpbft",
  "dwcp-maddpg",
  "batch-patches",
  "distributed-postgres",
  "dwcp-v3",
] as const;

export type SystemName = (typeof systems)[number];
