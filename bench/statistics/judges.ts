import { evidenceOfRatio } from "../../rollout/statistics/comparison.ts";
import { evidenceBeyond } from "../../rollout/statistics/proportion.ts";
import { compact, type PairWindow, pair, type Window } from "../../rollout/statistics/windows.ts";
import { isHigh } from "./mann-whitney.ts";
import type { Setting, Step } from "./streams.ts";

/** Sees one step of five seconds after the other and says when it would roll back. */
export interface Judge {
  rollsBack(at: number, step: Step): boolean;
}

export interface Method {
  name: string;
  says: string;
  judge(setting: Setting): Judge;
}

const metrics = ["errors", "slow"] as const;
const ratio = 1.5;
/** Two comparisons, one limit and the check of the share: 5 % of false alarms for the four of them. */
const needed = -Math.log(0.05 / 4);

/** Ours: looks every five seconds at every trigger, all of them together allowed one false alarm in twenty days. */
function sequential(setting: Setting): Judge {
  const tracks = { errors: new Track(), slow: new Track() };
  const options = { phaseStart: 0, anyStart: true };
  const shareLimit = Math.min(1.2 * setting.canaryShare, 0.999);
  return {
    rollsBack(at, { canary, stable }) {
      for (const metric of metrics) {
        const track = tracks[metric];
        track.add(at, [canary.requests, canary[metric]], [stable.requests, stable[metric]]);
        // Evidence against the canary grows with an event of the canary only.
        if (canary[metric] > 0 && evidenceOfRatio(track.pairs, ratio, "above", options) >= needed) return true;
      }
      const { canary: own, traffic } = tracks.errors;
      if (canary.errors > 0 && evidenceBeyond(own, 3 * setting.errorShare, "above", options) >= needed) return true;
      return at % 60 === 0 && evidenceBeyond(traffic, shareLimit, "above", options) >= needed;
    },
  };
}

class Track {
  canary: Window[] = [];
  stable: Window[] = [];
  traffic: Window[] = [];
  pairs: PairWindow[] = [];

  add(at: number, canary: [number, number], stable: [number, number]): void {
    const through = Math.ceil(at / 60) * 60;
    const put = (windows: Window[], [n, k]: [number, number]): Window[] => {
      const newest = windows.at(-1);
      // Minutes turn into hours on the hour only.
      if (newest?.through !== through)
        return [...(through % 3600 === 60 ? compact(windows, at) : windows), { through, n, k }];
      newest.n += n;
      newest.k += k;
      return windows;
    };
    const fresh = this.canary.at(-1)?.through !== through;
    this.canary = put(this.canary, canary);
    this.stable = put(this.stable, stable);
    this.traffic = put(this.traffic, [canary[0] + stable[0], canary[0]]);
    // The pairs refer to the windows, so that within a minute they need no joining again.
    if (fresh || this.pairs.at(-1)?.through !== through) this.pairs = pair(this.canary, this.stable);
  }
}

/** Requests and bad ones of the last so many seconds. */
export class Sliding {
  readonly #length: number;
  readonly #kept: [number, number][] = [];
  #sum: [number, number] = [0, 0];

  constructor(seconds: number) {
    this.#length = seconds / 5;
  }

  add(requests: number, bad: number): void {
    this.#kept.push([requests, bad]);
    const gone = this.#kept.length > this.#length ? this.#kept.shift()! : [0, 0];
    this.#sum = [this.#sum[0] + requests - gone[0]!, this.#sum[1] + bad - gone[1]!];
  }

  get share(): number {
    return this.#sum[0] > 0 ? this.#sum[1] / this.#sum[0] : 0;
  }
}

/** A limit on the share in a window, looked at every so often; rolls back when it was over it so many times. */
function threshold(setting: Setting, every: number, failures: number, consecutive: boolean): Judge {
  const windows = { errors: new Sliding(every), slow: new Sliding(every) };
  const limits = { errors: ratio * setting.errorShare, slow: ratio * setting.slowShare };
  const failed = { errors: 0, slow: 0 };
  return {
    rollsBack(at, { canary }) {
      for (const metric of metrics) windows[metric].add(canary.requests, canary[metric]);
      if (at % every !== 0) return false;
      return metrics.some((metric) => {
        const over = windows[metric].share > limits[metric];
        failed[metric] = over ? failed[metric] + 1 : consecutive ? 0 : failed[metric];
        return failed[metric] >= failures;
      });
    },
  };
}

/** One point a minute and track; each hour the last hour's points are compared. */
function mannWhitney(): Judge {
  const empty = () => ({ canary: [] as number[], stable: [] as number[] });
  const points = { errors: empty(), slow: empty() };
  const minute = { canary: { requests: 0, errors: 0, slow: 0 }, stable: { requests: 0, errors: 0, slow: 0 } };
  return {
    rollsBack(at, step) {
      for (const track of ["canary", "stable"] as const) {
        for (const key of ["requests", "errors", "slow"] as const) minute[track][key] += step[track][key];
        if (at % 60 !== 0) continue;
        const { requests } = minute[track];
        for (const metric of metrics) if (requests > 0) points[metric][track].push(minute[track][metric] / requests);
        minute[track] = { requests: 0, errors: 0, slow: 0 };
      }
      if (at % 3600 !== 0) return false;
      const high = metrics.some((metric) => isHigh(points[metric].canary, points[metric].stable));
      Object.assign(points, { errors: empty(), slow: empty() });
      return high;
    },
  };
}

export const methods: readonly Method[] = [
  { name: "rampart", says: "e-processes, a look every 5 s, four triggers sharing 5 %", judge: sequential },
  {
    name: "threshold-1m",
    says: "as Flagger does it: limit at 1.5 times the usual share, every minute over the last one, five failures in a row",
    judge: (setting) => threshold(setting, 60, 5, true),
  },
  {
    name: "threshold-5m",
    says: "as Argo Rollouts does it: the same limit, every 5 min over the last 5, more than three failures (failureLimit 3)",
    judge: (setting) => threshold(setting, 300, 4, false),
  },
  {
    name: "mann-whitney",
    says: "as Kayenta does it: hourly over minute points, 98 % interval, tolerance 0.25, both metrics critical",
    judge: mannWhitney,
  },
];
