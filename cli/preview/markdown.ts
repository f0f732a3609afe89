import { readinessReport } from "../../rollout/checklist/report.ts";
import { instantOf } from "../../rollout/evidence/statement.ts";
import type { Exposure } from "../../rollout/exposure/exposure.ts";
import { inWords } from "../../rollout/plan/duration.ts";
import { shortArtifact } from "../status-report.ts";
import type { Place } from "./changes.ts";
import type { PolicyResult } from "./engine-log.ts";
import { plots } from "./plot.ts";
import { marker, type PreviewReport } from "./report.ts";

type Changed = PreviewReport["changes"][number];

/** GitHub takes 65,536 for one comment, which has room for two stacks then. */
const longest = 30_000;

/** What a pull request's comment says of one stack; its first line is how the next run finds the comment. */
export function previewMarkdown(report: PreviewReport): string {
  const text = [
    marker,
    `## Rampart: ${plain(report.stack)}, against ${plain(report.against)}`,
    "",
    ...overview(report),
    ...report.changes.flatMap((change) => ["", ...details(change, report)]),
    ...policies(report),
    ...waivers(report),
  ].join("\n");
  return text.length <= longest ? `${text}\n` : `${text.slice(0, longest)}\n\n… cut off; the terminal has the rest\n`;
}

function overview({ changes, engine }: PreviewReport): string[] {
  const counted = Object.entries(engine.operations).map(([operation, count]) => `${count} ${operation}`);
  const outcome = engine.succeeded ? "the preview passes" : "**the preview is refused**";
  const head = `${outcome}${counted.length > 0 ? ` (${counted.join(", ")})` : ""}`;
  if (changes.length === 0) return [`No system moves; ${head}.`];
  return [
    `${head[0]!.toUpperCase()}${head.slice(1)}.`,
    "",
    "| system | moves | artifact | users affected |",
    "|---|---|---|---|",
    ...changes.map(
      ({ system, from, to }) =>
        `| ${system} | ${place(from)} → ${place(to)} | ${shortArtifact((to ?? from)!.artifact)} | ${users(from)} → ${users(to)} |`,
    ),
  ];
}

const place = (one: Place | undefined): string =>
  one === undefined ? "not there" : one.name === "settled" ? "settled" : `${one.name} (${one.percent} %)`;

function users(one: Place | undefined): string {
  if (!one) return "nobody";
  return one.name === "settled" ? "all, on the stable track" : exposed(one.exposure);
}

const exposed = (exposure: Exposure): string =>
  Object.entries(exposure)
    .map(([segment, percent]) => `${percent} % of ${segment}`)
    .join(", ");

function details(change: Changed, { stack, now, unseen }: PreviewReport): string[] {
  const { system, live, checklist } = change;
  return [
    `### ${system}`,
    "",
    ...(live ? verdict(live) : [`- verdict so far: ${plain(unseen ?? "none, it isn't deployed yet")}`]),
    ...(checklist && change.direction === "up" ? readiness(system, checklist) : []),
    ...finish(change, now),
    ...wayBack(change, stack),
  ];
}

function verdict({ status, spec }: NonNullable<Changed["live"]>): string[] {
  const { verdict: said, aborted } = status;
  const isCurrent = status.observedStep === spec.step && status.phase === spec.phase;
  const reason = said?.reason ? ` (${plain(said.reason)})` : "";
  const abort =
    aborted?.attempt === spec.attempt ? [`- attempt ${spec.attempt} was aborted: ${plain(aborted.reason)}`] : [];
  const head = isCurrent && said ? `${said.outcome}${reason} in ${spec.phase ?? "settled"}` : "none yet for this step";
  const passes = status.passed.filter(({ attempt }) => attempt === spec.attempt).map(({ phase }) => phase);
  return [
    `- verdict so far: ${head}; passed: ${passes.join(", ") || "nothing yet"}`,
    ...abort,
    ...(isCurrent ? plots(status.windows ?? {}).map((line) => `  - \`${line.replaceAll("`", "'")}\``) : []),
  ];
}

function readiness(system: string, { phase, verdicts, leftToPreview }: NonNullable<Changed["checklist"]>): string[] {
  const [head, ...lines] = readinessReport(`readiness of ${system} to leave ${phase}`, verdicts).split("\n");
  const more = leftToPreview > 0 ? `; ${leftToPreview} more are judged by the policies below` : "";
  return [`- ${plain(head!)}${more}`, ...lines.map((line) => `  - ${plain(line.trim())}`)];
}

function finish({ direction, secondsLeft, to }: Changed, now: number): string[] {
  if (direction === "down" || !to || to.name === "settled") return [];
  const day = instantOf(now + secondsLeft).slice(0, 10);
  return [`- estimated finish: ${day} at the earliest, after ${inWords(secondsLeft)} of watching`];
}

function wayBack({ system, direction, to, from }: Changed, stack: string): string[] {
  if (direction === "down" || !to) return ["- this is the way back: it needs no evidence and nobody's leave"];
  if (to.name === "settled")
    return [
      `- way back: this change undone while the settle isn't finished; then a rollout of ${shortArtifact((from ?? to).stable)}`,
    ];
  return [`- way back: \`rampart rollback ${system} --stack ${stack} --reason "…"\`, without review`];
}

function policies({ engine }: PreviewReport): string[] {
  const groups = [...Map.groupBy(engine.policies, ({ pack, policy }) => `${pack}: ${policy}`)];
  const refusing = engine.policies.filter(({ level }) => level === "mandatory").length;
  const telling = engine.policies.length - refusing;
  const weight = (list: readonly PolicyResult[]): number => (list.some(({ level }) => level === "mandatory") ? 0 : 1);
  const sorted = groups.sort(([, left], [, right]) => weight(left) - weight(right));
  return [
    ...["", `### Policies: ${refusing} refuse, ${telling} tell`, ""],
    ...sorted.flatMap(([name, list]) => [
      `<details${weight(list) === 0 ? " open" : ""}><summary>${plain(name)} (${list.length})</summary>`,
      "",
      ...sayings(list),
      ...["", "</details>"],
    ]),
    ...engine.errors.map((error) => `- the engine: ${plain(error.slice(0, 500))}`),
  ];
}

/** One line for each thing that is said, with all resources that it is said of. */
function sayings(list: readonly PolicyResult[]): string[] {
  const same = Map.groupBy(list, ({ level, message }) => `${level} ${message}`);
  return [...same.values()].map((group) => {
    const [{ level, message }] = group as [PolicyResult];
    const resources = group.map(({ resource }) => plain(resource)).join(", ");
    return `- ${level === "mandatory" ? "**refuses**" : "tells"} ${resources}: ${plain(message)}`;
  });
}

function waivers({ waivers: counting, badWaivers }: PreviewReport): string[] {
  return [
    ...["", `### Waivers: ${counting.length}`, ""],
    ...counting.map(
      ({ check, resource, reason, expires, signer }) =>
        `- ${check} of ${plain(resource)}, until ${expires.slice(0, 10)}, by ${plain(signer.principal)} as ${signer.role}: ${plain(reason)}`,
    ),
    ...badWaivers.map((problem) => `- **counts for nothing**: ${plain(problem)}`),
  ];
}

/** Text of others as text: no markup, no mention, no line of its own. */
const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "@\u200b")
    .replaceAll(/[|`*_[\]]/g, "\\$&")
    .trim();
