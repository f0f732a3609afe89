import { at, isObject, type Path, type Properties, unknown } from "../base/properties.ts";
import { groupKind, type KubeObject, text } from "./kube-object.ts";

/** The output that remembers which field manager applied the object; a resource without it was never applied by us. */
export const fieldManagerOutput = "__fieldManager";

/** What goes into Pulumi's state. Managed fields are the server's bookkeeping, and long. */
export function outputsOf(live: KubeObject, fieldManager: string | undefined): Properties {
  const { managedFields: _bookkeeping, ...metadata } = isObject(live.metadata) ? live.metadata : {};
  return { ...live, metadata, ...(fieldManager === undefined ? {} : { [fieldManagerOutput]: fieldManager }) };
}

/** What nobody but the server can know of an object that is still to be made. */
export function withUnknownsOfCreate(planned: KubeObject, inputs: Properties): Properties {
  const metadata = {
    ...(planned.metadata as Properties),
    uid: unknown,
    resourceVersion: unknown,
    creationTimestamp: unknown,
    generation: unknown,
  };
  return { ...planned, metadata, status: unknown, ...serviceUnknowns(planned, inputs) };
}

/** An update keeps the object's identity; its version moves on. */
export function withUnknownsOfUpdate(planned: KubeObject): Properties {
  return { ...planned, metadata: { ...(planned.metadata as Properties), resourceVersion: unknown } };
}

export function secretsOfKind(object: KubeObject): Path[] {
  return groupKind(object) === "Secret" ? [["data"], ["stringData"]] : [];
}

/** A dry run gives addresses and ports away that the real run will not get. */
function serviceUnknowns(planned: KubeObject, inputs: Properties): Properties {
  if (groupKind(planned) !== "Service" || text(planned, "spec", "type") === "ExternalName") return {};
  const spec = planned.spec as Properties;
  const given = (name: string) => at(inputs, "spec", name) !== undefined;
  const ports = Array.isArray(spec.ports) ? spec.ports : [];
  return {
    spec: {
      ...spec,
      ...(given("clusterIP") || given("clusterIPs") ? {} : { clusterIP: unknown, clusterIPs: unknown }),
      ports: ports.map((port, index) => {
        const asked = at(inputs, "spec", "ports", index, "nodePort") !== undefined;
        return isObject(port) && "nodePort" in port && !asked ? { ...port, nodePort: unknown } : port;
      }),
    },
  };
}
