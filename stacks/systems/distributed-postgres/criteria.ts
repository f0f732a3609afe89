import { criterion, from, none, proposed, signal, trigger } from "../../../rollout/plan/builders.ts";
import type { Criterion, Trigger } from "../../../rollout/plan/model.ts";

/** Thirty minutes of watching after the cutover. */
export const verification: readonly Criterion[] = [
  criterion("errors", "error-ratio", "<", 0.001, { window: "30m", ...from("S3-097") }),
  criterion("latency", "latency-p95", "<", 500, { window: "30m", ...from("S3-097") }),
  criterion("cpu", "cpu", "<", 0.6, { window: "30m", ...from("S3-097") }),
  criterion("memory", "memory-trend", "<=", 0.01, { window: "30m", ...proposed("X-87", "S3-097") }),
];

/** All of it for 72 hours. */
export const success: readonly Criterion[] = [
  criterion("errors", "error-ratio", "<", 0.005, { window: "72h", ...from("S3-137") }),
  criterion("latency", "latency-p95", "<", 500, { window: "72h", ...from("S3-138") }),
  none("failovers", "unplanned-failovers", { window: "72h", ...from("S3-139") }),
  criterion("replication-lag", "replication-lag", "<", 100, { window: "72h", ...from("S3-140") }),
  criterion("cost", "cost", "<=", 1.1, from("S3-145")),
];

/** Any one of them, at once. A database has no previous phase to go to: it goes back whole. */
export const triggers: readonly Trigger[] = [
  trigger("errors", "error-ratio", ">", 0.05, "5m", from("S3-098")),
  trigger("latency", "latency-p95", ">", 2000, "5m", from("S3-099")),
  trigger("connection-errors", "connection-error-ratio", ">", 0.1, "5m", from("S3-100")),
  trigger("out-of-memory", "out-of-memory-kills", ">", 0, "0s", from("S3-101")),
  trigger("failovers", "unplanned-failovers", ">", 2, "0s", { window: "1h", ...from("S3-102") }),
  signal("security-issue", "a critical security issue is discovered", from("S3-103")),
];
