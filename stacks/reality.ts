import * as pulumi from "@pulumi/pulumi";
import { connect } from "../live/api.ts";
import { LiveError } from "../live/live-error.ts";
import { readLive } from "../live/read.ts";
import { restoredLogs } from "../live/restored-logs.ts";
import { about, signedFiles } from "../live/signed-files.ts";
import { stagingPasses } from "../live/staging-passes.ts";
import type { StackConfig } from "../rollout/config/model.ts";
import type { Reality } from "./systems.ts";

/** The live Rollouts, once, and what staging has passed. A preview needs no platform; an update does. */
export async function readReality(config: StackConfig): Promise<Reality> {
  const root = pulumi.getRootDirectory();
  const { environment } = config;
  const evidence = {
    stagingPassed: stagingPasses(root, environment),
    signed: (system: string, artifact: string) => {
      const files = about(artifact, signedFiles(root, environment, system));
      return [...files, ...restoredLogs(root, environment, system, files)];
    },
  };
  try {
    const live = await readLive(connect(new pulumi.Config("kubernetes").require("context")));
    if (live) return { live, ...evidence };
    const message =
      `the cluster has no Rollout API yet; run pulumi up --stack ${pulumi.getStack()}-platform first, ` +
      "as somebody of the platform team";
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(message);
    await pulumi.log.warn(message);
    return { live: {}, ...evidence };
  } catch (error) {
    if (error instanceof LiveError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
