import { type Parsed, parseStackFile } from "../../../rollout/config/parse.ts";
import { formatProblem } from "../../../rollout/config/problem.ts";
import type { Phase, Plan } from "../../../rollout/plan/model.ts";

export const digest = (letter: string): string => `registry.example/wdbx@sha256:${letter.repeat(64)}`;

const phases = (text: string) =>
  text.split(" ").map((one) => {
    const [name = "", percent = "0"] = one.split("=");
    return { name, percent: Number(percent) } as Phase;
  });

/** The parts of two plans that decide about config: traffic by image digest, nodes by version; the second has a hotfix lane. */
const parts: readonly (Pick<Plan, "system" | "artifact" | "ladders"> & { cohort?: object })[] = [
  {
    system: "wdbx",
    artifact: "image",
    ladders: {
      staging: { normal: phases("preflight=0 full=100") },
      production: {
        normal: phases("preflight=0 shadow=0 canary-5=5 canary-25=25 canary-50=50 full=100 watch=100"),
      },
    },
  },
  {
    system: "dwcp-v3",
    artifact: "version",
    cohort: {},
    ladders: {
      staging: { normal: phases("preflight=0 all=100") },
      production: { normal: phases("preflight=0 ten=10 half=50 all=100"), expedited: phases("preflight=0 half=50") },
    },
  },
];
export const plans = parts as readonly Plan[];

/** A stack file with one system; `lines` replace or add keys, `undefined` takes one away. */
export function stackFile(keys: Record<string, string | undefined> = {}, settings = ""): string {
  const all = { stable: `"${digest("a")}"`, artifact: `"${digest("b")}"`, percent: "25", ...keys };
  const lines = Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [`    ${key}: ${value}`]));
  const head = ["config:", "  rampart:environment: production", "  rampart:layer: systems", "  rampart:wdbx:"];
  return `${[...head, ...lines].join("\n")}\n${settings}`;
}

export const parse = (text: string): Parsed => parseStackFile(text, "Pulumi.production.yaml", plans);

/** The problems of a text, each as the line a person reads. */
export const problemsIn = (text: string): string[] => (parse(text).problems ?? []).map(formatProblem);
