import type { HttpSystem } from "../http-system.ts";
import { sizeOf } from "../size.ts";
import { dwcpManager as plan } from "./plan.ts";

/** DWCP Manager: the first of the six, with a shadow phase and users in segments. */
export const dwcpManager: HttpSystem = {
  plan,
  hostnames: ["dwcp-manager.example.com"],
  ...sizeOf(plan),
  isMirrorSafe: true,
};
