import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** Pulumi's engine sends whole states in one message. */
const maxMessageBytes = 400 * 1024 * 1024;

/** An error with details for the engine, beyond its text. */
export class RpcError extends Error {
  readonly code: status;
  readonly metadata: Metadata;
  constructor(message: string, code: status = status.UNKNOWN, metadata = new Metadata()) {
    super(message);
    this.code = code;
    this.metadata = metadata;
  }
}

/** Makes a call handler of a plain function. */
export function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await handle(call.request));
    } catch (error) {
      callback(asServiceError(error));
    }
  };
}

/** A call that this plugin knows but doesn't offer. */
export function refused(what: string): handleUnaryCall<unknown, never> {
  return unary(() => {
    throw new RpcError(what, status.UNIMPLEMENTED);
  });
}

/** Serves on a free loopback port and tells the engine which one, on standard output. */
export async function serve(service: ServiceDefinition, implementation: UntypedServiceImplementation): Promise<void> {
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
}

function asServiceError(error: unknown) {
  const code = error instanceof RpcError ? error.code : status.UNKNOWN;
  const metadata = error instanceof RpcError ? error.metadata : new Metadata();
  const details = error instanceof Error ? error.message : String(error);
  return { name: "ServiceError", message: details, details, code, metadata };
}
