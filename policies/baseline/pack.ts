import { PolicyPack } from "@pulumi/policy";
import type { Waivers } from "../../live/signed-files.ts";
import { resourceTopics, stackTopics } from "../../rollout/baseline/checks.ts";
import { type Finding, judgeResource, judgeTogether } from "../../rollout/baseline/judge.ts";
import type { PlainResource } from "../../rollout/baseline/model.ts";
import { stackOf } from "../checkout.ts";
import { plainProps } from "../plain-props.ts";
import { rollCall, stackType } from "../roll-call.ts";
import { WaysDown } from "../ways-down.ts";
import { readWaivers, type Settings, settingsSchema } from "./settings.ts";

const { policy, stackPolicy, report } = rollCall("baseline");
const waysDown = new WaysDown();
let settings: Settings = {};
let waivers: Waivers | undefined;

function waiversFor(urn: string): Waivers {
  waivers ??= readWaivers(settings, stackOf(urn));
  return waivers;
}

/** Not while a system goes down, and not before all is known: an update asks again, before the resource's turn. */
function levelOf({ level, resource }: Finding, unknown: readonly string[]): Finding["level"] {
  // Annotations say nothing that a check asks for, and one of ours is known only after the Rollout.
  const isInDoubt = unknown.some((path) => !path.startsWith("metadata.annotations"));
  return waysDown.has(resource.name) || isInDoubt ? "advisory" : level;
}

const first = policy<Settings>(
  "baseline-waivers",
  "What is waived, by whom and until when",
  { configSchema: settingsSchema },
  async ({ type, props, urn, config }, _refuse, note) => {
    await waysDown.see({ type, urn, props });
    if (type !== stackType) return;
    settings = config;
    waivers = undefined;
    const { counting, problems } = waiversFor(urn);
    for (const { check, resource, signer, expires, reason } of counting) {
      note(`${check} of ${resource} is waived by ${signer.principal} until ${expires}: ${reason}`);
    }
    for (const problem of problems) note(`no waiver: ${problem}`);
  },
);

new PolicyPack("baseline", {
  description: "What every resource has to hold, whoever wrote it",
  enforcementLevel: "mandatory",
  policies: [
    first,
    ...resourceTopics.map((topic) =>
      policy(topic.name, topic.description, {}, ({ type, name, props, urn }, refuse, note) => {
        const { value, unknown } = plainProps(props);
        const registries = settings.settings?.registries ?? [];
        const resource = { type, name, props: value };
        const notes: string[] = [];
        for (const finding of judgeResource(topic, resource, { registries }, waiversFor(urn).counting)) {
          if (levelOf(finding, unknown) === "mandatory") refuse(finding.message);
          else notes.push(finding.message);
        }
        if (notes.length > 0) note(notes.join("\n"));
      }),
    ),
    ...stackTopics.map((topic) =>
      stackPolicy(topic.name, topic.description, (resources, say) => {
        const [root] = resources;
        if (!root) return;
        const plain = resources.map((each) => ({ each, ...plainProps(each.props) }));
        const seen = new Map<PlainResource, (typeof plain)[number]>(
          plain.map((one) => [{ type: one.each.type, name: one.each.name, props: one.value }, one]),
        );
        for (const finding of judgeTogether(topic, [...seen.keys()], waiversFor(root.urn).counting)) {
          const { each, unknown } = seen.get(finding.resource)!;
          say(finding.message, levelOf(finding, unknown.filter(matters)), each.urn);
        }
      }),
    ),
    report(),
  ],
});

/** Outputs of a resource that isn't there yet are never known, and no check looks at them. */
function matters(path: string): boolean {
  return /^spec\.(selector|template|replicas|podSelector|policyTypes)/.test(path);
}
