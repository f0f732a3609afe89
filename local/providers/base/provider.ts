import type { ResourceLog } from "./engine-log.ts";
import type { Path, Properties } from "./properties.ts";

export interface Failure {
  property: string;
  reason: string;
}

/** Which resource a call is about, and where to speak about it. */
export interface Resource {
  urn: string;
  /** The type token, such as `kubernetes:core/v1:ConfigMap`. */
  type: string;
  /** The resource's name in the program. */
  name: string;
  log: ResourceLog;
}

export interface CheckCall extends Resource {
  oldInputs: Properties;
  inputs: Properties;
  /** The same in a preview and its update, so that generated names agree. */
  randomSeed: Uint8Array;
}

export interface DiffCall extends Resource {
  id: string;
  oldInputs: Properties;
  oldOutputs: Properties;
  inputs: Properties;
}

export type ChangeKind = "add" | "delete" | "update";

export interface Diff {
  /** Changed places, by property path. */
  changes: { path: string; kind: ChangeKind; replaces: boolean }[];
  deleteBeforeReplace: boolean;
}

export interface CreateCall extends Resource {
  inputs: Properties;
  preview: boolean;
  timeoutSeconds: number;
}

export interface UpdateCall extends CreateCall {
  id: string;
  oldInputs: Properties;
  oldOutputs: Properties;
}

export interface ReadCall extends Resource {
  id: string;
  /** Empty for an import. */
  oldInputs: Properties;
  oldOutputs: Properties;
}

export interface DeleteCall extends Resource {
  id: string;
  oldInputs: Properties;
  oldOutputs: Properties;
  timeoutSeconds: number;
}

export interface State {
  id: string;
  outputs: Properties;
  /** Secret for what they are, beyond those that the program marked. */
  secrets?: readonly Path[];
}

export interface ReadState extends State {
  inputs: Properties;
}

/** What a provider has to be able to do; values are plain, unknowns are the constant `unknown`, secrets are open. */
export interface Provider {
  checkConfig(config: Properties): Failure[];
  configure(config: Properties): void | Promise<void>;
  check(call: CheckCall): Promise<{ inputs: Properties; failures: Failure[] }>;
  diff(call: DiffCall): Promise<Diff>;
  create(call: CreateCall): Promise<State>;
  update(call: UpdateCall): Promise<State>;
  /** Undefined if the resource is gone. */
  read(call: ReadCall): Promise<ReadState | undefined>;
  delete(call: DeleteCall): Promise<void>;
  cancel(): void;
}

/** The resource exists but isn't ready: it stays in the state, and the next update goes on from there. */
export class NotReadyError extends Error {
  readonly state: State;
  readonly reasons: readonly string[];
  constructor(message: string, state: State, reasons: readonly string[]) {
    super(message);
    this.state = state;
    this.reasons = reasons;
  }
}
