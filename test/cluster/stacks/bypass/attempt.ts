import type { PatchKind } from "../../../../live/api.ts";
import { listPath, objectPath, rolloutPath } from "../../../../live/paths.ts";

export type Who = "admin" | "platform" | "systems" | "previewer";

export interface Attempt {
  readonly what: string;
  /** Everybody who might, unless it says otherwise: the cluster's admin. */
  readonly who?: Who;
  readonly path: string;
  /** Without one: a create. */
  readonly by?: PatchKind | "delete";
  readonly body?: object;
  readonly refusal: RegExp;
}

export interface Place {
  readonly stable: string;
  readonly artifact: string;
  readonly attempt: number;
  readonly step: number;
  readonly revision: string;
  readonly phases: readonly { readonly name: string; readonly soakSeconds: number }[];
  readonly canaryPod: string;
}

export const system = "wdbx";
export const host = "wdbx.example.com";
export const gatewayApi = "gateway.networking.k8s.io/v1";
export const at = (apiVersion: string, plural: string, name = "", namespace = system): string =>
  name ? objectPath(apiVersion, plural, namespace, name) : listPath(apiVersion, plural, namespace);
export const route = at(gatewayApi, "httproutes", system);
export const routes = at(gatewayApi, "httproutes");
export const rollout = rolloutPath(system);
export const policy = (name: string): RegExp => new RegExp(`ValidatingAdmissionPolicy 'rampart-${name}'`);

export const backends = (canary: number, stable = 100 - canary) => [
  { name: `${system}-stable`, port: 80, weight: stable },
  { name: `${system}-canary`, port: 80, weight: canary },
];
export const rules = (...list: object[]) => ({ spec: { rules: list } });
