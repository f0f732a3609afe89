import { parse } from "yaml";
import { z } from "zod";
import type { Api } from "./api.ts";
import { firstAnswer } from "./replicas.ts";

export interface TestAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** How often a channel (`slack`, `email`) was spoken to, and took it. */
export interface Spoken {
  readonly taken: number;
  readonly refused: number;
}

const statusSchema = z.object({ config: z.object({ original: z.string() }) });
const receiverList = z.object({ receivers: z.array(z.looseObject({ name: z.string() })) });
const alertList = z.array(
  z.object({ labels: z.record(z.string(), z.string()), receivers: z.array(z.object({ name: z.string() })) }),
);

/** One replica of the platform's Alertmanager through the API server; the others don't speak for what they weren't told. */
export class Alertmanager {
  readonly #api: Api;
  readonly #path: string;
  readonly #channels: ReadonlyMap<string, readonly string[]>;

  private constructor(api: Api, path: string, channels: ReadonlyMap<string, readonly string[]>) {
    this.#api = api;
    this.#path = path;
    this.#channels = channels;
  }

  static async behind(api: Api): Promise<Alertmanager> {
    const read = (one: unknown) => statusSchema.safeParse(one).data;
    const { answer, at } = await firstAnswer(api, { name: "Alertmanager", port: 9093 }, "/api/v2/status", read);
    return new Alertmanager(api, at, channelsByReceiver(answer.config.original));
  }

  async tell(alerts: readonly TestAlert[]): Promise<void> {
    await this.#api.create(`${this.#path}/api/v2/alerts`, alerts);
  }

  /** The channels of all receivers that an alert goes to, each as often as it is to speak; undefined before it's known. */
  async channelsOf(alertname: string): Promise<string[] | undefined> {
    const alerts = alertList.parse(await this.#api.get(`${this.#path}/api/v2/alerts`));
    const found = alerts.find(({ labels }) => labels.alertname === alertname);
    return found?.receivers.flatMap(({ name }) => this.#channels.get(name) ?? []);
  }

  /** By channel, since it runs. */
  async spoken(): Promise<Readonly<Record<string, Spoken>>> {
    const text = String(await this.#api.get(`${this.#path}/metrics`));
    const all = counted(text, "alertmanager_notification_requests_total");
    const failed = counted(text, "alertmanager_notification_requests_failed_total");
    return Object.fromEntries(
      [...all].map(([channel, count]) => {
        const refused = failed.get(channel) ?? 0;
        return [channel, { taken: count - refused, refused }];
      }),
    );
  }
}

/** `slack_configs` with two entries makes a receiver speak twice by Slack. */
function channelsByReceiver(config: string): Map<string, string[]> {
  const channels = (receiver: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(receiver).flatMap(([key, list]) =>
      key.endsWith("_configs") && Array.isArray(list) ? list.map(() => key.slice(0, -"_configs".length)) : [],
    );
  return new Map(receiverList.parse(parse(config)).receivers.map((one) => [one.name, channels(one)]));
}

/** A counter of the exposition format, summed by integration. */
function counted(text: string, name: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, channel, value] of text.matchAll(new RegExp(`^${name}\\{.*?integration="([^"]+)".*?\\} (\\S+)$`, "gm")))
    sums.set(channel!, (sums.get(channel!) ?? 0) + Number(value));
  return sums;
}
