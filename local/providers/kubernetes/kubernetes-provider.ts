import { at, hasUnknowns, isObject, type Properties } from "../base/properties.ts";
import {
  type CheckCall,
  type CreateCall,
  type DeleteCall,
  type Diff,
  type DiffCall,
  type Failure,
  NotReadyError,
  type Provider,
  type ReadCall,
  type ReadState,
  type State,
  type UpdateCall,
} from "../base/provider.ts";
import { type ApiError, explain, isNoRight, isNotFound } from "./api-error.ts";
import { type AwaitContext, awaitReady } from "./await-ready.ts";
import { awaitOf, timeoutSecondsOf } from "./awaits/await-of.ts";
import { Cluster } from "./cluster.ts";
import { deleteObject } from "./delete-object.ts";
import { diffInputs, onlyNamedIn } from "./diff.ts";
import { KubeClient } from "./kube-client.ts";
import { connect } from "./kube-config.ts";
import {
  annotation,
  idOf,
  isTrue,
  items,
  type KubeObject,
  parseId,
  text,
  titleOf,
  withoutNulls,
} from "./kube-object.ts";
import { driftedInputs, holdTheSame, importedInputs } from "./live-inputs.ts";
import { fieldManagerOf, withName } from "./naming.ts";
import { fieldManagerOutput, outputsOf, secretsOfKind, withUnknownsOfCreate, withUnknownsOfUpdate } from "./outputs.ts";
import { checkConfig, type ProviderConfig, parseConfig } from "./provider-config.ts";
import { patiently } from "./retry.ts";
import { parseToken } from "./token.ts";

/** Kubernetes objects as Pulumi resources. */
export class KubernetesProvider implements Provider {
  readonly #mayWrite: () => boolean;
  readonly #cancelled = new AbortController();
  #config: ProviderConfig = parseConfig({}, process.env);
  #namespace = "default";
  #cluster: Cluster | undefined;

  constructor(mayWrite: () => boolean) {
    this.#mayWrite = mayWrite;
  }

  checkConfig(config: Properties): Failure[] {
    return checkConfig(config);
  }

  configure(config: Properties): void {
    this.#config = parseConfig(config, process.env);
    const connection = connect(this.#config);
    this.#namespace = this.#config.namespace ?? connection.namespace;
    this.#cluster = new Cluster(new KubeClient(connection, this.#mayWrite));
  }

  async check({ type, name, inputs: given, oldInputs, randomSeed }: CheckCall) {
    const { apiVersion, kind, isPatch } = parseToken(type);
    const complete = withoutNulls({ apiVersion, kind, ...given });
    const failures = isPatch ? patchFailures(complete) : nameFailures(complete);
    const named = isPatch || failures.length > 0 ? complete : withName(complete, oldInputs, name, randomSeed);
    return { inputs: await this.#inNamespace(named), failures };
  }

  async diff({ oldInputs, oldOutputs, inputs }: DiffCall): Promise<Diff> {
    const isImported = oldOutputs[fieldManagerOutput] === undefined;
    const before = isImported ? (onlyNamedIn(inputs, oldInputs) as Properties) : oldInputs;
    return diffInputs(before, inputs, this.#config);
  }

  async create(call: CreateCall): Promise<State> {
    const { inputs, preview, urn, type } = call;
    const fieldManager = fieldManagerOf(urn);
    if (!preview) {
      await this.#mustBeFreeToCreate(inputs, type, fieldManager);
      return this.#applyAndAwait(call, fieldManager);
    }
    const planned = (await this.#canBePlanned(call)) ? await this.#dryRun(call, fieldManager) : inputs;
    return this.#state(withUnknownsOfCreate(planned, inputs), fieldManager);
  }

  async update(call: UpdateCall): Promise<State> {
    const { inputs, oldOutputs, preview, urn, type } = call;
    const fieldManager = text(oldOutputs, fieldManagerOutput) ?? fieldManagerOf(urn);
    if (!preview) {
      if (parseToken(type).isPatch) await this.#mustExist(inputs);
      return this.#applyAndAwait(call, fieldManager);
    }
    const planned = hasUnknowns(inputs)
      ? merged(oldOutputs, inputs)
      : await this.#dryRun(call, fieldManager, oldOutputs);
    return this.#state(withUnknownsOfUpdate(planned), fieldManager);
  }

  async read({ type, id, oldInputs, oldOutputs }: ReadCall): Promise<ReadState | undefined> {
    const token = parseToken(type);
    const { apiVersion = token.apiVersion } = oldInputs;
    const live = await this.#reached.get({ apiVersion, kind: token.kind, metadata: { ...parseId(id) } });
    if (!live) return undefined;
    const fieldManager = text(oldOutputs, fieldManagerOutput);
    const inputs =
      Object.keys(oldInputs).length === 0
        ? importedInputs(live)
        : await this.#liveInputs(oldInputs, live, fieldManager);
    return { ...this.#state(live, fieldManager), inputs };
  }

  async delete({ type, id, oldInputs, oldOutputs, timeoutSeconds, log }: DeleteCall): Promise<void> {
    const token = parseToken(type);
    const object: KubeObject = {
      ...oldInputs,
      apiVersion: oldInputs.apiVersion ?? token.apiVersion,
      kind: token.kind,
      metadata: { ...(oldInputs.metadata as Properties | undefined), ...parseId(id) },
    };
    try {
      if (token.isPatch) await this.#relinquish(object, text(oldOutputs, fieldManagerOutput));
      else
        await deleteObject(object, { cluster: this.#reached, log, timeoutSeconds, cancelled: this.#cancelled.signal });
    } catch (error) {
      throw explain(error, object);
    }
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  get #reached(): Cluster {
    if (!this.#cluster) throw new Error("the kubernetes provider was not configured");
    return this.#cluster;
  }

  async #inNamespace(object: KubeObject): Promise<KubeObject> {
    const metadata = object.metadata;
    if (!isObject(metadata)) return object;
    const served = await this.#reached.servedKind(object);
    if (served === undefined) return object; // its CRD comes with this update
    const { namespace, ...rest } = metadata;
    if (!served.namespaced) return { ...object, metadata: rest };
    return { ...object, metadata: { ...rest, namespace: namespace || this.#namespace } };
  }

  /** Whether a dry run makes sense: all is known, the kind is served, and nothing of that name is in the way of a replacement. */
  async #canBePlanned({ inputs, type, log }: CreateCall): Promise<boolean> {
    if (hasUnknowns(inputs) || (await this.#reached.servedKind(inputs)) === undefined) return false;
    let live: KubeObject | undefined;
    try {
      live = await this.#reached.get(inputs);
    } catch (error) {
      if (!isNoRight(error)) throw explain(error, inputs);
      log.warn(untried(error));
      return false;
    }
    if (parseToken(type).isPatch) return live !== undefined;
    if (live === undefined || this.#config.upsertExistingObjects) return true;
    if (!isAppliedBy(live, /^pulumi-kubernetes-/)) throw alreadyExists(live);
    return false;
  }

  async #mustBeFreeToCreate(inputs: KubeObject, type: string, fieldManager: string): Promise<void> {
    if (parseToken(type).isPatch) return this.#mustExist(inputs);
    if (this.#config.upsertExistingObjects) return;
    const live = await this.#reached.get(inputs);
    // Our own: an earlier update was interrupted after the write and before the state knew of it.
    if (live && !isAppliedBy(live, new RegExp(`^${fieldManager}$`))) throw alreadyExists(live);
  }

  async #mustExist(inputs: KubeObject): Promise<void> {
    if (!(await this.#reached.get(inputs)))
      throw new Error(`${titleOf(inputs)}: there is nothing to patch; it doesn't exist`);
  }

  async #dryRun(call: CreateCall, fieldManager: string, otherwise: Properties = {}): Promise<KubeObject> {
    try {
      return await this.#apply(call, fieldManager, true);
    } catch (error) {
      const planned = () => merged(otherwise, call.inputs);
      if (isNotFound(error)) return planned(); // the namespace comes with this update
      if (isNoRight(error)) {
        call.log.warn(untried(error));
        return planned();
      }
      throw explain(error, call.inputs);
    }
  }

  #apply({ inputs, log }: CreateCall, fieldManager: string, dryRun: boolean): Promise<KubeObject> {
    const annotated = annotation(inputs, "pulumi.com/patchForce");
    const force = annotated === undefined ? this.#config.enablePatchForce : isTrue(annotated);
    const warned = this.#config.suppressDeprecationWarnings ? undefined : log;
    return this.#reached.apply(inputs, { fieldManager, force, dryRun }, warned);
  }

  async #applyAndAwait(call: CreateCall, fieldManager: string): Promise<State> {
    const { inputs, log } = call;
    const wanted = awaitOf(inputs); // before the write: an annotation that can't be read must not leave a half-made object
    const cancelled = this.#cancelled.signal;
    let live: KubeObject;
    try {
      live = await patiently(() => this.#apply(call, fieldManager, false), cancelled);
    } catch (error) {
      throw explain(error, inputs);
    }
    if (wanted === undefined) return this.#state(live, fieldManager);
    const timeoutSeconds = timeoutSecondsOf(inputs, call.timeoutSeconds, wanted.timeoutSeconds);
    const context: AwaitContext = { cluster: this.#reached, log, timeoutSeconds, cancelled };
    const { object, reasons } = await awaitReady(live, wanted, context);
    const state = this.#state(object, fieldManager);
    if (reasons.length === 0) return state;
    throw new NotReadyError(`${titleOf(inputs)}: ${reasons.join("\n  ")}`, state, reasons);
  }

  /** Whether applying the old inputs again would change anything decides about drift: the server knows all its own spellings. */
  async #liveInputs(oldInputs: Properties, live: KubeObject, fieldManager: string | undefined): Promise<Properties> {
    if (fieldManager !== undefined) {
      const reapplied = await this.#reached
        .apply(oldInputs, { fieldManager, force: true, dryRun: true })
        .catch(() => undefined); // not allowed, or refused: then the fields are compared
      if (reapplied && holdTheSame(reapplied, live)) return oldInputs;
    }
    return driftedInputs(oldInputs, live);
  }

  /** An empty apply gives up all fields: what nobody else owns goes back to its default. */
  async #relinquish(object: KubeObject, fieldManager: string | undefined): Promise<void> {
    if (fieldManager === undefined || !(await this.#reached.get(object))) return;
    const { name, namespace } = parseId(idOf(object));
    const metadata: Properties = namespace === undefined ? { name } : { name, namespace };
    const empty = { apiVersion: object.apiVersion!, kind: object.kind!, metadata };
    await patiently(
      () => this.#reached.apply(empty, { fieldManager, force: false, dryRun: false }),
      this.#cancelled.signal,
    );
  }

  #state(object: KubeObject, fieldManager: string | undefined): State {
    return { id: idOf(object), outputs: outputsOf(object, fieldManager), secrets: secretsOfKind(object) };
  }
}

/** A preview by somebody who may not even try the change, as of a role that he hasn't himself: shown, but not asked for. */
function untried(error: ApiError): string {
  return `shown as the program says it; the API server wasn't asked, for ${error.message}`;
}

function nameFailures(inputs: Properties): Failure[] {
  if (at(inputs, "metadata", "generateName") === undefined) return [];
  const reason = "is not offered by the embedded provider; leave out metadata.name to get a generated one";
  return [{ property: "metadata.generateName", reason }];
}

function patchFailures(inputs: Properties): Failure[] {
  if (at(inputs, "metadata", "name") !== undefined) return [];
  return [{ property: "metadata.name", reason: "a patch needs the name of the object that it changes" }];
}

function isAppliedBy(live: KubeObject, manager: RegExp): boolean {
  return items(live, "metadata", "managedFields").some(
    (entry) => entry.operation === "Apply" && manager.test(text(entry, "manager") ?? ""),
  );
}

function alreadyExists(live: KubeObject): Error {
  return new Error(
    `${titleOf(live)}: it already exists and this resource did not make it; take it over with the resource option import: "${idOf(live)}", or set upsertExistingObjects on the provider`,
  );
}

/** The new inputs over the old outputs, as far as nobody else knows better. */
function merged(outputs: Properties, inputs: Properties): Properties {
  const metadata = { ...(outputs.metadata as Properties | undefined), ...(inputs.metadata as Properties | undefined) };
  return { ...outputs, ...inputs, metadata };
}
