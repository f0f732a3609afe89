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
  summaryEvent?: { resourceChanges?: Record<string, number> };
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
  return {
    operations: events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {},
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
