import type { StackConfig } from "../../rollout/config/model.ts";
import { followers } from "./dwcp/followers.ts";
import { dwcpManager } from "./dwcp-manager/index.ts";
import type { HttpSystem } from "./http-system.ts";
import { shrunk } from "./size.ts";
import { wdbx } from "./wdbx/index.ts";

/** All systems that users reach through the gateway. */
export const behindHttp: readonly HttpSystem[] = [wdbx, dwcpManager, ...followers];

/** One of them, as large as a stack is. */
export function httpSystemIn({ scale }: Pick<StackConfig, "scale">, system: string): HttpSystem | undefined {
  const found = behindHttp.find(({ plan }) => plan.system === system);
  return found && shrunk(found, scale.size);
}

/** Their hosts, each with the namespaces whose routes may name it: the system's own, and another during a handover. */
export const systemHosts = (handover: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    behindHttp.flatMap(({ plan: { system }, hostnames }) =>
      hostnames.map((host) => [host, [system, handover[system] ?? []].flat()]),
    ),
  );
