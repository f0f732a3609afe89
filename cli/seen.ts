import { join } from "node:path";
import type { LiveObject } from "../live/model.ts";
import { evidenceFolder } from "../live/signed-files.ts";
import { instantOf } from "../rollout/evidence/statement.ts";
import { toSeconds } from "../rollout/plan/duration.ts";
import { itemsOf } from "../rollout/readiness/readiness.ts";
import { writeSigned } from "./commands/sign.ts";
import { CliError, exitCode } from "./output.ts";
import type { Finding } from "./probes/model.ts";
import type { Stack } from "./stack.ts";

/** Whoever looks may sign what was seen. */
export interface SignerOptions {
  as?: string;
  key?: string;
}

export interface Signer {
  readonly as: string;
  readonly key: string;
}

export function signerOf({ as, key }: SignerOptions): Signer | undefined {
  if ((as === undefined) !== (key === undefined)) throw new CliError("--as and --key go together", exitCode.usage);
  return as === undefined || key === undefined ? undefined : { as, key };
}

/**
 * Signs for each of its items of a system what was seen between two times, whether it holds or not: a failure on record
 * is worth as much.
 */
export function signSeen(
  stack: Pick<Stack, "name" | "directory">,
  { spec }: LiveObject,
  seen: Finding,
  [from, to]: readonly [from: number, to: number],
  signer: Signer,
): string[] {
  const window = { from: instantOf(from), to: instantOf(to) };
  const stamp = window.to.replaceAll(/[-:]/g, "");
  const items = itemsOf(spec.system).filter(({ id }) => seen.items.includes(id));
  return items.map(({ id, phase, role = "platform-engineering", validity = "30d" }) =>
    writeSigned(spec.system, {
      ...{ item: [id], phase, role, reason: seen.said, figures: seen.figures, ...window, ...signer },
      ...{ stack: stack.name, revision: spec.revision, attempt: spec.attempt },
      result: seen.holds ? "passed" : "failed",
      days: Math.max(1, Math.floor(toSeconds(validity) / 86_400)),
      out: join(stack.directory, evidenceFolder, stack.name, spec.system, `${id}-${stamp}.json`),
    }),
  );
}
