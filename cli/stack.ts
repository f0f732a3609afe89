import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Api, connect } from "../live/api.ts";
import type { LiveSystems } from "../live/model.ts";
import { readLive } from "../live/read.ts";
import type { StackConfig } from "../rollout/config/model.ts";
import { CliError } from "./output.ts";
import { stackConfig } from "./plans.ts";
import { projectDirectory, stackFiles } from "./project.ts";

/** A stack as a command meets it: its file, and the cluster that the file names. */
export interface Stack {
  readonly name: string;
  readonly directory: string;
  /** Relative to the project. */
  readonly file: string;
  readonly api: Api;
}

/** The cluster as the stack's own context sees it, or as another one. */
export function openStack(name: string, context?: string): Stack {
  const directory = projectDirectory();
  const { file, text } = stackFiles(directory, name)[0]!;
  return { name, directory, file, api: connectTo(directory, context ?? contextOf(text, file)) };
}

/** The same cluster's API with another login of the kubeconfig. */
export const contextApi = ({ directory }: Pick<Stack, "directory">, context: string): Api =>
  connectTo(directory, context);

export const configOf = ({ directory, name }: Pick<Stack, "directory" | "name">): StackConfig =>
  stackConfig(directory, name);

/** The live systems, or the end of the command where the platform layer isn't there yet. */
export async function liveOf({ api, name }: Pick<Stack, "api" | "name">): Promise<LiveSystems> {
  const live = await readLive(api);
  if (live) return live;
  throw new CliError(
    `${api.context}: the cluster has no Rollout API yet; run pulumi up --stack ${name}-platform first, as somebody of the platform team`,
  );
}

function contextOf(text: string, file: string): string {
  const context = (parse(text) as { config?: Record<string, unknown> } | null)?.config?.["kubernetes:context"];
  if (typeof context === "string" && context !== "") return context;
  throw new CliError(`${file}: kubernetes:context is missing; name the cluster's context of the kubeconfig there`);
}

/** Inside a checkout with embedded clusters theirs is the kubeconfig, unless KUBECONFIG names another. */
function connectTo(directory: string, context: string): Api {
  const embedded = join(directory, ".rampart/kubeconfig");
  if (!process.env.KUBECONFIG && existsSync(embedded)) process.env.KUBECONFIG = embedded;
  return connect(context);
}
