import { z } from "zod";

/**
 * A route as far as it matters who serves a host; what else it says is kept for the way back. Nothing is filled in: a rule
 * without matches takes every request, one with an empty list of them none.
 */
const schema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({
    parentRefs: z.array(z.looseObject({ name: z.string(), namespace: z.string().optional() })).optional(),
    hostnames: z.array(z.string()).optional(),
    rules: z
      .array(
        z.looseObject({
          matches: z.array(z.looseObject({})).optional(),
          filters: z.array(z.looseObject({ type: z.string() })).optional(),
          backendRefs: z
            .array(z.looseObject({ name: z.string(), namespace: z.string().optional(), kind: z.string().optional() }))
            .optional(),
        }),
      )
      .optional(),
  }),
});
export type OldRoute = z.infer<typeof schema>;

/** Where the system will be reached once it is Rampart's. */
export interface Door {
  readonly gateway: { readonly namespace: string; readonly name: string };
  readonly hostnames: readonly string[];
}

export const parseOldRoute = (object: unknown): OldRoute => schema.parse(object);

/** What users would lose or notice if Rampart's own route took the old one's place; nothing means nobody notices. */
export function routeProblems({ metadata, spec }: OldRoute, { gateway, hostnames }: Door): string[] {
  const problems: string[] = [];
  const doors = (spec.parentRefs ?? []).map(({ namespace, name }) => `${namespace ?? metadata.namespace}/${name}`);
  const ours = `${gateway.namespace}/${gateway.name}`;
  for (const door of doors.filter((one) => one !== ours)) {
    problems.push(`it hangs on the gateway ${door}, Rampart's route on ${ours}: its users would need another address`);
  }
  if (doors.length === 0) problems.push("it hangs on no gateway, so nobody is served by it");
  const hosts = spec.hostnames ?? [];
  const lost = hosts.filter((host) => !hostnames.includes(host));
  if (lost.length > 0) {
    problems.push(
      `it also serves ${lost.join(", ")}; give those a route of their own first, or name them in the system`,
    );
  }
  if (!hosts.some((host) => hostnames.includes(host))) {
    problems.push(`it serves none of the system's hosts (${hostnames.join(", ")})`);
  }
  const [rule, ...others] = spec.rules ?? [];
  if (others.length > 0)
    problems.push(`it has ${others.length + 1} rules, and Rampart's route sends all requests to one Service`);
  const { matches, filters = [], backendRefs: backends = [] } = rule ?? {};
  if (matches?.length === 0) problems.push("its list of matches is empty, so it takes no requests");
  if (matches && !matches.every(isAnything))
    problems.push("it takes some requests only, and Rampart's route takes all");
  if (filters.length > 0) {
    problems.push(`it has filters (${filters.map(({ type }) => type).join(", ")}), and Rampart's route has none`);
  }
  if (backends.length !== 1) problems.push(`it leads to ${backends.length} backends, and has to lead to one`);
  for (const { kind, namespace } of backends) {
    if ((kind ?? "Service") !== "Service") problems.push(`it leads to a ${kind}, and has to lead to a Service`);
    if (namespace !== undefined && namespace !== metadata.namespace) {
      problems.push(`it leads to the namespace ${namespace}, and has to lead to a Service of its own`);
    }
  }
  return problems;
}

/** No condition at all, or the path that every request has. */
function isAnything(match: Record<string, unknown>): boolean {
  const { path, ...others } = match as { path?: { type?: string; value?: string } };
  return (
    Object.keys(others).length === 0 &&
    (!path || ((path.type ?? "PathPrefix") === "PathPrefix" && (path.value ?? "/") === "/"))
  );
}

/** The Service that a route without problems leads to. */
export const serviceOf = (route: OldRoute): string => route.spec.rules![0]!.backendRefs![0]!.name;

/** The same route for a host that nobody asks for. */
export function warmUpRoute({ metadata: { name, namespace }, spec }: OldRoute) {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: `${name}-warm-up`, namespace },
    spec: { ...spec, hostnames: [`warm-up.${spec.hostnames![0]}`] },
  };
}

/** The route as it could be created again: without what the API server has added. */
export function cleanRoute(route: OldRoute): object {
  const { name, namespace, labels, annotations } = route.metadata as Record<string, unknown>;
  const { "kubectl.kubernetes.io/last-applied-configuration": _old, ...kept } = (annotations ?? {}) as object &
    Record<string, unknown>;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: {
      name,
      namespace,
      ...(labels ? { labels } : {}),
      ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
    },
    spec: route.spec,
  };
}
