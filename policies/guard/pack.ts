import { PolicyPack } from "@pulumi/policy";
import { againstUnsigned } from "../../rollout/guard/approvals.ts";
import { rolloutComponentType } from "../../rollout/guard/args.ts";
import { againstCalendar } from "../../rollout/guard/calendar.ts";
import { againstEmptyFallback, againstLostFallback } from "../../rollout/guard/fallback.ts";
import { type Judged, judgeRollout } from "../../rollout/guard/judge.ts";
import { againstUnjudged, type JudgedPlace } from "../../rollout/guard/object.ts";
import { againstForeignPlan } from "../../rollout/guard/plan.ts";
import { againstMissingPostMortem } from "../../rollout/guard/post-mortem.ts";
import { sightless } from "../../rollout/guard/sight.ts";
import { againstUnwritten } from "../../rollout/guard/written.ts";
import type { TransitionKind } from "../../rollout/transitions/classify.ts";
import { formatReason, type Reason, when } from "../../rollout/transitions/reason.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { stackOf } from "../checkout.ts";
import { Knowledge } from "../knowledge.ts";
import { plainProps } from "../plain-props.ts";
import { rollCall } from "../roll-call.ts";
import { clockOf, readSigned, type Settings, settingsSchema } from "../signed-files.ts";
import { readCalendar } from "./read-calendar.ts";
import { rolloutObjectType, writtenPlace } from "./written-place.ts";

interface Context {
  urn: string;
  settings: Settings;
}

interface Findings {
  reasons: readonly Reason[];
  notes?: readonly string[];
}

const routeType = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute";

const planOf = (judged: Judged) => plans.find(({ system }) => system === judged.args?.system);
const only = (reasons: readonly Reason[]): Findings => ({ reasons });

/** What was judged in this operation, for the objects that come after; nothing is remembered beyond it. */
const judgedSystems = new Map<string, JudgedPlace & { kind: TransitionKind; urn: string }>();

function remember({ args, spec, kind }: Judged, urn: string): Reason[] {
  if (!args) return [];
  const other = judgedSystems.get(args.system)?.urn ?? urn;
  judgedSystems.set(args.system, { spec, live: args.live, kind, urn });
  return when(other !== urn, "one-component", `two components speak for ${args.system}`, "leave one of them out");
}

/** Every resource of a system begins with the system's name. */
const kindFor = (resource: string): TransitionKind | undefined =>
  [...judgedSystems].find(([system]) => resource.startsWith(`${system}-`))?.[1].kind;

const { policy, stackPolicy, report } = rollCall("guard");
const knowledge = new Knowledge();

/** One rule over the component that says what a system's rollout is and should be. */
function guard(name: string, description: string, find: (judged: Judged, context: Context) => Findings) {
  return policy<Settings>(
    name,
    description,
    { configSchema: settingsSchema },
    async ({ type, props, urn, config }, refuse, note) => {
      knowledge.see({ type });
      if (type !== rolloutComponentType) return;
      const judged = judgeRollout(await knowledge.of({ urn, props }, config));
      const { reasons, notes = [] } = find(judged, { urn, settings: config });
      for (const reason of reasons) refuse(formatReason(judged.tried, reason));
      for (const each of notes) note(each);
    },
  );
}

new PolicyPack("guard", {
  description: "Nothing goes up before its time; everything may go down at any time",
  enforcementLevel: "mandatory",
  policies: [
    guard(
      "rollout-step",
      "A rollout goes up one phase at a time, and only after the one before has passed",
      (judged, { urn }) => ({ reasons: [...remember(judged, urn), ...judged.reasons], notes: judged.notes }),
    ),
    guard("rollout-calendar", "Nothing goes up in a freeze or outside of its window", (judged, { settings }) =>
      only(againstCalendar(judged, planOf(judged), () => readCalendar(settings), clockOf())),
    ),
    guard(
      "rollout-approvals",
      "A phase is left, and a new attempt begun after one that was ended, when those who have to agree have signed",
      (judged, { urn, settings }) =>
        only([
          ...againstUnsigned(judged, planOf(judged), () => readSigned(settings, stackOf(urn))),
          ...againstMissingPostMortem(judged, planOf(judged), () => readSigned(settings, stackOf(urn))),
        ]),
    ),
    guard(
      "rollout-plan",
      "A rollout climbs the phases of the plan, and as far as the file, in this checkout",
      (judged) => only([...againstForeignPlan(judged, planOf(judged)), ...againstUnwritten(judged)]),
    ),
    guard("rollout-sight", "A phase can see in its time what it promises to watch for", (judged) =>
      sightless(judged, planOf(judged)),
    ),
    policy("rollout-object", "What is written is what was judged", {}, ({ type, props, opts }, refuse) => {
      const ignored = opts.ignoreChanges.filter((path) => path === "*" || path.startsWith("spec"));
      if ([rolloutObjectType, routeType].includes(type) && ignored.length > 0) {
        refuse(`ignoreChanges names ${ignored.join(", ")}, and then the way down isn't written; take it out`);
      }
      if (type !== rolloutComponentType && type !== rolloutObjectType) return;
      const place = writtenPlace(plainProps(props));
      if (place === "nothing") return;
      if (!place)
        return refuse("the spec's system, stable, artifact or phase isn't known; hand them over as plain values");
      for (const reason of againstUnjudged(place, judgedSystems.get(place.system))) {
        refuse(formatReason(`${place.system}: write the Rollout`, reason));
      }
    }),
    policy("rollout-baseline", "What everybody falls back on keeps its pods", {}, ({ type, name, props }, refuse) => {
      if (!type.startsWith("kubernetes:apps/")) return;
      const resource = { type, name, props: plainProps(props).value };
      for (const reason of againstEmptyFallback(resource, kindFor(name))) refuse(formatReason(name, reason));
    }),
    stackPolicy("rollout-baseline-declared", "What everybody falls back on stays declared", (resources, say) => {
      const plain = resources
        .filter(({ type }) => type.startsWith("kubernetes:apps/"))
        .map(({ type, name, props }) => ({ type, name, props: plainProps(props).value }));
      for (const [system, { kind, urn }] of judgedSystems)
        for (const reason of againstLostFallback(system, kind, plain))
          say(formatReason(system, reason), "mandatory", urn);
    }),
    report(),
  ],
});
