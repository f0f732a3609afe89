import type { LiveObject } from "../live/model.ts";
import { exposedSegments, segmentPorts } from "../rollout/exposure/segments.ts";
import type { SystemName } from "../rollout/plan/systems.ts";
import type { Counts } from "../rollout/statistics/windows.ts";
import { currentAbort, isSettled } from "../rollout/transitions/model.ts";
import type { TriggerAlert } from "../rollout/verdict/abort.ts";
import { nextOutbreaks, type Outbreaks, type Slice, watchedByLooks } from "../rollout/verdict/outbreaks.ts";
import { scopeOf } from "../rollout/verdict/series.ts";
import type { PlanBook } from "./plan-book.ts";
import type { ProxyCount, ProxyPort } from "./ports.ts";

/**
 * Looks at the proxy's counters several times a second, for what is so bad that it can be seen at once. What it
 * remembers may be lost: the minutes that Prometheus counts, and its rules, find everything that this finds, and more.
 */
export class QuickLook {
  readonly #proxy: ProxyPort;
  readonly #plans: PlanBook;
  #last = new Map<string, ProxyCount>();
  #known = new Map<string, { scope: string; outbreaks: Outbreaks }>();

  constructor(proxy: ProxyPort, plans: PlanBook) {
    this.#proxy = proxy;
    this.#plans = plans;
  }

  /** The triggers that these Rollouts have pulled, as alerts of Prometheus would say it. */
  async look(rollouts: readonly LiveObject[]): Promise<TriggerAlert[]> {
    const open = rollouts.filter((one) => !isSettled(one.spec) && !currentAbort(one));
    if (open.length === 0) {
      this.#last.clear();
      this.#known.clear();
      return [];
    }
    const slices = this.#slices(await this.#proxy.counts());
    const next = new Map<string, { scope: string; outbreaks: Outbreaks }>();
    const alerts = open.flatMap(({ spec }): TriggerAlert[] => {
      const { system, attempt, revision, phase: name = "" } = spec;
      const place = spec.phases.find((one) => one.name === name);
      const phase = place && this.#plans.phase(place.digest);
      const triggers = phase ? watchedByLooks(phase, system as SystemName) : [];
      if (triggers.length === 0) return [];
      const scope = `${revision}/${scopeOf(spec)}`;
      const before = this.#known.get(system);
      const slice = (port?: number): Slice => ({
        canary: slices(system, "canary", port),
        stable: slices(system, "stable", port),
      });
      const ports = segmentPorts(Object.keys(place!.exposure));
      const apart = exposedSegments(place!.exposure).map((segment) => [segment, slice(ports.get(segment))] as const);
      const known = before?.scope === scope ? before.outbreaks : {};
      const found = nextOutbreaks(triggers, known, slice(), Object.fromEntries(apart));
      next.set(system, { scope, outbreaks: found.outbreaks });
      if (!found.pulled) return [];
      const { trigger, reason } = found.pulled;
      const { id, action } = trigger;
      return [{ system, attempt: String(attempt), revision, phases: [name], trigger: id, action, reason }];
    });
    this.#known = next;
    return alerts;
  }

  /** What came in since the last look. Whoever is seen for the first time, or has started anew, counts from now on. */
  #slices(counts: readonly ProxyCount[]): (system: string, track: ProxyCount["track"], port?: number) => Counts {
    const key = ({ replica, system, track, port }: ProxyCount) => `${replica} ${system} ${track} ${port}`;
    const last = this.#last;
    this.#last = new Map(counts.map((one) => [key(one), one]));
    const slices = new Map<string, { n: number; k: number }>();
    for (const one of counts) {
      const before = last.get(key(one));
      if (!before || one.requests < before.requests) continue;
      for (const port of [undefined, one.port]) {
        const place = placeOf(one.system, one.track, port);
        const slice = slices.get(place) ?? { n: 0, k: 0 };
        slice.n += one.requests - before.requests;
        slice.k += one.failed - before.failed;
        slices.set(place, slice);
      }
    }
    return (system, track, port) => slices.get(placeOf(system, track, port)) ?? { n: 0, k: 0 };
  }
}

const placeOf = (system: string, track: ProxyCount["track"], port?: number): string =>
  `${system} ${track} ${port ?? "all"}`;
