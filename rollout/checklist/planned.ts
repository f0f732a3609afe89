import { toSeconds } from "../plan/duration.ts";
import { exposureOf, phaseByName } from "../plan/ladder.ts";
import type { MetricName } from "../plan/metrics.ts";
import type { Alert, Operator, Phase, Plan, Trigger } from "../plan/model.ts";

/** What is wrong, in words; undefined when the item holds. */
export type PlanDecider = (plan: Plan) => string | undefined;

const day = 86_400;
const production = (plan: Plan): readonly Phase[] => plan.ladders.production.normal;
const unless = (holds: boolean, said: string): string | undefined => (holds ? undefined : said);

type Wanted = readonly [metric: MetricName, op: Operator, value: number, severity?: Alert["severity"]];

const isSame = (one: { metric: MetricName; op: Operator; value: number }, [metric, op, value]: Wanted): boolean =>
  one.metric === metric && one.op === op && one.value === value;

/** The plan makes the alert rules, so what stands in it is what is loaded. */
const alerts =
  (...wanted: Wanted[]): PlanDecider =>
  (plan) => {
    const open = wanted.filter(
      (one) => !plan.alerts.some((alert) => isSame(alert, one) && alert.severity === (one[3] ?? alert.severity)),
    );
    return unless(open.length === 0, `no alert for ${open.map((one) => one.slice(0, 3).join(" ")).join(", ")}`);
  };

const triggersOf = (plan: Plan): Trigger[] => production(plan).flatMap(({ triggers }) => triggers);

const trigger =
  (metric: MetricName, op: Operator, value: number, lasting = 0): PlanDecider =>
  (plan) =>
    unless(
      triggersOf(plan).some(
        (one) => "metric" in one && isSame(one, [metric, op, value]) && toSeconds(one.for) === lasting,
      ),
      `no trigger ends an attempt at ${metric} ${op} ${value}`,
    );

/** A phase lasts long enough to be watched for so many days. */
const lasts =
  (name: string, days: number): PlanDecider =>
  (plan) => {
    const phase = phaseByName(production(plan), name);
    return unless(
      phase !== undefined && toSeconds(phase.minDuration) >= days * day,
      `${name} lasts ${phase?.minDuration ?? "not at all"}`,
    );
  };

const exposes =
  (phaseName: string, segment: string, percent: number): PlanDecider =>
  (plan) => {
    const phase = phaseByName(production(plan), phaseName);
    const is = phase && exposureOf(plan, phase)[segment];
    return unless(is === percent, `${segment} is at ${is ?? 0} % in ${phaseName}`);
  };

/** The first phase in which anybody gets it says when a system joins. */
const exists =
  (name: string, percent: number): PlanDecider =>
  (plan) =>
    unless(phaseByName(production(plan), name)?.percent === percent, `there is no phase ${name} with ${percent} %`);

const dashboard =
  (words: RegExp): PlanDecider =>
  ({ dashboards }) =>
    unless(
      dashboards.some(({ title, shows }) => words.test(`${title} ${shows}`)),
      `no dashboard says ${words.source}`,
    );

const alertCalled =
  (name: string): PlanDecider =>
  (plan) =>
    unless(
      plan.alerts.some((alert) => alert.name === name),
      `there is no alert ${name}`,
    );

const response =
  (words: RegExp): PlanDecider =>
  ({ responses = [] }) =>
    unless(
      responses.some(({ issue }) => words.test(issue)),
      "the plan has no response to it",
    );

const neverAbove =
  (system: string): PlanDecider =>
  ({ dependencies }) =>
    unless(
      dependencies.some((one) => one.system === system && one.kind === "never-above"),
      `it may be above ${system}`,
    );

const climbs =
  (...percents: number[]): PlanDecider =>
  (plan) => {
    const has = production(plan).map(({ percent }) => percent);
    return unless(
      percents.every((percent) => has.includes(percent)) &&
        has.every((percent, index) => index === 0 || percent >= has[index - 1]!),
      `the ladder is ${has.join(", ")}`,
    );
  };

const mirrors: PlanDecider = (plan) =>
  unless(
    production(plan).some(({ mirror }) => mirror),
    "no phase mirrors requests",
  );

/** What is an objective has a recording rule. */
const recorded =
  (metric: MetricName): PlanDecider =>
  ({ objectives }) =>
    unless(
      objectives.some((one) => one.metric === metric),
      `no objective is about ${metric}, so it isn't recorded`,
    );

/** The old version goes with the last phase, so that is how long everybody has had the new one by then. */
const everybodyFor =
  (days: number): PlanDecider =>
  (plan) => {
    const full = production(plan).filter(({ percent }) => percent === 100);
    const seconds = full.reduce((sum, { minDuration }) => sum + toSeconds(minDuration), 0);
    return unless(seconds >= days * day, `the ladder is over ${seconds / day} days after everybody got it`);
  };

/** Items about what the plan promises: ladder, soaks, segments, alerts, triggers, dashboards, responses. */
export const planned: Readonly<Record<string, PlanDecider>> = {
  "WDBX-RDY-06": alerts(["capacity", "<", 2000], ["latency-p95", ">", 2], ["success-ratio", "<", 0.99]),
  "WDBX-STG-04": alerts(["capacity", "<", 2000], ["latency-p95", ">", 2], ["success-ratio", "<", 0.99]),
  "WDBX-CC-04": climbs(5, 25, 50, 100),
  "WDBX-TGT-06": alerts(["capacity", "<", 2000, "critical"]),
  "WDBX-TGT-07": alerts(["capacity", "<", 2500, "warning"]),
  "WDBX-TGT-08": alerts(["latency-p95", ">", 2, "critical"]),
  "WDBX-TGT-09": alerts(["latency-p95", ">", 1, "warning"]),
  "WDBX-TGT-10": alerts(["success-ratio", "<", 0.99, "critical"]),
  "WDBX-TGT-11": alerts(["success-ratio", "<", 0.995, "warning"]),
  "WDBX-OBS-01": ({ scrapeInterval }) =>
    unless(toSeconds(scrapeInterval.value) <= 15, `the plan asks for ${scrapeInterval.value}`),
  "WDBX-OPS-01": recorded("capacity"),
  "WDBX-OPS-02": recorded("latency-p95"),
  "WDBX-OPS-03": recorded("success-ratio"),
  "DWCP-RUN-01": climbs(5, 25, 50, 75, 90, 100),
  "DWCP-RB-01": trigger("error-ratio", ">", 1.5, 300),
  "DWCP-RB-02": trigger("latency-p99", ">", 2, 300),
  "DWCP-RB-03": trigger("success-ratio", "<", 0.95, 180),
  "DWCP-RB-04": trigger("throughput", "<", 0.8, 600),
  "DWCP-RB-05": trigger("byzantine-attacks", ">", 0),
  "DWCP-RB-06": trigger("integrity-violations", ">", 0),
  "DWCP-RB-07": trigger("memory-ratio", ">", 0.95, 300),
  "DWCP-RB-08": trigger("circuit-breaker-trips", ">", 10),
  "DWCP-ORD-01": ({ dependencies }) => unless(dependencies.length === 0, "it waits for another system"),
  "DWCP-ORD-02": neverAbove("dwcp-manager"),
  "DWCP-ORD-03": neverAbove("dwcp-manager"),
  "DWCP-ORD-04": neverAbove("dwcp-manager"),
  "DWCP-ORD-05": neverAbove("dwcp-manager"),
  "DWCP-ORD-06": neverAbove("dwcp-manager"),
  "DWCP-ORD-07": lasts("shadow", 7),
  "DWCP-ORD-09": lasts("progressive-25", 7),
  "DWCP-ORD-10": lasts("progressive-50", 7),
  "DWCP-ORD-11": lasts("progressive-75", 7),
  "DWCP-ORD-12": lasts("progressive-90", 7),
  "DWCP-NXT-11": mirrors,
  "DWCP-PD-01": lasts("shadow", 3),
  "DWCP-PD-05": lasts("canary-5", 4),
  "DWCP-PD-06": lasts("progressive-25", 7),
  "DWCP-PD-07": lasts("progressive-50", 3),
  "DWCP-PD-08": exists("full", 100),
  "DWCP-PD-02": exposes("canary-5", "internal", 100),
  "DWCP-PD-03": exposes("canary-5", "beta", 100),
  "DWCP-PD-09": exposes("canary-5", "internal", 100),
  "DWCP-PD-10": exposes("canary-5", "beta", 100),
  "DWCP-PD-11": exposes("canary-5", "premium", 10),
  "DWCP-PD-12": exposes("canary-5", "enterprise", 5),
  "DWCP-PD-13": exposes("canary-5", "standard", 5),
  "DWCP-PD-22": alerts(
    ["error-ratio", ">", 0.03, "critical"],
    ["latency-p99", ">", 2, "critical"],
    ["byzantine-attacks", ">", 0, "critical"],
  ),
  "DWCP-PD-23": alerts(["memory-ratio", ">", 0.8, "warning"], ["cpu", ">", 0.8, "warning"]),
  "DWCP-PD-25": ({ objectives }) => unless(objectives.length > 0, "the plan has no objectives"),
  "BP-MET-01": lasts("wave-1", 1),
  "BP-MET-02": lasts("wave-2", 2),
  "BP-MET-03": lasts("wave-3", 2),
  "BP-MET-04": lasts("wave-4", 2),
  "BP-MET-05": lasts("watch", 14),
  "BP-MET-06": alerts(["error-ratio", ">", 0.05], ["error-ratio", ">", 0.1]),
  "BP-MET-07": alerts(["success-ratio", "<", 0.95], ["success-ratio", "<", 0.9]),
  "BP-MET-08": alerts(["latency-p95", ">", 600], ["latency-p95", ">", 1000]),
  "BP-MET-09": alerts(["latency-p99", ">", 800], ["latency-p99", ">", 1500]),
  "BP-MET-10": alerts(["memory", ">", 1.5], ["memory", ">", 2]),
  "BP-MET-11": alerts(["cpu-per-request", ">", 1.4], ["cpu-per-request", ">", 1.8]),
  "BP-MET-12": alerts(["invariant-violations", ">", 5], ["invariant-violations", ">", 10]),
  "DBAP-08": ({ windows }) => unless(windows.length > 0, "the plan has no maintenance window"),
  "DB24-01": alerts(["error-ratio", ">", 0.01]),
  "DB24-02": alerts(["latency-p95", ">", 1000]),
  "DB24-03": alerts(["cpu", ">", 0.8]),
  "DB24-04": alerts(["memory-ratio", ">", 0.85]),
  "DB24-05": alerts(["connection-ratio", ">", 0.9]),
  "DB24-06": alerts(["replication-lag", ">", 500]),
  "DB24-07": alerts(["disk-busy", ">", 0.85]),
  "DB24-08": alerts(["wal-flush", ">", 50]),
  "DBIR-01": response(/error rate/),
  "DBIR-02": response(/memory/),
  "DBIR-03": response(/replication lag/),
  "DBIR-04": response(/pool/),
  "DBIR-05": response(/slow query/),
  "DBIR-06": response(/alert storm/),
  "V3-P1-01": exists("nodes-10", 10),
  "V3-P1-02": ({ cohort }) =>
    unless(
      cohort?.perDatacenter.atLeast === 1 && cohort.perDatacenter.atMost === 2,
      "the cohort isn't 1 to 2 nodes per datacenter",
    ),
  "V3-P1-03": ({ cohort }) =>
    unless(cohort?.stratifyBy.includes("criticality") === true, "criticality isn't looked at"),
  "V3-P1-11": alerts(["compression-savings", "<", 0.65]),
  "V3-P1-12": alerts(["datacenter-throughput", "<", 0.95]),
  "V3-P1-13": alerts(["latency-p95", ">", 100]),
  "V3-P1-14": alerts(["error-ratio", ">", 0.005]),
  "V3-P1-15": alerts(["memory", ">", 1.2]),
  "V3-P1-16": alerts(["byzantine-successes", ">", 0]),
  "V3-P1-21": lasts("nodes-10", 14),
  "V3-P2-09": alerts(["cross-datacenter-migration-ratio", "<", 0.99]),
  "V3-P2-10": alerts(["mixed-cluster-uptime", "<", 0.999]),
  "V3-P2-11": alerts(["live-migration-ratio", "<", 0.995]),
  "V3-P2-12": alerts(["bandwidth-savings", "<", 0.65]),
  "V3-P2-13": alerts(["interoperability-ratio", "<", 1]),
  "V3-P2-17": lasts("nodes-50", 14),
  "V3-P3-14": lasts("nodes-100", 14),
  "V3-OPS-01": everybodyFor(28),
  "V3-OPS-12": alertCalled("DWCPv3HighErrorRate"),
  "V3-OPS-13": alertCalled("DWCPv3DataLoss"),
  "V3-OPS-14": alertCalled("DWCPv3SecurityBreach"),
  "V3-OPS-15": alertCalled("DWCPv3PerformanceDegradation"),
  "V3-OPS-16": alertCalled("DWCPv3CompressionLow"),
  "V3-OPS-17": alertCalled("DWCPv3HighLatency"),
  "V3-OPS-18": dashboard(/Overview/),
  "V3-OPS-19": dashboard(/v3 vs v1/),
  "V3-OPS-20": dashboard(/Compression/),
  "V3-OPS-21": dashboard(/Security/),
  "V3-OPS-22": dashboard(/Error/),
  "V3-APR-01": (plan) =>
    unless(
      production(plan).some(({ requires }) =>
        requires.some((one) => one.need === "notice" && toSeconds(one.before) >= 2 * day),
      ),
      "no phase asks for 48 h notice",
    ),
};
