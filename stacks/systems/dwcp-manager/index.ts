import { type HttpSystem, ports, small } from "../http-system.ts";
import { dwcpManager as plan } from "./plan.ts";

/** DWCP Manager: the first of the six, with a shadow phase and users in segments. */
export const dwcpManager: HttpSystem = {
  plan,
  hostnames: ["dwcp-manager.example.com"],
  pod: { env: { SYSTEM: plan.system }, resources: small, ports },
  replicas: { stable: 2, canary: 1 },
  isMirrorSafe: true,
};
