import { Metadata, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import rpcStatus from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { EngineLog } from "./engine-log.ts";
import { RpcError, refused, unary } from "./grpc-server.ts";
import { decode, encode, type Path, type Properties, secretsOfOutputs } from "./properties.ts";
import { type ChangeKind, type Diff, type Failure, NotReadyError, type Provider, type State } from "./provider.ts";
import { sdkVersion } from "./version.ts";

/** Speaks `pulumirpc.ResourceProvider` for a plain provider. */
export function resourceProvider(name: string, provider: Provider, log: EngineLog): UntypedServiceImplementation {
  const resource = (request: { getUrn(): string; getType(): string; getName(): string }) => ({
    urn: request.getUrn(),
    type: request.getType() || typeOf(request.getUrn()),
    name: request.getName() || request.getUrn().split("::").at(-1)!,
    log: log.of(request.getUrn()),
  });
  const notOffered = (what: string) => refused(`${what} is not offered by the embedded ${name} provider; ${mend}`);

  return {
    handshake: unary((request: pb.ProviderHandshakeRequest) => {
      log.connect(request.getEngineAddress());
      return new pb.ProviderHandshakeResponse().setAcceptSecrets(true);
    }),
    attach: unary((request: plugin.PluginAttach) => {
      log.connect(request.getAddress());
      return new empty.Empty();
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(sdkVersion(`@pulumi/${name}`))),
    getMapping: unary(() => new pb.GetMappingResponse()),
    getMappings: unary(() => new pb.GetMappingsResponse()),
    getSchema: notOffered("the schema"),
    parameterize: notOffered("parameterization"),
    call: notOffered("a method call"),
    invoke: unary((request: pb.InvokeRequest) => {
      throw new RpcError(`${request.getTok()} is not offered by the embedded ${name} provider; ${mend}`);
    }),
    construct: unary((request: pb.ConstructRequest) => {
      throw new RpcError(`${request.getType()} is not offered by the embedded ${name} provider; ${mend}`);
    }),
    checkConfig: unary((request: pb.CheckRequest) => {
      const { value, secrets } = decode(request.getNews());
      return checkResponse(value, secrets, provider.checkConfig(value));
    }),
    // Another address or login of the cluster never means that its objects have to be made anew.
    diffConfig: unary(() => new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_UNKNOWN)),
    configure: unary(async (request: pb.ConfigureRequest) => {
      await provider.configure(decode(request.getArgs()).value);
      return new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: unary(async (request: pb.CheckRequest) => {
      const { value, secrets } = decode(request.getNews());
      const checked = await provider.check({
        ...resource(request),
        oldInputs: decode(request.getOlds()).value,
        inputs: value,
        randomSeed: request.getRandomseed_asU8(),
      });
      return checkResponse(checked.inputs, secrets, checked.failures);
    }),
    diff: unary(async (request: pb.DiffRequest) => {
      const diff = await provider.diff({
        ...resource(request),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()).value,
        oldOutputs: decode(request.getOlds()).value,
        inputs: decode(request.getNews()).value,
      });
      return diffResponse(diff);
    }),
    create: unary(async (request: pb.CreateRequest) => {
      const { value, secrets } = decode(request.getProperties());
      const call = { ...resource(request), inputs: value, ...progressOf(request) };
      const state = await initialized(provider.create(call), secrets);
      return new pb.CreateResponse().setId(state.id).setProperties(outputs(state, secrets));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const { value, secrets } = decode(request.getNews());
      const call = {
        ...resource(request),
        id: request.getId(),
        inputs: value,
        oldInputs: decode(request.getOldInputs()).value,
        oldOutputs: decode(request.getOlds()).value,
        ...progressOf(request),
      };
      const state = await initialized(provider.update(call), secrets);
      return new pb.UpdateResponse().setProperties(outputs(state, secrets));
    }),
    read: unary(async (request: pb.ReadRequest) => {
      const oldInputs = decode(request.getInputs());
      const oldOutputs = decode(request.getProperties());
      const state = await provider.read({
        ...resource(request),
        id: request.getId(),
        oldInputs: oldInputs.value,
        oldOutputs: oldOutputs.value,
      });
      if (state === undefined) return new pb.ReadResponse();
      const own = state.secrets ?? [];
      return new pb.ReadResponse()
        .setId(state.id)
        .setInputs(encode(state.inputs, [...secretsOfOutputs(oldInputs.secrets), ...own]))
        .setProperties(outputs(state, [...oldInputs.secrets, ...oldOutputs.secrets]));
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await provider.delete({
        ...resource(request),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()).value,
        oldOutputs: decode(request.getProperties()).value,
        timeoutSeconds: request.getTimeout(),
      });
      return new empty.Empty();
    }),
    cancel: unary(() => {
      provider.cancel();
      return new empty.Empty();
    }),
  };
}

const mend = "install the official Pulumi CLI and plugin";

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function progressOf(request: { getPreview(): boolean; getTimeout(): number }) {
  return { preview: request.getPreview(), timeoutSeconds: request.getTimeout() };
}

function outputs(state: State, secretInputs: readonly Path[]) {
  return encode(state.outputs, [...secretsOfOutputs(secretInputs), ...(state.secrets ?? [])]);
}

function checkResponse(inputs: Properties, secrets: readonly Path[], failures: readonly Failure[]) {
  return new pb.CheckResponse()
    .setInputs(encode(inputs, secrets))
    .setFailuresList(
      failures.map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason)),
    );
}

const kinds: Record<ChangeKind, [plain: pb.PropertyDiff.Kind, replacing: pb.PropertyDiff.Kind]> = {
  add: [pb.PropertyDiff.Kind.ADD, pb.PropertyDiff.Kind.ADD_REPLACE],
  delete: [pb.PropertyDiff.Kind.DELETE, pb.PropertyDiff.Kind.DELETE_REPLACE],
  update: [pb.PropertyDiff.Kind.UPDATE, pb.PropertyDiff.Kind.UPDATE_REPLACE],
};

function diffResponse({ changes, deleteBeforeReplace }: Diff): pb.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList(changes.filter((change) => change.replaces).map((change) => change.path))
    .setDiffsList([...new Set(changes.map((change) => change.path.split(/[.[]/)[0]!))])
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const { path, kind, replaces } of changes) {
    const detail = new pb.PropertyDiff().setKind(kinds[kind][replaces ? 1 : 0]).setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** Turns "exists but isn't ready" into the detail by which the engine keeps the resource in its state. */
async function initialized(operation: Promise<State>, secretInputs: readonly Path[]): Promise<State> {
  try {
    return await operation;
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const detail = new pb.ErrorResourceInitFailed()
      .setId(error.state.id)
      .setProperties(outputs(error.state, secretInputs))
      .setReasonsList([...error.reasons]);
    const any = new anyProto.Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const details = new rpcStatus.Status().setCode(status.UNKNOWN).setMessage(error.message);
    details.addDetails(any);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(details.serializeBinary()));
    throw new RpcError(error.message, status.UNKNOWN, metadata);
  }
}
