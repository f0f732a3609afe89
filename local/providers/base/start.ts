import grpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { EngineLog } from "./engine-log.ts";
import { serve } from "./grpc-server.ts";
import { endWithParent } from "./parent.ts";
import type { Provider } from "./provider.ts";
import { resourceProvider } from "./resource-provider.ts";

/** A provider's whole process: serves the engine that started it, and ends with it. */
export async function startProvider(name: string, provider: Provider): Promise<void> {
  endWithParent();
  const log = new EngineLog();
  log.connect(process.argv[2] ?? "");
  await serve(grpc.ResourceProviderService, resourceProvider(name, provider, log));
}
