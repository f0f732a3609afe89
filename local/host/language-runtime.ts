import type { ServerWritableStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { unary } from "../providers/base/grpc-server.ts";
import { killChildren, startScript } from "./child.ts";
import { programOptions, runArguments, runEnvironment } from "./run-request.ts";

/** The exit code by which the SDK says that it has shown the error itself. */
const errorAlreadyShown = 32;

/** The calls of `pulumirpc.LanguageRuntime` that running a program and a policy pack takes; gRPC refuses all others by name. */
export function languageRuntime(firstEngineAddress: string): UntypedServiceImplementation {
  let engineAddress = firstEngineAddress;
  return {
    handshake: unary((request: language.LanguageHandshakeRequest) => {
      engineAddress = request.getEngineAddress() || engineAddress;
      return new language.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion("0.0.0-embedded")),
    about: unary(() =>
      new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version.slice(1)),
    ),
    getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new language.GetRequiredPluginsResponse()),
    getProgramDependencies: unary(() => new language.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
    run: unary((request: language.RunRequest) => run(request, engineAddress)),
    runPlugin: (call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>) => {
      try {
        runPolicyPack(call, engineAddress);
      } catch (error) {
        call.emit("error", error); // how a stream ends with a status
      }
    },
    cancel: unary(() => {
      killChildren();
      return new empty.Empty();
    }),
  };
}

function run(request: language.RunRequest, engineAddress: string): Promise<language.RunResponse> {
  const info = request.getInfo();
  const options = programOptions(plain(info?.getOptions()));
  const child = startScript(
    {
      name: "run",
      folder: info?.getProgramDirectory() || request.getPwd(),
      nodeArgs: options.nodeArgs,
      args: runArguments(request, engineAddress),
      cwd: request.getPwd(),
      env: runEnvironment(request, options),
    },
    "inherit",
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(runResponse(code, signal)));
  });
}

function runResponse(code: number | null, signal: NodeJS.Signals | null): language.RunResponse {
  const response = new language.RunResponse();
  if (code === errorAlreadyShown) return response.setBail(true);
  if (code === 0) return response;
  return response.setError(
    code === null ? `the program was ended by ${signal}` : `the program ended with exit code ${code}`,
  );
}

function runPolicyPack(
  call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>,
  engineAddress: string,
): void {
  const { request } = call;
  if (request.getKind() !== "analyzer") {
    const message = `a plugin of kind "${request.getKind()}" is not offered by the embedded language host; allowed is analyzer (policy packs)`;
    throw Object.assign(new Error(message), { code: status.UNIMPLEMENTED, details: message });
  }
  const pack = request.getInfo()?.getProgramDirectory() || request.getProgram();
  const [engine = engineAddress] = request.getArgsList();
  const child = startScript(
    {
      name: "run-policy-pack",
      folder: pack,
      args: [engine, pack],
      cwd: pack, // the policy SDK reads the pack's package.json from its working directory
      env: Object.fromEntries(request.getEnvList().map((pair) => splitOnce(pair, "="))),
    },
    "pipe",
  );
  child.stdout?.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(chunk)));
  child.once("error", (error) => call.emit("error", error));
  child.once("close", (code) => {
    call.write(new language.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.once("cancelled", () => child.kill("SIGKILL"));
}

function plain(struct: Struct | undefined): Record<string, unknown> {
  return struct?.toJavaScript() ?? {};
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
