import { setTimeout as pause } from "node:timers/promises";
import { Alertmanager, type Spoken } from "../../live/alertmanager.ts";
import type { Finding, Probe } from "./model.ts";

/** Which channels have to have taken a test alert. */
const asked: Readonly<Record<string, readonly string[]>> = {
  "WDBX-OBS-03": ["slack", "pagerduty", "email"],
  "MON-04": ["email", "slack", "pagerduty"],
  "BP-INF-02": ["pagerduty"],
  "BP-INF-03": ["slack"],
};

/** One of each goes another way. */
const severities = ["critical", "warning", "info"];

/** How often each channel has to speak for the test alerts, and how it went. */
export interface Told {
  readonly wanted: Readonly<Record<string, number>>;
  readonly before: Readonly<Record<string, Spoken>>;
  readonly after: Readonly<Record<string, Spoken>>;
  /** When a channel had taken all of its own. */
  readonly seconds: Readonly<Record<string, number>>;
}

const more = ({ before, after }: Pick<Told, "before" | "after">, channel: string, what: keyof Spoken): number =>
  (after[channel]?.[what] ?? 0) - (before[channel]?.[what] ?? 0);

const hasAll = (told: Omit<Told, "seconds">, channel: string): boolean =>
  more(told, channel, "taken") >= told.wanted[channel]!;

/** Nobody is told by a channel that no receiver has; one that has refused anything isn't proven. */
export function judgeTold(channels: readonly string[], told: Told): Omit<Finding, "items"> {
  const said = (channel: string): string => {
    if (!told.wanted[channel]) return `no receiver of theirs has ${channel}`;
    const count = `${more(told, channel, "taken")} of ${told.wanted[channel]} taken`;
    const refused = more(told, channel, "refused");
    const when = told.seconds[channel] === undefined ? "" : ` within ${told.seconds[channel].toFixed(1)} s`;
    return `${channel}: ${count}${when}${refused > 0 ? `, ${refused} refused` : ""}`;
  };
  const isProven = (channel: string): boolean =>
    (told.wanted[channel] ?? 0) > 0 && hasAll(told, channel) && more(told, channel, "refused") === 0;
  return {
    holds: channels.length > 0 && channels.every(isProven),
    said: `test alerts (${severities.join(", ")}): ${channels.map(said).join("; ")}`,
    figures: Object.fromEntries(channels.map((channel) => [channel, said(channel)])),
  };
}

/** Sends one alert of each severity, and waits until every channel behind them has taken its own. */
export async function sendTestAlerts(manager: Alertmanager, system: string, forMs: number): Promise<Told> {
  const stamp = new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const names = severities.map((severity) => `RampartProbe${stamp}${severity}`);
  const before = await manager.spoken();
  const start = performance.now();
  const [startsAt, endsAt] = [0, 2 * forMs].map((ms) => new Date(Date.now() + ms).toISOString()) as [string, string];
  await manager.tell(
    severities.map((severity, index) => ({
      // With a measure of its own none of them keeps another one back.
      labels: { alertname: names[index]!, kind: "probe", severity, system, measure: `probe-${severity}` },
      annotations: {
        summary: `A test: rampart probe ${system} looks whether this ${severity} alert is heard. Do nothing.`,
      },
      ...{ startsAt, endsAt },
    })),
  );
  const seconds: Record<string, number> = {};
  for (;;) {
    const channels = await Promise.all(names.map((name) => manager.channelsOf(name)));
    const wanted = Object.fromEntries(
      [
        ...Map.groupBy(
          channels.flatMap((one) => one ?? []),
          (channel) => channel,
        ),
      ].map(([one, list]) => [one, list.length]),
    );
    const told = { wanted, before, after: await manager.spoken() };
    const passed = performance.now() - start;
    for (const channel of Object.keys(wanted)) if (hasAll(told, channel)) seconds[channel] ??= passed / 1000;
    const isDone = channels.every((one) => one !== undefined) && Object.keys(wanted).every((one) => seconds[one]);
    if (isDone || passed > forMs) return { ...told, seconds };
    await pause(250);
  }
}

/** What isn't critical is gathered for half a minute before anybody hears of it. */
const patienceMs = 90_000;

export const alertsProbe: Probe = {
  id: "alerts",
  what: "a test alert of each severity, and whether every receiver behind it has taken it",
  items: Object.keys(asked),
  does: "calls everybody who is called by critical alerts, warnings and information",
  async measure({ api, plan }) {
    const told = await sendTestAlerts(await Alertmanager.behind(api), plan.system, patienceMs);
    return Object.entries(asked).map(([item, channels]) => ({ items: [item], ...judgeTold(channels, told) }));
  },
};
