/** When a cluster that led until the lead went to another may go; until then it is the way back. */
export const keptUntilAnnotation = "rampart.dev/kept-until";
export const wayBackHours = 72;
/** The policy by which the API server keeps it. */
export const wayBackPolicy = "rampart-postgres-way-back";
const secondsOf = (hours: number): number => hours * 3600;

/** While it leads nobody may remove it, whatever time it is. */
export const keptForever = "9999-12-31T23:59:59Z";

export const keptUntil = (movedAt: string, hours: number): string =>
  new Date(Date.parse(movedAt) + secondsOf(hours) * 1000).toISOString().replace(/\.\d{3}Z$/, "Z");

/** Why it can't go yet. */
export function wayBackRefusals(scope: string, until: string | undefined, now: string): string[] {
  if (until === undefined || Date.parse(now) >= Date.parse(until)) return [];
  const when = until === keptForever ? "it leads" : `it is the way back until ${until}`;
  return [`mayGo: ${scope} has to stay, ${when}`];
}

export interface Rule {
  readonly expression: string;
  readonly message: string;
}

const before = `oldObject.metadata.annotations["${keptUntilAnnotation}"]`;
const isKept = "timestamp(params.spec.renewTime) < timestamp(variables.until)";
/** What was said a moment ago may be said anew: the time of the move is some seconds old when it is written down. */
const least = (hours: number): string =>
  `duration("${Math.floor(secondsOf(hours) - Math.max(secondsOf(hours) / 72, 30))}s")`;

/** What the API server refuses of it, as CEL: its own lease, renewed every few seconds, is the clock. */
export const wayBackRules = (hours: number): readonly Rule[] => [
  {
    expression: `request.operation != "DELETE" || !(${isKept})`,
    message: "this cluster of PostgreSQL is the way back; it may go when the time of its annotation has come",
  },
  {
    expression:
      `request.operation == "DELETE" || !(${isKept}) || (has(object.metadata.annotations) && ` +
      `"${keptUntilAnnotation}" in object.metadata.annotations && ` +
      `(variables.next == variables.until || timestamp(variables.next) >= timestamp(params.spec.renewTime) + ${least(hours)}))`,
    message: `this cluster of PostgreSQL is the way back for ${hours} hours, and that can't be made less`,
  },
];

export const wayBackVariables = [
  { name: "until", expression: before },
  {
    name: "next",
    expression: `has(object.metadata.annotations) ? object.metadata.annotations[?"${keptUntilAnnotation}"].orValue("") : ""`,
  },
];
export const wayBackCondition = `has(oldObject.metadata.annotations) && "${keptUntilAnnotation}" in oldObject.metadata.annotations`;
