import { createHash } from "node:crypto";
import { isObject, type Json, type Properties } from "../base/properties.ts";
import { isTrue, text } from "./kube-object.ts";

const autonamed = "pulumi.com/autonamed";

/** Gives an object without a name one: its own old one, or the program's name with eight random digits. */
export function withName(inputs: Properties, oldInputs: Properties, programName: string, seed: Uint8Array): Properties {
  const metadata = isObject(inputs.metadata) ? inputs.metadata : {};
  if (typeof inputs.metadata === "string" || hasValue(metadata.name)) return inputs;
  const oldName = isAutonamed(oldInputs) ? text(oldInputs, "metadata", "name") : undefined;
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  return {
    ...inputs,
    metadata: {
      ...metadata,
      name: oldName ?? `${programName.toLowerCase()}-${suffix(seed)}`,
      annotations: { ...annotations, [autonamed]: "true" },
    },
  };
}

export function isAutonamed(inputs: Properties): boolean {
  return isTrue(text(inputs, "metadata", "annotations", autonamed));
}

/** Who owns the fields that this resource sets: the same in each try, so that an interrupted create can be taken up again. */
export function fieldManagerOf(urn: string): string {
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

function suffix(seed: Uint8Array): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, 8);
}

function hasValue(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
