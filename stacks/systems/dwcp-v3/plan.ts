import { criterion, from, ladder, none, proposed, signedBy } from "../../../rollout/plan/builders.ts";
import type { Approval, NodeFilter, Plan } from "../../../rollout/plan/model.ts";
import { everybody, expedited, expeditedStaging, plainStaging } from "../ladders.ts";
import * as criteria from "./criteria.ts";
import { alerts, baselines, dashboards, objectives } from "./monitoring.ts";

const transition: readonly Approval[] = signedBy(
  from("S4-105"),
  "vp-engineering",
  "director-infrastructure",
  "security-team-lead",
);
const withProduct: readonly Approval[] = [...transition, ...signedBy(from("S4-127"), "product-manager")];

const notice = { need: "notice", before: "48h", ...from("S4-104") } as const;

const careful: NodeFilter = { criticality: ["low"], peakTraffic: false };
const wider: NodeFilter = { criticality: ["low", "medium", "high"], maxVmMemoryGB: 100, peakTraffic: true };
const everyNode: NodeFilter = { criticality: ["low", "medium", "high"], peakTraffic: true };
const filterAt = (percent: number): NodeFilter => (percent === 100 ? everyNode : percent > 10 ? wider : careful);

const first = { criteria: criteria.at10, triggers: criteria.triggersAt10 };

/** DWCP v3: a flag on cohorts of hypervisor nodes, 10, 50, 100 %, two weeks each, then v1 goes. */
export const dwcpV3: Plan = {
  system: "dwcp-v3",
  title: "DWCP v3 on hypervisor nodes",
  version: "v3",
  seed: 4,
  risk: "medium",
  artifact: "version",
  adapter: {
    kind: "node-cohort",
    flag: "dwcp_v3_hde",
    api: "https://api.novacron.io/v1",
    ...from("S4-002", "S4-006"),
  },
  ...from("S4-001"),
  ladders: {
    staging: {
      normal: plainStaging(criteria.at10, criteria.triggersAt10),
      expedited: expeditedStaging(criteria.at10, criteria.triggersAt10),
    },
    production: {
      normal: ladder("production", [
        {
          name: "preflight",
          title: "v1's baseline is recorded, everybody agrees to start",
          percent: 0,
          minDuration: "48h",
          slot: { fromDay: -7, toDay: 0 },
          requires: [{ need: "staging-pass", ...proposed("X-83") }, { need: "readiness", ...proposed("X-83") }, notice],
          approvals: withProduct,
          ...proposed("X-83", "S4-127"),
        },
        {
          name: "nodes-10",
          title: "10 % of hypervisor nodes",
          percent: 10,
          nodes: careful,
          minDuration: "14d",
          slot: { fromDay: 0, toDay: 14 },
          ...first,
          requires: [{ need: "readiness", ...from("S4-035", "S4-036", "S4-037") }, notice],
          approvals: transition,
          ...from("S4-011", "S4-012", "S4-014", "S4-029"),
        },
        {
          name: "nodes-50",
          title: "50 % of hypervisor nodes",
          percent: 50,
          nodes: wider,
          minDuration: "14d",
          slot: { fromDay: 14, toDay: 28 },
          criteria: criteria.at50,
          triggers: criteria.triggersAt50,
          requires: [{ need: "readiness", ...from("S4-057", "S4-058", "S4-059") }, notice],
          approvals: withProduct,
          ...from("S4-034", "S4-038", "S4-039", "S4-040", "S4-041", "S4-042", "S4-052"),
        },
        {
          name: "nodes-100",
          title: "All nodes, all workloads",
          percent: 100,
          nodes: everyNode,
          minDuration: "14d",
          slot: { fromDay: 28, toDay: 42 },
          criteria: criteria.at100,
          triggers: criteria.triggersAt100,
          requires: [{ need: "readiness", ...from("S4-065") }, notice],
          approvals: transition,
          ...from("S4-056", "S4-060", "S4-061", "S4-063", "S4-071"),
        },
        {
          name: "deprecate-v1",
          title: "Two more weeks, 28 days in all; then v1 goes",
          percent: 100,
          nodes: everyNode,
          minDuration: "14d",
          slot: { fromDay: 42, toDay: 56 },
          criteria: criteria.at100,
          triggers: criteria.triggersAtDeprecation,
          requires: [{ need: "readiness", ...proposed("X-71", "S4-072") }],
          steps: [
            { id: "remove-v1", what: "v1's code paths are removed", ...from("S4-073", "S4-123") },
            { id: "archive-v1", what: "v1's code is archived", ...from("S4-073", "S4-123") },
            { id: "update-documents", what: "documentation speaks of v3 only", ...from("S4-123") },
          ],
          ...proposed("X-71", "S4-072", "S4-123"),
        },
      ]),
      expedited: expedited([10, 50, 100], first, ["vp-engineering", "director-infrastructure"], (percent) => ({
        nodes: filterAt(percent),
      })),
    },
  },
  detectability: "warn",
  segments: everybody,
  cohort: {
    stratifyBy: ["datacenter", "criticality", "workload"],
    perDatacenter: { atLeast: 1, atMost: 2 },
    exclusions: [],
    ...proposed("X-70", "S4-009", "S4-013", "S4-015", "S4-084"),
  },
  dependencies: [],
  interlocks: [
    {
      systems: ["dwcp-manager", "dwcp-compression", "dwcp-probft", "dwcp-bullshark", "dwcp-tpbft", "dwcp-maddpg"],
      why: "they may share nodes, and two causes of one effect can't be told apart",
      ...proposed("X-74"),
    },
  ],
  windows: [],
  objectives,
  alerts,
  scrapeInterval: { value: "15s", ...proposed("X-79") },
  baselines,
  communications: [
    {
      id: "weekly-report",
      to: ["engineering leadership", "product", "operations"],
      by: "email",
      when: { weekly: true },
      what: "percent, key figures, issues met and resolved, changes of the timeline",
      ...from("S4-102", "S4-103"),
    },
    {
      id: "transition-notice",
      to: ["VP Engineering", "Director of Infrastructure", "Security Team Lead"],
      by: "email",
      when: { before: "transition", by: "48h" },
      what: "the next phase, for approval",
      ...from("S4-104", "S4-105"),
    },
    {
      id: "rollback",
      to: ["engineering leadership", "product", "operations"],
      by: "email",
      when: { on: "rollback", within: "0s" },
      what: "what was rolled back and why",
      subject: "DWCP v3 Rollback Executed - [Phase X]",
      body: "The DWCP v3 rollout has been rolled back from [X]% to [Y]% due to:\n[Reason]\n\nImpact: [Description]\nAction Taken: [Details]\nCurrent Status: [Stable/Investigating]\nNext Steps: [Plan]\n",
      ...from("S4-106"),
    },
    {
      id: "plan-review",
      to: ["DWCP v3 team"],
      by: "meeting",
      when: { weekly: true },
      what: "this plan is read again",
      ...from("S4-128"),
    },
    {
      id: "pages",
      to: ["on-call", "Slack"],
      by: "Alertmanager",
      when: { on: "incident", within: "0s" },
      what: "critical pages on-call, warning goes to Slack",
      ...from("S4-101"),
    },
  ],
  contacts: [],
  validations: [
    {
      id: "week-2",
      after: "14d",
      every: "1d",
      criteria: [criterion("errors", "error-ratio", "<", 0.001, from("S4-110"))],
      ...from("S4-118", "S4-119", "S4-120"),
    },
    {
      id: "week-4",
      after: "28d",
      criteria: [
        criterion("live-migration", "live-migration-ratio", ">", 0.999, from("S4-116")),
        criterion("uptime", "uptime", ">=", 0.9999, { window: "28d", ...from("S4-115") }),
        none("data-losses", "data-losses", from("S4-003")),
      ],
      ...from("S4-121", "S4-122"),
    },
  ],
  capacity: { reservePercent: 10, ...proposed("X-93") },
  rollback: {
    exposureWithin: "5s",
    total: "35s",
    steps: [
      { id: "flag-off", what: "percentage 0, enabled false", within: "5s", exposes: true, ...from("S4-079") },
      {
        id: "verify",
        what: "the flag reads 0 and off, health is good",
        within: "30s",
        ...from("S4-007", "S4-008", "S4-080"),
      },
      { id: "watch", what: "errors back at v1's, v1 works, figures settle", ...from("S4-081") },
      {
        id: "partial",
        what: "where only some nodes suffer: previous phase, or exclude them",
        ...from("S4-009", "S4-082"),
      },
    ],
    postMortem: { anyOf: ["engineering-lead", "sre"], ...from("S4-126") },
    ...from("S4-002", "S4-079", "S4-080"),
  },
  risks: [
    {
      what: "issues that aren't critical",
      answer: "extend the phase by one or two weeks, validate again",
      ...from("S4-124"),
    },
    { what: "issues that need a look", answer: "hold the percent until they are resolved", ...from("S4-125") },
    { what: "v3 is wrong", answer: "0 %, post-mortem, mend, start again at the first phase", ...from("S4-126") },
  ],
  dashboards,
};
