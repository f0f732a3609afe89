import { type Attempt, at, policy, system } from "./attempt.ts";

const service = (track: string): string => at("v1", "services", `${system}-${track}`);
export const onServices: readonly Attempt[] = [
  {
    what: "stable selects the canary",
    path: service("stable"),
    by: "merge",
    body: { spec: { selector: { "rampart.dev/track": "canary" } } },
    refusal: policy("track-services"),
  },
  {
    what: "stable selects both tracks",
    path: service("stable"),
    by: "merge",
    body: { spec: { selector: { "rampart.dev/track": null } } },
    refusal: policy("track-services"),
  },
  {
    what: "stable without a selector",
    path: service("stable"),
    by: "merge",
    body: { spec: { selector: null } },
    refusal: policy("track-services"),
  },
  {
    what: "stable somewhere else",
    path: service("stable"),
    by: "merge",
    body: { spec: { type: "ExternalName", externalName: "other.example" } },
    refusal: policy("track-services"),
  },
  {
    what: "the canary's Service selects stable too",
    path: service("canary"),
    by: "merge",
    body: { spec: { selector: { "rampart.dev/track": null } } },
    refusal: policy("track-services"),
  },
  { what: "stable deleted", path: service("stable"), by: "delete" as const, refusal: policy("keep-traffic") },
  {
    what: "stable deleted, as who moves the systems",
    who: "systems" as const,
    path: service("stable"),
    by: "delete" as const,
    refusal: policy("keep-traffic"),
  },
  { what: "the canary's deleted", path: service("canary"), by: "delete" as const, refusal: policy("keep-traffic") },
  {
    what: "an endpoint by hand",
    path: at("discovery.k8s.io/v1", "endpointslices"),
    body: {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "side", labels: { "kubernetes.io/service-name": `${system}-stable` } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.244.0.250"] }],
    },
    refusal: policy("foreign-endpoints"),
  },
].map((one): Attempt => ({ ...one, what: `service: ${one.what}` }) as Attempt);
