import type { Policy } from "./policy.ts";

/** Which namespaces a host belongs to: its system's own, and another one while the system is coming or leaving. */
export type Hosts = Readonly<Record<string, readonly string[]>>;

/** The hosts that an object asks for, by its kind. */
const asked = [
  "request.resource.resource == 'ingresses' ? (has(object.spec.rules) ? object.spec.rules.filter(r, has(r.host)).map(r, r.host) : [])",
  "request.resource.resource == 'httpproxies' ? (has(object.spec.virtualhost) ? [object.spec.virtualhost.fqdn] : [])",
  "(has(object.spec.hostnames) ? object.spec.hostnames : [])",
].join(" : ");

/** Whatever of another namespace names a system's host would take its users where no Rollout counts them. */
export function foreignHosts(hosts: Hosts): Policy {
  const owners = `{${Object.entries(hosts)
    .map(([host, namespaces]) => `'${host}': [${namespaces.map((name) => `'${name}'`).join(", ")}]`)
    .join(", ")}}`;
  return {
    name: "foreign-hosts",
    matches: [
      {
        groups: ["gateway.networking.k8s.io"],
        resources: ["httproutes", "grpcroutes", "tlsroutes"],
        on: ["CREATE", "UPDATE"],
      },
      { groups: ["networking.k8s.io"], resources: ["ingresses"], on: ["CREATE", "UPDATE"] },
      { groups: ["projectcontour.io"], resources: ["httpproxies"], on: ["CREATE", "UPDATE"] },
    ],
    where: "everywhere",
    skipsDryRuns: false,
    variables: [
      { name: "owners", expression: owners },
      { name: "asked", expression: asked },
    ],
    validations: [
      {
        expression:
          "variables.asked.all(h, variables.owners.all(o, request.namespace in variables.owners[o] || (h != o && !(h.startsWith('*') && o.endsWith(h.substring(1))))))",
        message: "one of its hosts belongs to a system of another namespace",
      },
    ],
  };
}
