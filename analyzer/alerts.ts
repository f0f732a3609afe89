import { z } from "zod";
import type { TriggerAlert } from "../rollout/verdict/abort.ts";
import type { Sample } from "../rollout/verdict/answers.ts";

const labels = z.record(z.string(), z.string());
const trigger = z.object({
  kind: z.literal("trigger"),
  system: z.string().min(1),
  trigger: z.string().min(1),
  action: z.enum(["zero", "previous-phase"]),
  phase: z.string().min(1),
  attempt: z.string().default(""),
  revision: z.string().default(""),
});

/** What Alertmanager posts, as far as it is read; a body of another shape is refused as a whole. */
const body = z.object({
  version: z.literal("4"),
  alerts: z
    .array(
      z.object({
        status: z.enum(["firing", "resolved"]),
        labels,
        startsAt: z.iso.datetime({ offset: true }).optional(),
        annotations: z.record(z.string(), z.string()).default({}),
      }),
    )
    .max(1000),
});

function alertOf(named: Readonly<Record<string, string>>, said: string | undefined): TriggerAlert[] {
  const { data } = trigger.safeParse(named);
  if (!data) return [];
  const { phase, trigger: id, kind: _kind, ...rest } = data;
  return [{ ...rest, trigger: id, phases: phase.split("|"), reason: said ?? `the trigger ${id} fires` }];
}

/** Undefined where it isn't Alertmanager's. Alerts that are over, or no triggers, are left out. */
export function fromWebhook(value: unknown): TriggerAlert[] | undefined {
  const { data } = body.safeParse(value);
  return data?.alerts.flatMap(({ status, labels: named, annotations, startsAt }) => {
    if (status !== "firing") return [];
    const said = [annotations.summary, annotations.description].filter(Boolean).join("; ");
    const since = startsAt === undefined ? {} : { since: Date.parse(startsAt) / 1000 };
    return alertOf(named, said || undefined).map((one) => ({ ...one, ...since }));
  });
}

/** All triggers that fire now, of all systems. */
export const firingQuery = 'ALERTS{kind="trigger",alertstate="firing"}';

export const fromSamples = (samples: readonly Sample[]): TriggerAlert[] =>
  samples.flatMap((one) => alertOf(one.labels, undefined));
