import type { StackConfig, SystemConfig } from "../rollout/config/model.ts";
import { deployWdbx } from "./systems/wdbx/index.ts";

/** How each system is deployed; a system without an entry has a plan, but no resources yet. */
const deployments: Readonly<Record<string, (config: SystemConfig) => object>> = {
  wdbx: deployWdbx,
};

/** What moves: the systems that this stack's config names. */
export function deploySystems(config: StackConfig): Record<string, object> {
  const outputs: Record<string, object> = {};
  for (const [system, systemConfig] of Object.entries(config.systems)) {
    const deploy = deployments[system];
    if (!deploy) throw new Error(`rampart:${system}: there is a plan for ${system}, but nothing deploys it yet`);
    outputs[system] = deploy(systemConfig);
  }
  return outputs;
}
