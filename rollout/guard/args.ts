import { z } from "zod";
import { environments } from "../config/model.ts";
import type { StepFacts } from "../transitions/facts.ts";
import type { DesiredRollout, LiveRollout } from "../transitions/model.ts";
import { drainActionSchema, exposureSchema, phaseSchema } from "../transitions/schema.ts";

/** The type of the component that carries, for one system, everything a guard has to know as plain input. */
export const rolloutComponentType = "rampart:index:Rollout";

/** The engine hands an absent value over as nothing at all or as null, depending on where it stood. */
const absent = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined);

const wish = z.object({
  system: z.string().min(1),
  stable: z.string().min(1),
  artifact: z.string().min(1),
  revision: z.string().min(1),
  retry: z.int().min(0),
  phase: absent(z.string().min(1)),
  ladder: z.string().min(1),
  planDigest: z.string().min(1),
  phases: z.array(phaseSchema).min(1),
  drain: absent(z.array(drainActionSchema)),
  hold: z.boolean(),
  extendSeconds: z.number().min(0),
  decommission: z.boolean(),
});

const count = z.int().min(0);
const status = z.object({
  observedStep: count,
  onTarget: z.boolean(),
  passed: z.array(z.object({ phase: z.string(), revision: z.string(), attempt: count, restored: absent(z.boolean()) })),
  phaseStartedAt: absent(z.string()),
  aborted: absent(z.object({ attempt: count, trigger: z.string(), reason: z.string(), to: exposureSchema })),
});

/** The API server leaves out what has its default. */
const spec = wish.extend({
  retry: z.int().min(0).default(0),
  hold: z.boolean().default(false),
  extendSeconds: z.number().min(0).default(0),
  decommission: z.boolean().default(false),
  attempt: count,
  step: count,
});

const writtenSchema = z.union([
  z.literal("nothing"),
  z.object({
    ...{ stable: z.string(), artifact: z.string(), ladder: z.string(), retry: z.number() },
    phase: absent(z.string()),
  }),
]);
export type Written = z.output<typeof writtenSchema>;

const facts = z.object({
  environment: z.enum(environments),
  unmetNeeds: z.array(z.string()),
  stagingPassed: z.boolean(),
  record: absent(z.object({ artifact: z.string(), attempt: count })),
  /** Of the whole system, where the config says so; then it can be told what a phase will be able to see. */
  expectedRps: absent(z.number().positive()),
  /** What the stack's file in the checkout asks for, where a pack has read it. */
  written: absent(writtenSchema),
});

const rolloutArgs = z.object({
  system: z.string().min(1),
  wish,
  live: absent(z.object({ spec, status })),
  facts,
});

/** As much of the component's inputs as a guard needs. */
export interface RolloutArgs {
  system: string;
  wish: DesiredRollout;
  live: (LiveRollout & { status: { phaseStartedAt: string | undefined } }) | undefined;
  facts: StepFacts & { expectedRps: number | undefined; written: Written | undefined };
}

export interface ReadArgs {
  /** Undefined where not even the kind of step can be told. */
  args: RolloutArgs | undefined;
  /** What isn't known or isn't as it has to be, in words. */
  doubts: readonly string[];
  /** Some of that is about what the config asks for, so steady state can't be told from a rise. */
  isWishInDoubt: boolean;
}

/**
 * Reads the inputs of the component. What isn't known or isn't there is a doubt; where the step can still be told
 * without it, what speaks most against a rise stands in, and it's for the caller to let nothing rise in doubt.
 */
export function readRolloutArgs(plain: unknown, unknown: readonly string[]): ReadArgs {
  const given = z.looseObject({}).safeParse(plain).data ?? {};
  const first = rolloutArgs.safeParse(given);
  const faults = first.success ? [] : faultsOf(first.error, unknown);
  const doubts = [...unknown.map((path) => `${path} isn't known yet`), ...faults.map(({ text }) => text)];
  if (first.success && doubts.length === 0) return { args: first.data, doubts, isWishInDoubt: false };
  const isAbout = (key: string) =>
    [...unknown, ...faults.map(({ path }) => path)].some((path) => path.split(".")[0] === key);
  const second = rolloutArgs.safeParse(withStandIns(given));
  const args = second.success && !isAbout("live") ? second.data : undefined;
  return { args, doubts, isWishInDoubt: isAbout("wish") };
}

function withStandIns(given: Record<string, unknown>): unknown {
  const live = rolloutArgs.shape.live.safeParse(given.live).data;
  const asked = z.looseObject({}).safeParse(given.wish).data;
  const { stable: _s, artifact: _a, phase: _p, ...unmoved } = live?.spec ?? {};
  return {
    ...given,
    wish: asked && { ...unmoved, ...asked },
    facts: facts.safeParse(given.facts).data ?? worstFacts,
  };
}

const worstFacts = { environment: "production", unmetNeeds: [], stagingPassed: false };

interface Fault {
  path: string;
  text: string;
}

/** What an unknown value leaves open isn't reported once more as missing. */
function faultsOf({ issues }: z.ZodError, unknown: readonly string[]): Fault[] {
  return issues
    .map((issue) => ({ path: issue.path.join("."), message: issue.message }))
    .filter(({ path }) => !unknown.some((one) => one === path || path.startsWith(`${one}.`)))
    .slice(0, 5)
    .map(({ path, message }) => ({ path, text: `${path || "the inputs"}: ${message}` }));
}
