import type { z } from "zod";
import type { Plan } from "../plan/model.ts";
import { checkValue, unknownKeys } from "./check-value.ts";
import type { Environment, Layer, Scale, StackConfig, SystemConfig } from "./model.ts";
import { parseMonitoring } from "./monitoring.ts";
import { nearestWord } from "./nearest.ts";
import { parseSystem } from "./parse-system.ts";
import type { Problem } from "./problem.ts";
import { scanStackFile } from "./scan.ts";
import {
  certificateSchema,
  databaseSchema,
  environmentSchema,
  handoverSchema,
  layerSchema,
  scaleSchema,
} from "./schema.ts";
import { secretMessage } from "./zod-problems.ts";

export type Parsed = { config: StackConfig; problems?: undefined } | { config?: undefined; problems: Problem[] };

const namespace = "rampart:";
const ownKeys = ["environment", "layer", "scale", "certificate", "handover", "monitoring", "database"] as const;
const scalars: readonly string[] = ["environment", "layer", "certificate"].map((key) => `${namespace}${key}`);

/** Reads the text of a stack file, `Pulumi.<stack>.yaml`; problems carry their place in it. Never throws. */
export function parseStackFile(text: string, file: string, plans: readonly Plan[]): Parsed {
  const scan = scanStackFile(text, file);
  if (!scan.readable) return { problems: scan.problems };
  const reported = new Set(scan.problems.map(({ path }) => JSON.stringify(dropConfig(path))));
  const { config, problems } = parseEntries(scan.entries, plans);
  // What the scan refused was read as empty: saying that it is also empty would only confuse.
  const further = (problems ?? []).filter(({ path }) => !reported.has(JSON.stringify(path)));
  const located = further.map((problem) => scan.locate(problem));
  const all = [...scan.problems.map((problem) => ({ ...problem, path: dropConfig(problem.path) })), ...located];
  if (config && all.length === 0) return { config };
  return { problems: all.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)) };
}

const dropConfig = (path: readonly string[]): readonly string[] =>
  path[0] === "config" && path.length > 1 ? path.slice(1) : path;

/**
 * Reads config as the engine hands it over: full keys (`rampart:wdbx`), values plain or as JSON text. Keys of other
 * namespaces are left alone. `secretKeys` are those that the engine has decrypted. Never throws.
 */
export function parseConfigValues(
  entries: Readonly<Record<string, unknown>>,
  plans: readonly Plan[],
  secretKeys: readonly string[] = [],
): Parsed {
  const problems: Problem[] = [];
  for (const key of secretKeys) if (key.startsWith(namespace)) problems.push({ path: [key], message: secretMessage });
  const plain: [string, unknown][] = [];
  for (const [key, value] of Object.entries(entries)) {
    if (!key.startsWith(namespace)) continue;
    if (scalars.includes(key) || typeof value !== "string") {
      plain.push([key, value]);
      continue;
    }
    try {
      plain.push([key, JSON.parse(value)]);
    } catch {
      problems.push({ path: [key], message: "is not JSON; expected a map" });
    }
  }
  const parsed = parseEntries(Object.fromEntries(plain), plans);
  return problems.length === 0 ? parsed : { problems: [...problems, ...(parsed.problems ?? [])] };
}

/** Checks keys and values in one go and finds every problem; positions are the business of the two front doors. */
function parseEntries(entries: Readonly<Record<string, unknown>>, plans: readonly Plan[]): Parsed {
  const problems: Problem[] = [];
  const own = <T>(key: (typeof ownKeys)[number], schema: z.ZodType<T>): T | undefined => {
    const path = [`${namespace}${key}`];
    const value = Object.hasOwn(entries, path[0]!) ? entries[path[0]!] : undefined;
    const result = checkValue(schema, value, path);
    problems.push(...result.problems);
    return result.value;
  };
  const environment = own("environment", environmentSchema);
  const layer = own("layer", layerSchema);
  const scale = Object.hasOwn(entries, "rampart:scale") ? own("scale", scaleSchema) : {};
  if (environment && scale) problems.push(...scaleProblems(scale, environment));
  const certificate = Object.hasOwn(entries, "rampart:certificate") ? own("certificate", certificateSchema) : undefined;
  if (certificate !== undefined && layer === "systems") problems.push(ofPlatform("rampart:certificate"));
  const handover = Object.hasOwn(entries, "rampart:handover") ? own("handover", handoverSchema) : {};
  problems.push(...handoverProblems(handover ?? {}, layer, plans));
  const monitoring: ReturnType<typeof parseMonitoring> = Object.hasOwn(entries, "rampart:monitoring")
    ? parseMonitoring(entries["rampart:monitoring"], layer, plans)
    : { problems: [] };
  problems.push(...monitoring.problems);
  const database = Object.hasOwn(entries, "rampart:database") ? own("database", databaseSchema) : undefined;

  const systems: [string, SystemConfig][] = [];
  for (const [key, value] of Object.entries(entries)) {
    const plan = plans.find(({ system }) => `${namespace}${system}` === key);
    if (plan) {
      const parsed = parseSystem(value, plan, environment, layer);
      problems.push(...parsed.problems);
      if (parsed.system) systems.push([plan.system, parsed.system]);
    } else if (!ownKeys.some((name) => `${namespace}${name}` === key)) problems.push(...strayKey(key, plans));
  }
  if (problems.length > 0 || !environment || !layer) return { problems };
  const { time = 1, size = 1 } = scale ?? {};
  return {
    config: {
      environment,
      layer,
      scale: { time, size },
      ...(certificate === undefined ? {} : { certificate }),
      handover: handover ?? {},
      ...(monitoring.value && { monitoring: monitoring.value }),
      ...(database && { database }),
      systems: Object.fromEntries(systems),
    },
  };
}

const ofPlatform = (key: string): Problem => ({
  path: [key],
  message: "belongs into the platform layer's stack file: it changes what the platform guards",
});

function handoverProblems(
  handover: Readonly<Record<string, string>>,
  layer: Layer | undefined,
  plans: readonly Plan[],
): Problem[] {
  const path = ["rampart:handover"];
  const systems: readonly string[] = plans.map(({ system }) => system);
  if (layer === "systems" && Object.keys(handover).length > 0) {
    return [ofPlatform("rampart:handover")];
  }
  const own = Object.entries(handover).filter(([, namespace]) => systems.includes(namespace));
  return [
    ...unknownKeys(handover, systems, path),
    ...own.map(([system, namespace]) => ({
      path: [...path, system],
      message: `${namespace} is a namespace of Rampart's own; name the one where ${system} is served meanwhile`,
    })),
  ];
}

function strayKey(key: string, plans: readonly Plan[]): Problem[] {
  const allowed = [...ownKeys, ...plans.map(({ system }) => system)];
  const hints = (name: string) => {
    const nearest = nearestWord(name, allowed);
    return {
      aboutKey: true as const,
      allowed,
      ...(nearest === undefined ? {} : { nearest: `${namespace}${nearest}` }),
    };
  };
  if (key.startsWith(namespace)) {
    const name = key.slice(namespace.length);
    return [{ path: [key], message: "is an unknown key: neither a system nor a setting", ...hints(name) }];
  }
  if (key.includes(":")) return []; // another namespace's
  return [{ path: [key], message: "is an unknown key: it has no namespace", ...hints(key) }];
}

function scaleProblems(scale: Partial<Scale>, environment: Environment): Problem[] {
  const path = ["rampart:scale"];
  if (scale.time !== undefined && environment !== "rehearsal") {
    const message = `is for a rehearsal only; in ${environment} the plan's times hold`;
    return [{ path: [...path, "time"], message }];
  }
  return [];
}
