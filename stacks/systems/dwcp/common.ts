import { alert, criterion, from, none, objective, proposed } from "../../../rollout/plan/builders.ts";
import type { Objective, Plan } from "../../../rollout/plan/model.ts";

const stable = { of: "stable", as: "ratio" } as const;

/** Alert names carry the system, so that a page says at once who is meant. */
const alertsOf = (prefix: string): Plan["alerts"] => [
  alert(`${prefix}ErrorRatio`, "critical", "error-ratio", ">", 0.03, "1m", proposed("X-85", "S1-047")),
  alert(`${prefix}LatencyDoubled`, "critical", "latency-p99", ">", 2, "5m", { against: stable, ...from("S1-047") }),
  alert(`${prefix}ByzantineAttack`, "critical", "byzantine-attacks", ">", 0, "0s", from("S1-047")),
  alert(`${prefix}Degraded`, "warning", "latency-p95", ">", 1.25, "15m", {
    against: stable,
    ...proposed("X-85", "S1-048"),
  }),
  alert(`${prefix}MemoryHigh`, "warning", "memory-ratio", ">", 0.8, "15m", proposed("X-85", "S1-048")),
  alert(`${prefix}CpuHigh`, "warning", "cpu", ">", 0.8, "15m", proposed("X-85", "S1-048")),
  alert(`${prefix}ErrorsOverTarget`, "info", "error-ratio", ">", 0.001, "1h", proposed("X-85")),
];

const objectives: readonly Objective[] = [
  objective("errors", "error-ratio", "<=", 0.001, from("S1-053", "S1-131")),
  objective("uptime", "uptime", ">=", 0.999, from("S1-132")),
  objective("cost", "cost", "<=", 0.85, from("S1-130")),
  objective("time-to-resolve", "time-to-resolve", "<", 30, from("S1-141")),
];

const communications: Plan["communications"] = [
  {
    id: "standup",
    to: ["engineering", "operations"],
    by: "standup",
    when: { every: "1d" },
    what: "a daily stand-up while it moves",
    ...from("S1-150"),
  },
  {
    id: "on-call",
    to: ["operations"],
    by: "rotation",
    when: { on: "start" },
    what: "a rotation around the clock",
    ...from("S1-151"),
  },
  {
    id: "progress",
    to: ["product", "sre-team@company.com"],
    by: "email",
    when: { weekly: true },
    what: "progress of the week",
    ...from("S1-152", "S1-156"),
  },
  {
    id: "phase-report",
    to: ["leadership"],
    by: "email",
    when: { on: "phase-end" },
    what: "the phase is complete, with its figures",
    ...from("S1-153"),
  },
  {
    id: "phase-review",
    to: ["engineering", "operations"],
    by: "meeting",
    when: { on: "phase-end" },
    what: "review after each milestone",
    ...from("S1-158"),
  },
  {
    id: "users",
    to: ["customers", "partners", "users"],
    by: "announcements",
    when: { on: "rise" },
    what: "benefits for customers, changes of the API and guides for partners, notes inside the product",
    ...from("S1-154"),
  },
  {
    id: "live",
    to: ["#production-rollout", "#production-alerts"],
    by: "Slack",
    when: { on: "rise", within: "0s" },
    what: "every step and every alert, as it happens",
    ...from("S1-155"),
  },
  {
    id: "incident-slack",
    to: ["on-call"],
    by: "Slack",
    when: { on: "incident", within: "0s" },
    what: "a critical issue",
    ...from("S1-159"),
  },
  {
    id: "incident-status-page",
    to: ["public"],
    by: "status page",
    when: { on: "incident", within: "5m" },
    what: "what is affected",
    ...from("S1-157", "S1-159"),
  },
  {
    id: "incident-customers",
    to: ["customers"],
    by: "email",
    when: { on: "incident", within: "30m" },
    what: "what is affected and what to expect",
    ...from("S1-159"),
  },
  {
    id: "post-mortem",
    to: ["engineering", "operations"],
    by: "meeting",
    when: { on: "incident", within: "24h" },
    what: "post-mortem is scheduled",
    ...from("S1-140", "S1-159"),
  },
];

const validations: Plan["validations"] = [
  {
    id: "day-1",
    after: "1d",
    every: "2h",
    criteria: [
      none("critical-errors", "critical-errors", from("S1-089")),
      criterion("health-checks", "health-check-ratio", "==", 1, from("S1-090")),
      criterion("errors", "error-ratio", "<=", 0.001, from("S1-091")),
      criterion("latency", "latency-p99", "<=", 1.1, {
        against: { of: "recorded", as: "ratio" },
        ...proposed("X-87", "S1-092"),
      }),
    ],
    ...from("S1-088"),
  },
  {
    id: "week-1",
    after: "7d",
    every: "1d",
    criteria: [
      criterion("latency-trend", "latency-trend", "<=", 0.01, proposed("X-87", "S1-093")),
      none("leaks", "memory-leaks", from("S1-094")),
      criterion("memory", "memory-ratio", "<", 0.8, proposed("X-87", "S1-095")),
      criterion("cpu", "cpu", "<", 0.8, proposed("X-87", "S1-095")),
    ],
    ...from("S1-093"),
  },
  {
    id: "month-1",
    after: "30d",
    criteria: [
      criterion("uptime", "uptime", ">=", 0.999, { window: "30d", ...from("S1-098", "S1-132") }),
      criterion("errors", "error-ratio", "<=", 0.001, { window: "30d", ...from("S1-098") }),
      criterion("cost", "cost", "<=", 0.85, from("S1-099")),
    ],
    ...from("S1-097"),
  },
  { id: "quarterly", after: "90d", every: "90d", criteria: [], ...from("S1-102") },
];

const rollback: Plan["rollback"] = {
  exposureWithin: "30s",
  total: "2m",
  steps: [
    {
      id: "analysis",
      what: "the trigger is looked at; before the clock starts",
      within: "30s",
      beforeDecision: true,
      ...from("S1-063"),
    },
    { id: "drain", what: "weight to 0", within: "30s", exposes: true, ...from("S1-063") },
    { id: "deployment", what: "the canary goes back to the stable artifact", within: "60s", ...from("S1-063") },
    { id: "verification", what: "no request reaches the canary", within: "30s", ...from("S1-063", "S1-065") },
    { id: "notification", what: "everybody is told, evidence is kept", ...from("S1-063", "S1-066") },
  ],
  postMortem: { anyOf: ["incident-commander"], ...from("S1-140") },
  ...proposed("X-30", "S1-003"),
};

const contacts: Plan["contacts"] = [
  { role: "primary on-call", address: "SRE team", reach: "24/7", ...from("S1-160") },
  { role: "secondary on-call", address: "Engineering Lead", reach: "24/7", ...from("S1-160") },
  { role: "escalation", address: "VP Engineering", reach: "critical incidents", ...from("S1-160") },
  { role: "pager", address: "PagerDuty service production-rollout", ...from("S1-161") },
  { role: "hotline", address: "emergency phone, known to the on-call team", ...from("S1-161") },
  { role: "email", address: "sre-team@company.com", placeholder: true, ...from("S1-156") },
];

const risks: Plan["risks"] = [
  { what: "memory leaks", answer: "health monitoring, restart by liveness probe", ...from("S1-037") },
  { what: "false alarms of circuit breakers", answer: "thresholds are config", ...from("S1-038") },
  { what: "Byzantine attacks", answer: "monitoring all the time, security audits", ...from("S1-039") },
  { what: "less throughput", answer: "load tests, autoscaling", ...from("S1-040") },
  { what: "starvation of resources", answer: "safety constraints, guaranteed minimum", ...from("S1-041") },
];

/** What the plans of all six say alike; each adds its own objectives, baselines and risks. */
export function common(alertPrefix: string) {
  return {
    seed: 1,
    artifact: "image",
    detectability: "warn",
    windows: [],
    objectives,
    alerts: alertsOf(alertPrefix),
    scrapeInterval: { value: "15s", ...proposed("X-79") },
    communications,
    contacts,
    validations,
    rollback,
    risks,
    dashboards: [{ title: "Canary Health Overview", shows: "canary beside baseline, live", ...from("S1-043") }],
    interlocks: [
      {
        systems: ["dwcp-v3"],
        why: "they may share nodes, and two causes of one effect can't be told apart",
        ...proposed("X-74"),
      },
    ],
  } satisfies Partial<Plan>;
}
