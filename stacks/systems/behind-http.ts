import { followers } from "./dwcp/followers.ts";
import { dwcpManager } from "./dwcp-manager/index.ts";
import type { HttpSystem } from "./http-system.ts";
import { wdbx } from "./wdbx/index.ts";

/** All systems that users reach through the gateway. */
export const behindHttp: readonly HttpSystem[] = [wdbx, dwcpManager, ...followers];

/** Their hosts, each with the namespace that it belongs to. */
export const systemHosts: Readonly<Record<string, string>> = Object.fromEntries(
  behindHttp.flatMap(({ plan, hostnames }) => hostnames.map((host) => [host, plan.system])),
);
