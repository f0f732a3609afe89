import { setTimeout as pause } from "node:timers/promises";
import { ZodError } from "zod";
import type { Api } from "../live/api.ts";
import { objectPath } from "../live/paths.ts";
import {
  type Deployment,
  isSelected,
  type Pod,
  parseDeployments,
  parsePods,
  runningImage,
} from "../rollout/adoption/old-pods.ts";
import { type OldRoute, parseOldRoute, serviceOf, warmUpRoute } from "../rollout/adoption/old-route.ts";
import { CliError } from "./output.ts";

/** What a route leads to, all the way to the pods. */
export interface Served {
  readonly deployment: Deployment;
  readonly image: string;
  readonly readyPods: number;
}

const routes = "gateway.networking.k8s.io/v1";

export const routePath = (namespace: string, name: string): string => objectPath(routes, "httproutes", namespace, name);

export const routesPath = (namespace: string): string => `/apis/${routes}/namespaces/${namespace}/httproutes`;

export async function readOldRoute(api: Api, namespace: string, name: string): Promise<OldRoute> {
  const found = await api.get(routePath(namespace, name));
  if (found === undefined)
    throw new CliError(`${api.context}: there is no HTTPRoute ${name} in the namespace ${namespace}`);
  return shaped(`the HTTPRoute ${namespace}/${name}`, () => parseOldRoute(found));
}

/** Follows a route without problems to its Service, the Deployment behind it, and the image that its pods run. */
export async function followRoute(api: Api, route: OldRoute): Promise<Served> {
  const { namespace } = route.metadata;
  const service = serviceOf(route);
  const found = (await api.get(objectPath("v1", "services", namespace, service))) as ServiceObject | undefined;
  const selector = found?.spec?.selector;
  if (!found) throw new CliError(`the route leads to the Service ${namespace}/${service}, which isn't there`);
  if (!selector)
    throw new CliError(`the Service ${namespace}/${service} selects no pods; Rampart takes over Deployments only`);
  const all = await list(api, `/apis/apps/v1/namespaces/${namespace}/deployments`);
  const deployments = shaped(`the Deployments of ${namespace}`, () => parseDeployments(all));
  const behind = deployments.filter(({ spec }) => isSelected(selector, spec.template.metadata.labels));
  if (behind.length !== 1) {
    const names = behind.map(({ metadata }) => metadata.name).join(", ") || "none";
    throw new CliError(`the Service ${namespace}/${service} has to lead to one Deployment; it leads to ${names}`);
  }
  const deployment = behind[0]!;
  const query = encodeURIComponent(
    Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  );
  const some = await list(api, `/api/v1/namespaces/${namespace}/pods?labelSelector=${query}`);
  const pods: Pod[] = shaped(`the pods of ${namespace}`, () => parsePods(some));
  const { image, problem } = runningImage(deployment, pods);
  if (!image) throw new CliError(`the Deployment ${namespace}/${deployment.metadata.name}: ${problem}`);
  return { deployment, image, readyPods: deployment.status.readyReplicas };
}

interface ServiceObject {
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> };
}

const list = async (api: Api, path: string): Promise<unknown> =>
  ((await api.get(path)) as { items?: unknown } | undefined)?.items ?? [];

function shaped<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    throw new CliError(`${what} isn't as the API describes it (${issue?.path.join(".")}: ${issue?.message})`);
  }
}

/** Whether the gateway follows a route. Where an older route has the same host, a newer one isn't followed yet. */
export async function gatewayTakes(api: Api, namespace: string, name: string): Promise<"yes" | "waits" | "no"> {
  const route = (await api.get(routePath(namespace, name))) as RouteStatus | undefined;
  const conditions = route?.status?.parents?.flatMap((parent) => parent.conditions ?? []) ?? [];
  const accepted = conditions.find(({ type }) => type === "Accepted");
  if (!accepted || accepted.observedGeneration !== route?.metadata.generation) return "no";
  if (accepted.status === "True") return "yes";
  return /Conflict/.test(accepted.reason ?? "") ? "waits" : "no";
}

interface RouteStatus {
  readonly metadata: { readonly generation?: number };
  readonly status?: {
    readonly parents?: readonly {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly reason?: string;
        readonly observedGeneration?: number;
      }[];
    }[];
  };
}

/** No condition of the API says when the proxies have heard of new pods. */
const proxiesLearnMs = 2000;

/**
 * Does something while the gateway knows a route's pods already, because it leads to them for another host too. A proxy that
 * meets new pods in the very moment of the switch has no answer for some milliseconds.
 */
export async function withWarmPods(api: Api, route: OldRoute, action: () => Promise<void>): Promise<void> {
  const warm = warmUpRoute(route);
  const { name, namespace } = warm.metadata;
  if ((await api.get(routePath(namespace, name))) === undefined) await api.create(routesPath(namespace), warm);
  try {
    const isTaken = async (): Promise<boolean> => (await gatewayTakes(api, namespace, name)) === "yes";
    if (!(await comes(isTaken)))
      throw new CliError(`nothing is switched: the gateway doesn't take ${namespace}/${name}`);
    await pause(proxiesLearnMs);
    await action();
  } finally {
    await api.remove(routePath(namespace, name));
  }
}

/** Looks again until it is so, for half a minute; whether it came. */
export async function comes(condition: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 30_000; Date.now() < end; await pause(100)) if (await condition()) return true;
  return false;
}
