import { credentials } from "@grpc/grpc-js";
import grpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

/** Says something about a resource in the engine's display. */
export interface ResourceLog {
  /** Shown next to the resource while it is worked on, then forgotten. */
  progress(message: string): void;
  warn(message: string): void;
}

/** The engine's side of a provider: where its messages go. */
export class EngineLog {
  #client: grpc.EngineClient | undefined;

  connect(address: string): void {
    this.#client?.close();
    this.#client = address ? new grpc.EngineClient(address, credentials.createInsecure()) : undefined;
  }

  of(urn: string): ResourceLog {
    return {
      progress: (message) => this.#send(urn, engine.LogSeverity.INFO, message, true),
      warn: (message) => this.#send(urn, engine.LogSeverity.WARNING, message, false),
    };
  }

  #send(urn: string, severity: engine.LogSeverity, message: string, ephemeral: boolean): void {
    const request = new engine.LogRequest()
      .setUrn(urn)
      .setSeverity(severity)
      .setMessage(message)
      .setEphemeral(ephemeral);
    this.#client?.log(request, () => {}); // a message that gets lost must not fail the resource
  }
}
