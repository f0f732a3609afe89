// A policy pack by its own gRPC interface, just as the engine drives it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { root } from "../../local/paths.ts";

export interface Violation {
  policy: string;
  level: "advisory" | "mandatory" | "other";
  message: string;
}

export interface AnalyzedResource {
  type: string;
  props: object;
  name?: string;
  stack?: string;
  ignoreChanges?: string[];
}

/** What the engine writes for a text that isn't known before the update. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Config = Record<string, object>;

export class Pack {
  readonly #child: ChildProcess;
  readonly #client: services.AnalyzerClient;
  #output = "";

  constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.#client = new services.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    child.stdout!.on("data", (chunk) => {
      this.#output += chunk;
    });
  }

  async info(): Promise<{ name: string; version: string; policies: string[] }> {
    const info = await this.#call<pb.AnalyzerInfo>((done) => this.#client.getAnalyzerInfo(new empty.Empty(), done));
    const policies = info.getPoliciesList().map((policy) => policy.getName());
    return { name: info.getName(), version: info.getVersion(), policies };
  }

  /** As the engine does with a file of `--policy-pack-config`: levels as words, the rest as properties. */
  async configure(config: Config): Promise<void> {
    const request = new pb.ConfigureAnalyzerRequest();
    for (const [policy, { enforcementLevel = "mandatory", ...properties }] of Object.entries(config) as [
      string,
      { enforcementLevel?: string },
    ][]) {
      const level = { advisory: 0, mandatory: 1, disabled: 2 }[enforcementLevel] ?? 1;
      const each = new pb.PolicyConfig().setEnforcementlevel(level as pb.EnforcementLevel);
      request.getPolicyconfigMap().set(policy, each.setProperties(struct.Struct.fromJavaScript(properties as never)));
    }
    await this.#call((done) => this.#client.configure(request, done));
  }

  async analyze(resource: AnalyzedResource): Promise<Violation[]> {
    const { type, props, name = "tested", stack = "production", ignoreChanges = [] } = resource;
    const request = new pb.AnalyzeRequest()
      .setType(type)
      .setName(name)
      .setUrn(`urn:pulumi:${stack}::rampart::${type}::${name}`)
      .setProperties(struct.Struct.fromJavaScript(JSON.parse(JSON.stringify(props))))
      .setOptions(new pb.AnalyzerResourceOptions().setIgnorechangesList(ignoreChanges));
    return this.#violations((done) => this.#client.analyze(request, done));
  }

  /** All resources at once, as at the end of a preview. */
  async analyzeStack(resources: readonly AnalyzedResource[], stack = "production"): Promise<Violation[]> {
    const request = new pb.AnalyzeStackRequest().setResourcesList(
      resources.map(({ type, props, name = "tested" }) =>
        new pb.AnalyzerResource()
          .setType(type)
          .setName(name)
          .setUrn(`urn:pulumi:${stack}::rampart::${type}::${name}`)
          .setProperties(struct.Struct.fromJavaScript(JSON.parse(JSON.stringify(props))))
          .setOptions(new pb.AnalyzerResourceOptions()),
      ),
    );
    return this.#violations((done) => this.#client.analyzeStack(request, done));
  }

  async #violations(
    start: (done: (error: grpc.ServiceError | null, response: pb.AnalyzeResponse) => void) => void,
  ): Promise<Violation[]> {
    const response = await this.#call<pb.AnalyzeResponse>(start);
    return response.getDiagnosticsList().map((each) => ({
      policy: each.getPolicyname(),
      level: ({ 0: "advisory", 1: "mandatory" } as const)[each.getEnforcementlevel() as 0 | 1] ?? "other",
      message: each.getMessage(),
    }));
  }

  /** Resolves as soon as it has printed the text. */
  async printed(text: RegExp): Promise<void> {
    while (!text.test(this.#output)) await once(this.#child.stdout!, "data");
  }

  async end(): Promise<void> {
    this.#client.close();
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }

  #call<T>(start: (done: (error: grpc.ServiceError | null, response: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      start((error, response) => (error ? reject(error) : resolve(response)));
    });
  }
}

export const rootResource: AnalyzedResource = { type: "pulumi:pulumi:Stack", props: {} };

export async function startPack(name: string, env: NodeJS.ProcessEnv = {}, checkout = root): Promise<Pack> {
  const folder = join(checkout, "policies", name);
  const script = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [script, "127.0.0.1:0", folder], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "close").then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)));
  gone.catch(() => undefined);
  const lines = createInterface({ input: child.stdout! });
  const [port] = (await Promise.race([once(lines, "line"), gone])) as [string];
  return new Pack(child, port);
}
