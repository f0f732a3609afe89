import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import type { Evidence } from "../rollout/evidence/evidence-file.ts";
import { evidenceSpace, type LogEntry, logEntrySchema } from "../rollout/evidence/log.ts";
import { type PhaseRecord, recordDigest } from "../rollout/verdict/record.ts";
import type { Api } from "./api.ts";
import { listPath, objectPath } from "./paths.ts";

/** Whose it is; on everything that is evidence. */
export const evidenceLabel = "rampart.dev/evidence";
const attemptLabel = "rampart.dev/attempt";

export const logKey = "log.json";
const recordKey = "record.json.gz";
const statementKey = "statement.json";

export const logPath = (system: string, attempt: number): string =>
  objectPath("v1", "configmaps", evidenceSpace, `log-${system}-${attempt}`);
export const newMapPath = listPath("v1", "configmaps", evidenceSpace);

const logSchema = z.array(logEntrySchema);
export const parseLog = (text: string | undefined): LogEntry[] => logSchema.parse(JSON.parse(text ?? "[]"));

/** What a ConfigMap with evidence of an attempt is called, and whose it says that it is. */
export const logMetadata = (system: string, attempt: number) => ({
  name: `log-${system}-${attempt}`,
  labels: { [evidenceLabel]: system, [attemptLabel]: String(attempt) },
});

/**
 * A record is named after its contents and never changes, so that what two write at once is no harm. Packed, the
 * largest that a status has room for stays far below what a ConfigMap may hold.
 */
export function recordObject(record: PhaseRecord, statement?: Evidence): object {
  const { system, attempt } = record.watched.spec;
  const short = recordDigest(record).slice("sha256:".length, "sha256:".length + 12);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { ...logMetadata(system, attempt), name: `record-${system}-${attempt}-${short}` },
    immutable: true,
    binaryData: { [recordKey]: gzipSync(JSON.stringify(record)).toString("base64") },
    ...(statement && { data: { [statementKey]: JSON.stringify(statement) } }),
  };
}

/** All that the analyzer keeps of one attempt, as text: whoever reads it believes nothing unchecked. */
export interface KeptAttempt {
  readonly system: string;
  readonly attempt: number;
  readonly log: readonly LogEntry[];
  readonly records: readonly string[];
  /** Signed by the analyzer. */
  readonly statements: readonly string[];
}

interface KeptMap {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Of all systems or one, oldest attempt first. */
export async function readKept(api: Api, system?: string): Promise<KeptAttempt[]> {
  const selector = encodeURIComponent(system ? `${evidenceLabel}=${system}` : evidenceLabel);
  const found = (await api.get(`${newMapPath}?labelSelector=${selector}`)) as { items: KeptMap[] } | undefined;
  const byAttempt = new Map<string, KeptMap[]>();
  for (const map of found?.items ?? []) {
    const key = `${map.metadata.labels[evidenceLabel]} ${map.metadata.labels[attemptLabel]}`;
    byAttempt.set(key, [...(byAttempt.get(key) ?? []), map]);
  }
  return [...byAttempt.values()]
    .map(keptAttempt)
    .toSorted((a, b) => a.system.localeCompare(b.system) || a.attempt - b.attempt);
}

function keptAttempt(maps: readonly KeptMap[]): KeptAttempt {
  const { labels } = maps[0]!.metadata;
  const packed = maps.flatMap(({ binaryData }) => binaryData?.[recordKey] ?? []);
  return {
    system: labels[evidenceLabel]!,
    attempt: Number(labels[attemptLabel]),
    log: parseLog(maps.flatMap(({ data }) => data?.[logKey] ?? [])[0]),
    records: packed.map((text) => gunzipSync(Buffer.from(text, "base64")).toString("utf8")),
    statements: maps.flatMap(({ data }) => data?.[statementKey] ?? []),
  };
}
