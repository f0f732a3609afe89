import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { objectPath } from "../../live/paths.ts";
import type { Objective, Plan } from "../../rollout/plan/model.ts";
import { CliError } from "../output.ts";
import { doorFor, type Measured, type Probe, type Target } from "./model.ts";

/** What became of the requests that were sent. */
export interface Answers {
  /** Milliseconds of each that was answered, the fastest first. */
  readonly times: readonly number[];
  readonly failed: number;
  /** Those that couldn't be sent, as too many were unanswered. */
  readonly held: number;
  readonly seconds: number;
}

export interface Load {
  readonly door: NonNullable<Target["door"]>;
  readonly host: string;
  readonly rate: number;
  readonly seconds: number;
}

const mostUnanswered = 1_000;
const timeoutMs = 10_000;

/** Sends at a steady rate, however long answers take: users don't wait for each other either. */
export async function send({ door, host, rate, seconds }: Load): Promise<Answers> {
  const isSecure = door.authority !== undefined || /:(443|8443)$/.test(door.address);
  const module = isSecure ? https : http;
  const ca = door.authority === undefined ? {} : { ca: readFileSync(door.authority) };
  const agent = new module.Agent({ keepAlive: true, ...ca, ...(isSecure && { servername: host }) });
  const times: number[] = [];
  let [sent, failed, held] = [0, 0, 0];
  const open = new Set<Promise<void>>();
  const ask = () =>
    new Promise<void>((resolve) => {
      const started = performance.now();
      const fail = () => {
        failed += 1;
        resolve();
      };
      const options = { agent, headers: { host }, timeout: timeoutMs };
      const asked = module.get(`${isSecure ? "https" : "http"}://${door.address}/`, options, (answer) => {
        answer.resume().on("end", () => {
          if ((answer.statusCode ?? 500) >= 500) return fail();
          times.push(performance.now() - started);
          resolve();
        });
        answer.on("error", fail);
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer")));
      asked.on("error", fail);
    });
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  while (sent + held < rate * seconds) {
    for (const due = Math.min(rate * elapsed(), rate * seconds); sent + held < due; ) {
      if (open.size >= mostUnanswered) {
        held += 1;
        continue;
      }
      sent += 1;
      const one = ask().finally(() => open.delete(one));
      open.add(one);
    }
    await pause(5);
  }
  const took = elapsed();
  await Promise.all(open);
  agent.destroy();
  return { times: times.sort((a, b) => a - b), failed, held, seconds: took };
}

/** As much of the plan's objectives as somebody can see who asks from outside. */
function limitsOf({ objectives }: Plan): { failures: number; p95: number | undefined; p99: number | undefined } {
  const of = (metric: Objective["metric"]) => objectives.find((one) => one.metric === metric && !one.against)?.value;
  const success = of("success-ratio");
  const failures = of("error-ratio") ?? (success === undefined ? 0.01 : 1 - success);
  return { failures, p95: of("latency-p95"), p99: of("latency-p99") };
}

export function judgeLoad({ times, failed, held, seconds }: Answers, wanted: number, plan: Plan): Measured {
  const limits = limitsOf(plan);
  const all = times.length + failed;
  const rate = all / seconds;
  const share = all === 0 ? 1 : failed / all;
  const quantile = (q: number): number => times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? Infinity;
  const slow = (name: "p95" | "p99", q: number): string[] =>
    limits[name] !== undefined && quantile(q) > limits[name]
      ? [`${name} is ${quantile(q).toFixed(1)} ms, ${limits[name]} ms are allowed`]
      : [];
  const faults = [
    ...(rate < 0.95 * wanted || held > 0
      ? [`only ${Math.round(rate)} of ${Math.round(wanted)} a second could be sent`]
      : []),
    ...(share > limits.failures ? [`${percent(share)} failed, ${percent(limits.failures)} may`] : []),
    ...slow("p95", 0.95),
    ...slow("p99", 0.99),
  ];
  const about = `${Math.round(rate)} requests a second for ${Math.round(seconds)} s, ${failed} of ${all} failed, p99 ${quantile(0.99).toFixed(1)} ms`;
  return {
    holds: faults.length === 0,
    said: [...faults, about].join("; "),
    figures: {
      ...{ "wanted-per-s": Math.round(wanted), "sent-per-s": Math.round(rate), requests: all, failed },
      ...{ "p95-ms": rounded(quantile(0.95)), "p99-ms": rounded(quantile(0.99)) },
    },
  };
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100} %`;
const rounded = (ms: number): number | string => (Number.isFinite(ms) ? Math.round(ms * 10) / 10 : "never");

const items = ["DWCP-PRE-03", "DWCP-NXT-09"];
const more = 1.5;
const testSeconds = 60;

export const loadProbe: Probe = {
  id: "load",
  what: "half as much again as is expected, for a minute at the door: all answered, and as fast as the plan promises",
  items,
  does: "sends the stack's expectedRps and half of that again to the system",
  needsDoor: true,
  async measure(target) {
    const door = doorFor("load", target);
    const { api, plan, config, namespace } = target;
    const { system } = plan;
    if (config.environment === "production")
      throw new CliError("production is no place for a load test; do it in another stack, with --for production");
    const expected = config.systems[system]?.expectedRps;
    if (expected === undefined)
      throw new CliError(
        `how much is expected? The stack file has no expectedRps for ${system}; pulumi config set --path ${system}.expectedRps N`,
      );
    const route = objectPath("gateway.networking.k8s.io/v1", "httproutes", namespace, system);
    const { spec } = ((await api.get(route)) ?? {}) as { spec?: { hostnames?: string[] } };
    const host = spec?.hostnames?.[0];
    if (host === undefined) throw new CliError(`${system} has no route with a host name, so there is nobody to ask`);
    const answers = await send({ door, host, rate: more * expected, seconds: testSeconds });
    return [{ items, ...judgeLoad(answers, more * expected, plan) }];
  },
};
