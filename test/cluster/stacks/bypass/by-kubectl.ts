import { readFile, rm } from "node:fs/promises";
import { exec } from "../../../../local/exec.ts";
import { toolPath } from "../../../../local/tools/tools.ts";
import { type Place, policy, system } from "./attempt.ts";

/** What a person types, with the answer that the person gets. */
export interface Typed {
  readonly what: string;
  readonly args: (place: Place) => readonly string[];
  /** What an editor does to the object: text to find, text to put there. */
  readonly edit?: readonly [from: string, to: string];
  readonly refusal: RegExp;
}

const route = `httproute/${system}`;
const [stable, canary] = [`${system}-stable`, `${system}-canary`];

export const typed: readonly Typed[] = [
  {
    what: "edit of a weight",
    args: () => ["edit", route],
    edit: ["weight: 5$", "weight: 60"],
    refusal: policy("route-weight"),
  },
  {
    what: "edit of the Rollout's percent",
    args: () => ["edit", "rollout/rollout"],
    edit: ["percent: 5$", "percent: 50"],
    refusal: /percent: /,
  },
  {
    what: "replace of the route",
    args: () => ["replace", route],
    edit: ["weight: 5$", "weight: 100"],
    refusal: policy("route-weight"),
  },
  {
    what: "replace of the Rollout's status, as from a backup",
    args: () => ["replace", "--subresource=status", "rollout/rollout"],
    edit: ["onTarget: true", "onTarget: false"],
    refusal: policy("status-writer"),
  },
  {
    what: "replace by force, which deletes first",
    args: () => ["replace", "--force", route],
    edit: ["weight: 5$", "weight: 100"],
    refusal: policy("keep-traffic"),
  },
  {
    what: "scale of stable to nothing",
    args: () => ["scale", `deployment/${stable}`, "--replicas=0"],
    refusal: policy("stable-size"),
  },
  {
    what: "label of a canary pod as stable",
    args: ({ canaryPod }) => ["label", `pod/${canaryPod}`, "rampart.dev/track=stable", "--overwrite"],
    refusal: policy("track-images"),
  },
  {
    what: "selector of the stable Service",
    args: () => ["set", "selector", `service/${stable}`, `app.kubernetes.io/name=${system},rampart.dev/track=canary`],
    refusal: policy("track-services"),
  },
  {
    what: "image of stable",
    args: ({ artifact }) => ["set", "image", `deployment/${stable}`, `app=${artifact}`],
    refusal: policy("track-images"),
  },
  {
    what: "delete of the stable Service",
    args: () => ["delete", `service/${stable}`, "--wait=false"],
    refusal: policy("keep-traffic"),
  },
  {
    what: "delete of the namespace",
    args: () => ["delete", `namespace/${system}`, "--wait=false"],
    refusal: policy("keep-namespace"),
  },
  {
    what: "environment of the canary",
    args: () => ["set", "env", `deployment/${canary}`, "FAULT=none"],
    refusal: policy("track-images"),
  },
];

/** Types it as the cluster's admin; what was said against it, or nothing. */
export async function type(kubeconfig: string, context: string, { args, edit }: Typed, place: Place): Promise<string> {
  const kubectl = await toolPath("kubectl");
  // A cache of its own: another cluster's answers, from the same address, may be in the usual one.
  const cache = ["--cache-dir", `${kubeconfig}-cache`];
  const common = ["--kubeconfig", kubeconfig, "--context", context, ...cache, "--namespace", system];
  const [verb, ...rest] = args(place);
  const said = (error: Error): string => error.message;
  if (verb === "edit") {
    const env = { ...process.env, KUBE_EDITOR: `sed -i 's/${edit![0]}/${edit![1]}/'` };
    return exec(kubectl, [...common, verb, ...rest], { env }).then(() => "", reasonInCopy);
  }
  if (verb === "replace") {
    const object = rest.at(-1)!;
    const text = await exec(kubectl, [...common, "get", object, "-o", "yaml"]);
    const input = text.replace(new RegExp(edit![0], "m"), edit![1]);
    if (input === text) return `nothing to change in ${object}`;
    return exec(kubectl, [...common, verb, ...rest.slice(0, -1), "-f", "-"], { input }).then(() => "", said);
  }
  return exec(kubectl, [...common, verb!, ...rest]).then(() => "", said);
}

/** A refused edit opens the editor again, with the reason in comments; when nothing more is changed, it is kept as a file. */
async function reasonInCopy({ message }: Error): Promise<string> {
  const copy = /stored to "(.+)"/.exec(message)?.[1];
  if (!copy) return message;
  const text = await readFile(copy, "utf8");
  await rm(copy);
  return text;
}
