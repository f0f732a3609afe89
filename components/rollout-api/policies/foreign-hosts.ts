import type { Policy } from "./policy.ts";

/** Which namespace a host belongs to. */
export type Hosts = Readonly<Record<string, string>>;

/** A route of another namespace that names a system's host would take its users where no Rollout counts them. */
export function foreignHosts(hosts: Hosts): Policy {
  const owners = `{${Object.entries(hosts)
    .map(([host, namespace]) => `'${host}': '${namespace}'`)
    .join(", ")}}`;
  return {
    name: "foreign-hosts",
    matches: [{ groups: ["gateway.networking.k8s.io"], resources: ["httproutes"], on: ["CREATE", "UPDATE"] }],
    where: "everywhere",
    skipsDryRuns: false,
    variables: [{ name: "owners", expression: owners }],
    validations: [
      {
        expression:
          "!has(object.spec.hostnames) || object.spec.hostnames.all(h, variables.owners.all(o, variables.owners[o] == request.namespace || (h != o && !(h.startsWith('*') && o.endsWith(h.substring(1))))))",
        message: "a host of the route belongs to a system of another namespace",
      },
    ],
  };
}
