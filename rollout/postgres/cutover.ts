/** A member as it answers for itself. */
export interface MemberSeen {
  readonly name: string;
  readonly isPrimary: boolean;
  /** Whether it streams from another. */
  readonly isStreaming: boolean;
  /** How far its WAL goes, in bytes. */
  readonly wal: number;
  /** Of one that takes writes: a row counts only when another member of its cluster has it too. */
  readonly isCopied: boolean;
}

export interface ClusterSeen {
  readonly scope: string;
  readonly size: number;
  readonly isToldToFollow: boolean;
  /** Who holds its lock. */
  readonly holder: string | undefined;
  /** What its holder answers of the end of a server that took writes: it is told to end, or it has ended. */
  readonly end: "none" | "begun" | "over";
  /** Those that answer. */
  readonly members: readonly MemberSeen[];
}

/** Two clusters while the lead goes from one to the other. */
export interface Seen {
  readonly coming: ClusterSeen;
  readonly going: ClusterSeen;
  /** Whether the Services of both go to the one that comes. */
  readonly isRouted: boolean;
  readonly pools: "open" | "paused" | "mixed";
}

/** What the one that moves the lead has done and waited for; a new one begins with none of it, and may. */
export interface Progress {
  /** What the old leader has in memory only, it would write out while everybody waits. */
  readonly isFlushed: boolean;
  /** Clients that don't end their transactions hold up nobody for longer than that. */
  readonly isPauseOver: boolean;
  /** Since neither leads. */
  readonly secondsBetween: number;
  /** Until the old leader was told to follow, what counted had reached another member of its cluster. */
  readonly wasCopied: boolean;
  readonly isTakenBack: boolean;
}

export type Step = {
  readonly do:
    | "flush"
    | "pause"
    | "demote"
    | "promote"
    | "route"
    | "resume"
    | "take-back"
    | "wait"
    | "done"
    | "give-up";
  readonly why: string;
};

/** With this it ends who gives up; whoever dies ends otherwise. */
export const gaveUp = 3;
/** Longer than this nobody waits for the one that goes: it leads again, before clients of the pools are turned away. */
export const patienceSeconds = 40;
/** Nearer than this to the one that leads, what is missing arrives within the pause. */
export const closeBytes = 16 * 1024 * 1024;

const primaryOf = ({ members }: ClusterSeen): MemberSeen | undefined => members.find(({ isPrimary }) => isPrimary);
const holderOf = ({ members, holder }: ClusterSeen): MemberSeen | undefined =>
  members.find(({ name }) => name === holder);

/** The next step on the way on which the lead goes over; each may be made again, and by another. */
export function nextStep(seen: Seen, progress: Progress): Step {
  const { coming, going } = seen;
  if (!coming.isToldToFollow && !going.isToldToFollow) {
    return { do: "give-up", why: `${coming.scope} doesn't follow ${going.scope}: both are told to lead` };
  }
  if (!coming.isToldToFollow) return arrive(seen);
  if (going.isToldToFollow) return between(seen, progress);
  return depart(seen, progress);
}

/** As long as the other is told to lead: it can stay as it is. */
function depart({ coming, going, pools }: Seen, { isFlushed, isPauseOver, isTakenBack }: Progress): Step {
  const primary = primaryOf(going);
  if (isTakenBack) {
    if (!primary) return { do: "wait", why: `${going.scope} to lead again` };
    if (pools !== "open") return { do: "resume", why: `${going.scope} leads again` };
    return {
      do: "give-up",
      why: `${coming.scope} didn't get all that ${going.scope} has, so ${going.scope} leads again`,
    };
  }
  const follower = holderOf(coming);
  if (!primary) return { do: "wait", why: `a leader of ${going.scope}` };
  if (!follower?.isStreaming) return { do: "wait", why: `${coming.scope} to stream from ${going.scope}` };
  const behind = primary.wal - follower.wal;
  if (behind > closeBytes) return { do: "wait", why: `${coming.scope} to catch up: it is ${behind} bytes behind` };
  if (!isFlushed) return { do: "flush", why: `${going.scope} is to have little left to write when it ends` };
  if (pools !== "paused" && !isPauseOver) return { do: "pause", why: "clients wait for the new leader" };
  return { do: "demote", why: `${coming.scope} is ${behind} bytes behind and gets them at the end` };
}

/** Neither leads: forward when nothing can be lost, otherwise back. */
function between({ coming, going }: Seen, { secondsBetween, wasCopied }: Progress): Step {
  const missing = notHandedOver(coming, going, wasCopied);
  if (!missing) return { do: "promote", why: `${coming.scope} has all that ${going.scope} has` };
  if (secondsBetween > patienceSeconds) return { do: "take-back", why: missing };
  return { do: "wait", why: missing };
}

function notHandedOver(coming: ClusterSeen, going: ClusterSeen, wasCopied: boolean): string | undefined {
  if (primaryOf(going)) return `${going.scope} still takes writes`;
  // A row counts when two members have it, so all but one know of every row that counts.
  if (going.members.length < going.size - 1) return `only ${going.members.length} of ${going.scope} answer`;
  const first = holderOf(coming);
  if (!first) return `${coming.scope} has nobody who holds its lock and answers`;
  // One that ends sends its last WAL, leaves those that follow, archives, and takes long to come back as a follower. What
  // counted, the others have: without them it can't count anything more.
  const isLeft = [first, ...going.members].every(({ isStreaming }) => !isStreaming);
  const isOver = wasCopied && (going.end === "over" || (going.end === "begun" && isLeft));
  if (!holderOf(going) && !isOver) return `${going.scope} has nobody who holds its lock and answers`;
  const last = Math.max(...going.members.map(({ wal }) => wal));
  return first.wal < last ? `${coming.scope} lacks ${last - first.wal} bytes` : undefined;
}

/** From here on there is no way but forward: the one that comes is told to lead. */
function arrive({ coming, isRouted, pools }: Seen): Step {
  if (!primaryOf(coming)) return { do: "wait", why: `a leader of ${coming.scope}` };
  if (!isRouted) return { do: "route", why: `${coming.scope} takes writes` };
  if (pools !== "open") return { do: "resume", why: `${coming.scope} takes writes and is where clients arrive` };
  return { do: "done", why: `${coming.scope} leads` };
}
