import type { StoredLog } from "../../../analyzer/attempt-log.ts";
import type { Exposed, Told } from "../../../analyzer/ports.ts";
import {
  type ClusterPort,
  type EvidencePort,
  Overtaken,
  type Ports,
  type PrometheusPort,
} from "../../../analyzer/ports.ts";
import type { LiveObject, LiveSystems } from "../../../live/model.ts";
import type { RolloutSpec } from "../../../rollout/transitions/model.ts";
import type { AnalyzerStatus } from "../../../rollout/verdict/model.ts";
import type { PhaseRecord } from "../../../rollout/verdict/record.ts";
import { spec, start, stored } from "../verdict/fixture.ts";

/** One system on an API server of its own, which keeps what is written and refuses what was overtaken. */
export class FakeCluster implements ClusterPort {
  version = 1;
  generation = 1;
  spec: RolloutSpec = spec();
  status: Partial<AnalyzerStatus> = {};
  annotations: Record<string, string> = {};
  exposure: Exposed = { effective: { all: 5 }, isProgrammed: true };
  drains: string[][] = [];
  events: Told[] = [];
  /** What was done, in order. */
  readonly deeds: string[] = [];
  drainFails = false;
  /** Before the next write somebody else writes. */
  intrudes = 0;

  live(): LiveObject {
    const { spec, annotations, generation } = this;
    const status = { observedStep: 0, onTarget: false, passed: [], complete: false, ...stored(this.status) };
    return { uid: "u", generation, resourceVersion: String(this.version), annotations, spec, status };
  }

  async systems(): Promise<LiveSystems> {
    return { wdbx: { namespace: "wdbx", rollout: this.live(), listedPlans: [] } };
  }

  async rollout(): Promise<LiveObject> {
    return this.live();
  }

  async exposed(): Promise<Exposed> {
    return this.exposure;
  }

  async writeStatus(_namespace: string, read: LiveObject, status: AnalyzerStatus): Promise<void> {
    this.#write(read, "status", () => {
      this.status = status;
    });
  }

  async latch(
    _namespace: string,
    read: LiveObject,
    aborted: AnalyzerStatus["aborted"],
    verdict: AnalyzerStatus["verdict"],
  ): Promise<void> {
    this.#write(read, "latch", () => {
      this.status = { ...this.status, ...(aborted && { aborted }), ...(verdict && { verdict }) };
    });
  }

  async drain(_namespace: string, actions: readonly { name: string }[]): Promise<string[]> {
    this.deeds.push("drain");
    this.drains.push(actions.map(({ name }) => name));
    if (this.drainFails) return ["everybody-to-stable: refused"];
    this.exposure = { effective: { all: 0 }, isProgrammed: true };
    return [];
  }

  async runsEverywhere(): Promise<boolean> {
    return true;
  }
  async recordSettled(_namespace: string, { artifact, attempt }: { artifact: string; attempt: number }): Promise<void> {
    this.deeds.push(`record ${artifact} ${attempt}`);
  }
  async signed() {
    return { files: [], signers: [] };
  }
  log: StoredLog = { entries: [], version: undefined };
  async readLog(): Promise<StoredLog> {
    return stored(this.log);
  }
  async writeLog(_system: string, _attempt: number, { entries, version }: StoredLog): Promise<string> {
    if (version !== this.log.version) throw new Overtaken("the log has been modified");
    this.log = { entries, version: String(entries.length) };
    return String(entries.length);
  }
  async tell(_namespace: string, event: Told): Promise<void> {
    this.events.push(event);
  }

  #write(read: LiveObject, what: string, change: () => void): void {
    if (this.intrudes-- > 0) this.version += 1;
    if (read.resourceVersion !== String(this.version)) throw new Overtaken("the object has been modified");
    this.version += 1;
    this.deeds.push(what);
    change();
  }
}

/** Keeps everything, in order. */
export class FakeEvidence implements EvidencePort {
  readonly records: PhaseRecord[] = [];
  isFull = false;

  async keep(record: PhaseRecord): Promise<void> {
    if (this.isFull) throw new Error("the server is out of room");
    this.records.push(record);
  }
  async scene() {
    return { pods: [], events: [], logs: "where the logs are" };
  }
}

export const noPrometheus: PrometheusPort = {
  now: async () => [],
  minutes: async () => [],
};

export function portsOf(cluster: FakeCluster, over: Partial<Ports> & { at?: () => number } = {}): Ports {
  const { at = () => start, ...rest } = over;
  const evidence = new FakeEvidence();
  return { clock: { now: at }, cluster, evidence, prometheuses: [noPrometheus], log: () => undefined, ...rest };
}
