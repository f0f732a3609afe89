import { from } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";

const pacific = "America/Los_Angeles";

export const communications: Plan["communications"] = [
  {
    id: "standup",
    to: ["incident commander", "engineering lead", "devops", "product manager"],
    by: "standup",
    when: { daily: ["09:00"], timezone: pacific },
    what: "health (errors, performance, feedback); issues with cause and fix; decision: same wave, next wave, pause or rollback; what to watch, who does what, next stand-up in 24 h",
    ...from("S2-102", "S2-103", "S2-104"),
  },
  {
    id: "wave-2-review",
    to: ["team", "stakeholders"],
    by: "meeting",
    when: { every: "1d" },
    what: "wave 2 is reviewed every day, with the feedback of beta users",
    ...from("S2-054", "S2-055"),
  },
  {
    id: "wave-3-sync",
    to: ["team"],
    by: "meeting",
    when: { daily: ["09:00", "17:00"], timezone: pacific },
    what: "wave 3, twice a day",
    ...from("S2-068"),
  },
  {
    id: "remaining-half",
    to: ["users of the other half"],
    by: "announcement, prepared in wave 3",
    when: { before: "transition", by: "1d" },
    what: "the new system comes to the remaining 50 %",
    ...from("S2-069"),
  },
  {
    id: "standing-by",
    to: ["support team", "incident commander"],
    by: "rota",
    when: { on: "rise" },
    what: "live support and the incident commander stand by for the 48 h of wave 4",
    ...from("S2-081", "S2-082"),
  },
  {
    id: "retrospective",
    to: ["team"],
    by: "meeting",
    when: { every: "1d" },
    what: "every day after full rollout",
    ...from("S2-083"),
  },
  {
    id: "critical-alerts",
    to: ["#alerts-critical", "PagerDuty"],
    by: "Slack and pager",
    when: { on: "incident", within: "0s" },
    what: "critical alerts",
    ...from("S2-010", "S2-011"),
  },
  {
    id: "warnings",
    to: ["#alerts-warnings"],
    by: "Slack",
    when: { on: "incident" },
    what: "warnings",
    ...from("S2-011"),
  },
  {
    id: "rollback-announcement",
    to: ["#alerts-critical"],
    by: "Slack",
    when: { on: "rollback", within: "0s" },
    what: "rolled back, and why",
    ...from("S2-111"),
  },
  {
    id: "rollback-status-page",
    to: ["external customers"],
    by: "status page",
    when: { on: "rollback" },
    what: "what it means for them",
    ...from("S2-111"),
  },
  {
    id: "rollback-mail",
    to: ["stakeholders"],
    by: "email",
    when: { on: "rollback" },
    what: "what happened; a post-mortem is scheduled",
    ...from("S2-111"),
  },
];

export const contacts: Plan["contacts"] = [
  { role: "primary on-call, engineering", address: "oncall@company.com", placeholder: true, ...from("S2-143") },
  { role: "secondary on-call, manager", address: "manager@company.com", placeholder: true, ...from("S2-143") },
  { role: "incident commander", address: "commander@company.com", placeholder: true, ...from("S2-143") },
  { role: "product owner", address: "product@company.com", placeholder: true, ...from("S2-143") },
  { role: "security lead", address: "security@company.com", placeholder: true, ...from("S2-143") },
];
