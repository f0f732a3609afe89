import { servedGateway } from "../../local/cluster/addons/gateway.ts";

/** The door of a bare cluster: the one that its controller serves, open for the routes of every namespace. */
export const openGateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: servedGateway,
  spec: {
    gatewayClassName: "rampart",
    listeners: [{ name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } }],
  },
};
