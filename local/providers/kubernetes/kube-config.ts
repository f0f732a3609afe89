import { existsSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { Agent } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
// The package's index also loads 800 generated models, which takes as long as all the rest of the provider.
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type { ProviderConfig } from "./provider-config.ts";

/** Where the API server is and how to log in. */
export interface Connection {
  server: URL;
  /** The context's namespace. */
  namespace: string;
  /** TLS and login for the next request; logins may expire, so they are asked for each time. */
  options(): Promise<RequestOptions>;
}

export function connect(config: ProviderConfig): Connection {
  const kubeConfig = load(config);
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) {
    const contexts = kubeConfig.getContexts().map(({ name }) => name);
    throw new Error(
      `kubeconfig: there is no context "${kubeConfig.getCurrentContext()}" with a cluster; there are: ${contexts.join(", ") || "none"}`,
    );
  }
  let agent: Agent | undefined;
  return {
    server: new URL(cluster.server),
    namespace: kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace ?? "default",
    async options() {
      const options: RequestOptions = {};
      await kubeConfig.applyToHTTPSOptions(options);
      if (cluster.proxyUrl || cluster.server.startsWith("http:")) return options;
      const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
      agent ??= new Agent({ keepAlive: true, ca, cert, key, passphrase, rejectUnauthorized, servername });
      return { ...options, agent };
    },
  };
}

function load({ kubeconfig, context, cluster }: ProviderConfig): KubeConfig {
  const loaded = new KubeConfig();
  if (kubeconfig === undefined) loaded.loadFromDefault();
  else if (isContents(kubeconfig)) loaded.loadFromString(kubeconfig);
  else loaded.loadFromFile(existingFile(kubeconfig));
  if (context !== undefined) loaded.setCurrentContext(context);
  if (cluster !== undefined) loaded.contexts = loaded.contexts.map((each) => ({ ...each, cluster }));
  return loaded;
}

function isContents(kubeconfig: string): boolean {
  return kubeconfig.includes("\n") || kubeconfig.trimStart().startsWith("{");
}

function existingFile(path: string): string {
  const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  if (!existsSync(file)) throw new Error(`kubeconfig: ${file} does not exist; give a file's path or its contents`);
  return file;
}
