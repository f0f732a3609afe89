import type { Phase, Plan, Trigger } from "../../rollout/plan/model.ts";
import type { ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { isMeasured } from "../../rollout/verdict/conditions.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { phaseNow } from "./figures.ts";
import type { Finding, Probe, Target } from "./model.ts";

/** Items about the pager, which no trigger of the plan stands for. */
const critical = ["BP-RB-01", "BP-RB-05", "BP-RB-09", "BP-RB-13"];

const isAbout = (item: ReadinessItem, trigger: Trigger): boolean =>
  /hasn't fired/.test(item.what) &&
  !critical.includes(item.id) &&
  (trigger.requirements ?? []).some((one) => item.requirements.includes(one));

const provable = (plan: Plan, { name, triggers }: Phase): { item: ReadinessItem; triggers: Trigger[] }[] =>
  itemsOf(plan.system, name).flatMap((item) => {
    const own = triggers.filter((one) => isMeasured(one) && isAbout(item, one));
    return own.length > 0 ? [{ item, triggers: own }] : [];
  });

/** What has fired in the last seconds; undefined where nobody can say, since the rules weren't evaluated. */
async function firedIn(seconds: number, { plan, ask }: Target): Promise<Fired | undefined> {
  const series = (where: string) => `max_over_time(ALERTS{${where},alertstate="firing"}[${seconds}s])`;
  if ((await ask(series('alertname="Watchdog"'))).length === 0) return undefined;
  const [triggers, alerts] = await Promise.all([
    ask(series(`kind="trigger",system="${plan.system}"`)),
    ask(series(`kind="alert",severity="critical",system="${plan.system}"`)),
  ]);
  const names = (list: typeof alerts, label: string): string[] => [
    ...new Set(list.map(({ labels }) => labels[label] ?? "")),
  ];
  return { triggers: names(triggers, "trigger"), alerts: names(alerts, "alertname") };
}

interface Fired {
  readonly triggers: readonly string[];
  readonly alerts: readonly string[];
}

function finding(item: string, fired: readonly string[] | undefined, about: string): Finding {
  const holds = fired?.length === 0;
  const said = !fired
    ? "Prometheus has evaluated no rules in this time, so nobody can say"
    : holds
      ? `${about}: none has fired since the phase began`
      : `fired since the phase began: ${fired.join(", ")}`;
  return { items: [item], holds, said, figures: { fired: fired ? fired.join(", ") || "none" : "unknown" } };
}

export const quietProbe: Probe = {
  id: "quiet",
  what: "which triggers and critical alerts have fired since the phase began",
  items: [
    ...critical,
    ...new Set(
      plans.flatMap((plan) =>
        plan.ladders.production.normal.flatMap((phase) => provable(plan, phase).map(({ item }) => item.id)),
      ),
    ),
  ],
  async measure(target) {
    const { phase, seconds } = phaseNow(target);
    const fired = await firedIn(seconds, target);
    const due = itemsOf(target.plan.system, phase.name).map(({ id }) => id);
    return [
      ...provable(target.plan, phase).map(({ item, triggers }) => {
        const ids = triggers.map(({ id }) => id);
        return finding(
          item.id,
          fired?.triggers.filter((id) => ids.includes(id)),
          ids.join(", "),
        );
      }),
      ...critical.filter((id) => due.includes(id)).map((id) => finding(id, fired?.alerts, "critical alerts")),
    ];
  },
};
