import { followers } from "./dwcp/followers.ts";
import { dwcpManager } from "./dwcp-manager/index.ts";
import type { HttpSystem } from "./http-system.ts";
import { wdbx } from "./wdbx/index.ts";

/** All systems that users reach through the gateway. */
export const behindHttp: readonly HttpSystem[] = [wdbx, dwcpManager, ...followers];

/** Their hosts, each with the namespaces whose routes may name it: the system's own, and another during a handover. */
export const systemHosts = (handover: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    behindHttp.flatMap(({ plan: { system }, hostnames }) =>
      hostnames.map((host) => [host, [system, handover[system] ?? []].flat()]),
    ),
  );
