/** What one policy said of one resource. */
export interface PolicyResult {
  readonly pack: string;
  readonly policy: string;
  readonly level: string;
  readonly resource: string;
  readonly message: string;
}

export interface EngineLog {
  /** How many resources of each operation: `{ update: 3, same: 95 }`. */
  readonly operations: Readonly<Record<string, number>>;
  readonly policies: readonly PolicyResult[];
  /** The packs that looked at it, with their versions. */
  readonly packs: Readonly<Record<string, string>>;
  /** What failed beside policies. */
  readonly errors: readonly string[];
}

interface EngineEvent {
  policyEvent?: {
    resourceUrn?: string;
    message: string;
    policyName: string;
    policyPackName: string;
    enforcementLevel: string;
  };
  summaryEvent?: { resourceChanges?: Record<string, number>; PolicyPacks?: Record<string, string> };
  diagnosticEvent?: { severity: string; message: string };
}

/** The engine's events, one JSON object a line; a last line that was cut off says nothing. */
export function readEngineLog(text: string): EngineLog {
  const events = text.split("\n").flatMap((line): EngineEvent[] => {
    try {
      return [JSON.parse(line) as EngineEvent];
    } catch {
      return [];
    }
  });
  const summary = events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent;
  return {
    operations: summary?.resourceChanges ?? {},
    // The engine says where a pack came from behind its name: `guard|local|/path`.
    packs: Object.fromEntries(
      Object.entries(summary?.PolicyPacks ?? {}).map(([name, version]) => [name.split("|")[0]!, version]),
    ),
    policies: events
      .flatMap(({ policyEvent }) => policyEvent ?? [])
      .map((event) => ({
        pack: event.policyPackName,
        policy: event.policyName,
        level: event.enforcementLevel,
        resource: event.resourceUrn?.split("::").at(-1) ?? "",
        message: plain(event.message),
      })),
    errors: events
      .flatMap(({ diagnosticEvent }) => (diagnosticEvent?.severity === "error" ? [plain(diagnosticEvent.message)] : []))
      .filter((message) => message !== ""),
  };
}

/** Without the engine's marks for colours. */
const plain = (text: string): string => text.replaceAll(/<\{%.*?%\}>/g, "").trim();

/** A preview that a pack hasn't looked at passes nothing, however green it is. */
export function absentPacks({ packs }: EngineLog, wanted: readonly { pack: string; version: string }[]): string[] {
  return wanted
    .filter(({ pack, version }) => packs[pack]?.replace(/^v/, "") !== version)
    .map(
      ({ pack, version }) =>
        `the policy pack ${pack} ${version} has to look at it; ${said(packs[pack])}; use the checkout's own`,
    );
}

const said = (version: string | undefined): string => (version ? `version ${version} did` : "it didn't");
