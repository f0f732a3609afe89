/** A resource as a policy sees it: its Pulumi type and its inputs, as plain data. */
export interface PlainResource {
  type: string;
  name: string;
  props: unknown;
}

/** `KB` for Kubernetes, `AB` for AWS. */
export type CheckId = `${"KB" | "AB"}-${string}`;

interface About {
  id: CheckId;
  /** What has to hold. */
  title: string;
  /** What goes wrong otherwise. */
  why: string;
  /** Who asks for it: a standard's number, or a seed. */
  requirement: string;
  /** Left out, it stops a preview; `advisory` only tells. */
  level?: "advisory";
}

/** Decided from one resource: every place where it doesn't hold, in words. */
export interface ResourceCheck extends About {
  find(resource: PlainResource, settings: BaselineSettings): readonly string[];
}

/** Decided from all resources together; each finding belongs to one of them. */
export interface StackCheck extends About {
  across(resources: readonly PlainResource[]): readonly { resource: PlainResource; said: string }[];
}

export interface BaselineSettings {
  /** Image registries that are trusted; empty means that nobody has said. */
  registries: readonly string[];
}

/** A topic is one policy of the pack. */
export interface Topic<Check> {
  name: string;
  description: string;
  checks: readonly Check[];
}
