import type { HttpSystem } from "../http-system.ts";
import { sizeOf } from "../size.ts";
import { wdbx as plan } from "./plan.ts";

/** WDBX: a vector database behind HTTP. */
export const wdbx: HttpSystem = {
  plan,
  hostnames: ["wdbx.example.com"],
  ...sizeOf(plan),
  autoscaling: { maxReplicas: 12, cpuPercent: 70 },
};
