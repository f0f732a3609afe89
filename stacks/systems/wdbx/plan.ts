import { criterion, from, ladder, none, proposed, signedBy } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { everybody, expedited, expeditedStaging } from "../ladders.ts";
import * as criteria from "./criteria.ts";
import { alerts, baselines, dashboards, objectives } from "./monitoring.ts";

const rung = { criteria: criteria.canary, triggers: criteria.triggers };

/** WDBX, a vector database behind HTTP: 5, 25, 50, 100 % of its traffic in four weeks. */
export const wdbx: Plan = {
  system: "wdbx",
  title: "WDBX database",
  seed: 0,
  risk: "low",
  artifact: "image",
  adapter: { kind: "http-weight", ...proposed("X-12", "S0-40") },
  ...from("S0-01", "S0-106"),
  ladders: {
    staging: {
      normal: ladder("staging", [
        {
          name: "green",
          title: "The new colour stands beside the old one",
          percent: 0,
          minDuration: "5m",
          slot: { fromDay: 0, toDay: 1 },
          ...proposed("X-23", "S0-17"),
        },
        {
          name: "staging-validation",
          title: "Blue-green staging validation",
          percent: 100,
          minDuration: "48h",
          slot: { fromDay: 1, toDay: 7 },
          load: { duration: "24h", connections: 3000, ...proposed("X-22", "S0-18") },
          criteria: criteria.staging,
          triggers: criteria.triggers,
          requires: [{ need: "readiness", ...from("S0-25") }],
          ...proposed("X-21", "S0-15"),
        },
      ]),
      expedited: expeditedStaging(criteria.full, criteria.triggers),
    },
    production: {
      normal: ladder("production", [
        {
          name: "infrastructure",
          title: "Production infrastructure setup",
          percent: 0,
          minDuration: "1h",
          slot: { fromDay: 7, toDay: 14 },
          requires: [
            { need: "staging-pass", ...from("S0-13") },
            { need: "readiness", ...from("S0-34") },
            { need: "capacity", ...from("S0-117") },
          ],
          approvals: signedBy(from("S0-118"), "technical-lead", "platform-engineering", "devops"),
          ...proposed("X-92", "S0-26"),
        },
        {
          name: "canary-5",
          title: "Canary, 5 % of production traffic",
          percent: 5,
          minDuration: "48h",
          slot: { fromDay: 14, toDay: 17 },
          ...rung,
          requires: [{ need: "readiness", ...proposed("X-91") }],
          ...proposed("X-92", "S0-35"),
        },
        {
          name: "canary-25",
          title: "Canary, 25 %",
          percent: 25,
          minDuration: "48h",
          slot: { fromDay: 17, toDay: 19 },
          ...rung,
          ...proposed("X-92", "S0-40"),
        },
        {
          name: "canary-50",
          title: "Canary, 50 %",
          percent: 50,
          minDuration: "48h",
          slot: { fromDay: 19, toDay: 21 },
          ...rung,
          requires: [{ need: "readiness", ...from("S0-47") }],
          ...proposed("X-92", "S0-40"),
        },
        {
          name: "full",
          title: "Full production rollout",
          percent: 100,
          minDuration: "24h",
          slot: { fromDay: 21, toDay: 28 },
          criteria: criteria.full,
          triggers: criteria.triggers,
          requires: [{ need: "readiness", ...from("S0-55") }],
          ...proposed("X-92", "S0-48"),
        },
      ]),
      expedited: expedited([5, 50, 100], { criteria: criteria.full, triggers: criteria.triggers }, [
        "technical-lead",
        "devops",
      ]),
    },
  },
  detectability: "warn",
  segments: everybody,
  dependencies: [],
  windows: [],
  objectives,
  alerts,
  alertWithin: { value: "30s", ...from("S0-72") },
  scrapeInterval: { value: "15s", ...from("S0-76") },
  baselines,
  communications: [
    {
      id: "alerts",
      to: ["Slack", "PagerDuty", "Email"],
      by: "Alertmanager",
      when: { on: "incident", within: "30s" },
      what: "every alert, by its severity",
      ...from("S0-78"),
    },
    {
      id: "performance-escalation",
      to: ["engineering team"],
      by: "monitoring team",
      when: { on: "incident" },
      what: "a direct line from the monitoring team, led by the Platform Engineer",
      ...from("S0-104"),
    },
  ],
  contacts: [
    { role: "DevOps Engineer", address: "deployment team lead", reach: "24/7 in the rollout week", ...from("S0-103") },
    { role: "Senior Developer", address: "performance team lead", ...from("S0-105") },
    { role: "emergency", address: "[On-call rotation details]", placeholder: true, ...from("S0-119") },
  ],
  validations: [
    {
      id: "day-1",
      after: "1d",
      criteria: [
        none("pods", "unhealthy-pods", from("S0-89")),
        criterion("throughput", "capacity", ">", 2500, from("S0-90")),
        criterion("latency", "latency-p95", "<", 1, from("S0-91")),
        criterion("success", "success-ratio", ">", 0.99, from("S0-92")),
        none("leaks", "memory-leaks", from("S0-93")),
      ],
      ...from("S0-94"),
    },
    {
      id: "week-1",
      after: "7d",
      criteria: [
        criterion("baseline-held", "capacity", ">", 2500, { window: "7d", ...proposed("X-87", "S0-95") }),
        none("incidents", "incidents", { window: "7d", ...from("S0-96") }),
      ],
      ...from("S0-95"),
    },
    {
      id: "month-1",
      after: "30d",
      criteria: [criterion("latency-trend", "latency-trend", "<=", 0.01, proposed("X-87", "S0-101"))],
      ...from("S0-101"),
    },
  ],
  capacity: {
    nodes: { atLeast: 3, cores: 16, memoryGB: 32, networkGbps: 10, disk: "NVMe SSD", iops: 1000 },
    reservePercent: 10,
    stable: {
      replicas: 6,
      resources: { requests: { cpu: "8", memory: "16Gi" }, limits: { cpu: "16", memory: "32Gi" } },
      env: { WDBX_THREADS: "32", WDBX_CONNECTION_POOL_SIZE: "5000", WDBX_MEMORY_LIMIT: "4096" },
      ...from("S0-49", "S0-50", "S0-51", "S0-52", "S0-53", "S0-54"),
    },
    canary: {
      replicas: 2,
      resources: { requests: { cpu: "8", memory: "16Gi" }, limits: { cpu: "8", memory: "16Gi" } },
      ...from("S0-37", "S0-38"),
    },
    ...from("S0-30", "S0-31", "S0-32", "S0-33"),
  },
  forecast: [
    { period: "week 1-2", operationsPerDay: 100_000, ...from("S0-61") },
    { period: "month 1", operationsPerDay: 1_000_000, ...from("S0-62") },
    { period: "month 3", operationsPerDay: 10_000_000, ...from("S0-63") },
    { period: "month 6", operationsPerDay: 100_000_000, ...from("S0-64") },
  ],
  rollback: {
    exposureWithin: "30s",
    total: "2m",
    recovery: "5m",
    steps: [
      { id: "drain", what: "weight of the canary to 0", within: "30s", exposes: true, ...proposed("X-01", "S0-70") },
      {
        id: "divert",
        what: "emergency route, if the mesh still stands and the weight does not help",
        ...from("S0-71"),
      },
      { id: "recover", what: "baseline of performance is back", ...from("S0-75") },
    ],
    ...proposed("X-01", "S0-75"),
  },
  risks: [
    { what: "performance", level: "low", answer: "stress tests", ...from("S0-65") },
    { what: "reliability", level: "low", answer: "99.98 % uptime shown", ...from("S0-66") },
    { what: "memory", level: "low", answer: "no leak in 2.5 million operations", ...from("S0-67") },
    { what: "network", level: "low", answer: "5,000 connections at once validated", ...from("S0-68") },
    { what: "monitoring", level: "low", answer: "the whole stack is deployed", ...from("S0-69") },
  ],
  dashboards,
};
