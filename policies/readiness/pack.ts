import { PolicyPack } from "@pulumi/policy";
import { textAt } from "../../rollout/baseline/look.ts";
import type { PlainResource } from "../../rollout/baseline/model.ts";
import { startOfPhase } from "../../rollout/checklist/phase.ts";
import { readinessReport } from "../../rollout/checklist/report.ts";
import { judgeItem, needsResources, type Subject } from "../../rollout/checklist/verdict.ts";
import { rolloutComponentType } from "../../rollout/guard/args.ts";
import { type Judged, judgeRollout } from "../../rollout/guard/judge.ts";
import type { ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { isSettled } from "../../rollout/transitions/model.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { stackOf } from "../checkout.ts";
import { Knowledge } from "../knowledge.ts";
import { plainProps } from "../plain-props.ts";
import { rollCall } from "../roll-call.ts";
import { clockOf, readSigned, type Settings, settingsSchema } from "../signed-files.ts";

const { policy, stackPolicy, report } = rollCall("readiness");

/** What the policy over all resources can't see itself: config, and the inputs of components. */
let settings: Settings = {};
const seen = new Map<string, Judged>();

const knowledge = new Knowledge();

interface Answer {
  text: string;
  isMandatory: boolean;
}

/** The checklist of the phase that a system is in: it stops a rise out of it in production, and is told otherwise. */
function answer(
  { kind, args }: Judged,
  urn: string,
  concerns: (item: ReadinessItem) => boolean,
  resources: readonly PlainResource[],
): Answer | undefined {
  const plan = plans.find(({ system }) => system === args?.system);
  if (!args?.live || !plan || isSettled(args.live.spec) || !["advance", "settle", "unchanged"].includes(kind))
    return undefined;
  const { live, facts } = args;
  const phase = live.spec.phase ?? "";
  const items = itemsOf(args.system, phase).filter(concerns);
  const subject: Subject = {
    ...{ plan, spec: live.spec, phase, startedAt: startOfPhase(live), resources },
    ...signedFor(stackOf(urn)),
  };
  const verdicts = items.map((item) => judgeItem(item, subject));
  if (verdicts.length === 0) return undefined;
  const isMandatory =
    facts.environment === "production" && kind !== "unchanged" && verdicts.some(({ isMet }) => !isMet);
  return { text: readinessReport(`${args.system}, checklist of ${phase}`, verdicts), isMandatory };
}

/** By its name, or by the namespace that it shares with no other system. */
const isOwn = ({ name, props }: PlainResource, system: string | undefined): boolean =>
  system !== undefined && (name.startsWith(`${system}-`) || textAt(props, "metadata.namespace") === system);

/** Signers that can't be read are nobody; the guard pack names the file. */
function signedFor(stack: string): ReturnType<typeof readSigned> {
  try {
    return readSigned(settings, stack);
  } catch {
    return { stack, files: [], signers: [], clock: { now: clockOf() } };
  }
}

new PolicyPack("readiness", {
  description: "A phase is left when its checklist holds",
  enforcementLevel: "mandatory",
  policies: [
    policy<Settings>(
      "readiness-evidence",
      "What is promised in the plan and signed in the checkout is what the checklist asks for",
      { configSchema: settingsSchema },
      async ({ type, props, urn, config }, refuse, note) => {
        settings = config;
        knowledge.see({ type });
        if (type !== rolloutComponentType) return;
        const judged = judgeRollout(await knowledge.of({ urn, props }, config));
        seen.set(urn, judged);
        if (!judged.args) return refuse("the checklist can't be looked at; the guard pack says what isn't known");
        const found = answer(judged, urn, (item) => !needsResources(item), []);
        if (found) (found.isMandatory ? refuse : note)(found.text);
      },
    ),
    stackPolicy(
      "readiness-resources",
      "The resources of a system are those that its checklist asks for",
      (all, say) => {
        const plain = all.map(({ type, name, props }) => ({ type, name, props: plainProps(props).value }));
        for (const [urn, judged] of seen) {
          const own = plain.filter((one) => isOwn(one, judged.args?.system));
          const found = answer(judged, urn, needsResources, own);
          if (found) say(found.text, found.isMandatory ? "mandatory" : "advisory", urn);
        }
      },
    ),
    report(),
  ],
});
