import type { RequirementId } from "../plan/model.ts";

/** How many requirements the catalogue of each seed has; they are numbered without gaps. */
export const requirementCounts = [
  { seed: 0, count: 121, digits: 2 },
  { seed: 1, count: 167, digits: 3 },
  { seed: 2, count: 144, digits: 3 },
  { seed: 3, count: 151, digits: 3 },
  { seed: 4, count: 128, digits: 3 },
] as const;

export const expectedIds: readonly RequirementId[] = requirementCounts.flatMap(({ seed, count, digits }) =>
  Array.from({ length: count }, (_, index) => `S${seed}-${String(index + 1).padStart(digits, "0")}` as RequirementId),
);
