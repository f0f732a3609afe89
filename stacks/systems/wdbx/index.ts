import { type HttpSystem, ports, small } from "../http-system.ts";
import { wdbx as plan } from "./plan.ts";

/** WDBX: a vector database behind HTTP. */
export const wdbx: HttpSystem = {
  plan,
  hostnames: ["wdbx.example.com"],
  pod: { env: { SYSTEM: plan.system }, resources: small, ports },
  replicas: { stable: 2, canary: 1 },
};
