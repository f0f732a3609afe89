import type { ClockedApi } from "../live/api.ts";
import { type Deployment, runsEverywhere } from "../live/deployment.ts";
import { drain } from "../live/drain.ts";
import { evidenceLabel, logKey, logMetadata, logPath, newMapPath, parseLog } from "../live/evidence.ts";
import { LiveError } from "../live/live-error.ts";
import { listPath, objectPath, planPath, plansPath, rolloutPath, rolloutsPath } from "../live/paths.ts";
import { type Lists, listsOf, madeOnce, readLive, readRollout } from "../live/read.ts";
import { type Listed, Watched } from "../live/watched.ts";
import { parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
import { effectiveOf, isMirrored, isProgrammed, type Route, segmentsOf } from "../rollout/verdict/effective.ts";
import { instantOf } from "../rollout/verdict/model.ts";
import { type ClusterPort, Overtaken } from "./ports.ts";

interface ConfigMaps {
  items: { metadata: { name: string }; data?: Record<string, string> }[];
}

/** Who may sign as what; only the platform writes it. */
const signersPath = objectPath("v1", "configmaps", "rampart-system", "allowed-signers");

interface StoredMap {
  metadata: { resourceVersion: string };
  data?: Record<string, string>;
}

const nothing = 404;
/** Written by somebody else meanwhile, or there already. */
const conflict = 409;

const routesPath = "/apis/gateway.networking.k8s.io/v1/httproutes";
type NamedRoute = Route & { readonly metadata: { readonly namespace: string; readonly name: string } };

const byName = ({ items }: Listed): ReadonlyMap<string, NamedRoute> =>
  new Map((items as NamedRoute[]).map((route) => [`${route.metadata.namespace}/${route.metadata.name}`, route]));

/** All that ask at one moment get one answer, which was asked for after that moment. */
function together<T>(ask: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | undefined;
  return () => {
    next ??= Promise.resolve().then(() => {
      next = undefined;
      return ask();
    });
    return next;
  };
}

async function overtaken<T>(write: Promise<T>): Promise<T> {
  return write.catch((error: unknown) => {
    if (error instanceof LiveError && error.status === conflict) throw new Overtaken(error.message);
    throw error;
  });
}

/** What is looked at again and again is told by the API server when it changes. */
export function watchedLists(api: ClockedApi): Lists {
  const kinds = new Map([rolloutsPath, plansPath, routesPath].map((path) => [path, new Watched(api, path)]));
  return (path) => kinds.get(path)!.list();
}

/** A cluster by its API. */
export function clusterOf(api: ClockedApi, list: Lists = listsOf(api)): ClusterPort {
  const write = async (namespace: string, patch: object[]): Promise<void> => {
    await overtaken(api.patch(`${rolloutPath(namespace)}/status`, "json", patch));
  };
  const stillTheSame = (resourceVersion: string) => ({
    op: "replace",
    path: "/metadata/resourceVersion",
    value: resourceVersion,
  });
  const routes = together(async () => {
    const listed = (await list(routesPath)) ?? { items: [] };
    return madeOnce(listed, () => byName(listed));
  });
  return {
    systems: () => readLive(api, list),
    rollout: (namespace) => readRollout(api, namespace),

    async exposed(namespace, { spec }) {
      const route = (await routes()).get(`${namespace}/${spec.system}`);
      return (
        route && {
          effective: effectiveOf(route, spec.system, segmentsOf({ spec })),
          isProgrammed: isProgrammed(route),
          isMirrored: isMirrored(route),
        }
      );
    },

    writeStatus: (namespace, { resourceVersion }, status) =>
      write(namespace, [stillTheSame(resourceVersion), { op: "add", path: "/status", value: status }]),

    latch: (namespace, { resourceVersion, status }, aborted, verdict) =>
      write(namespace, [
        stillTheSame(resourceVersion),
        ...(status.observedStep === 0 ? [{ op: "add", path: "/status", value: {} }] : []),
        { op: "add", path: "/status/aborted", value: aborted },
        { op: "add", path: "/status/verdict", value: verdict },
      ]),

    drain: async (namespace, actions) =>
      (await drain(api, namespace, actions)).flatMap(({ action, error }) => (error ? [`${action}: ${error}`] : [])),

    async runsEverywhere(namespace, system, artifact) {
      const path = objectPath("apps/v1", "deployments", namespace, `${system}-stable`);
      const stable = (await api.get(path)) as Deployment | undefined;
      return stable === undefined || runsEverywhere(stable, artifact);
    },

    async recordSettled(namespace, settled) {
      await api.patch(`${planPath(namespace)}/status`, "merge", { status: { settled } });
    },

    /** Signed files, as the program puts them there: a ConfigMap may hold several. */
    async signed(namespace) {
      const path = `${listPath("v1", "configmaps", namespace)}?labelSelector=${evidenceLabel}`;
      const [maps, signers] = (await Promise.all([api.get(path), api.get(signersPath)])) as [
        ConfigMaps | undefined,
        ConfigMaps["items"][number] | undefined,
      ];
      const files = (maps?.items ?? []).flatMap(({ metadata, data = {} }) =>
        Object.entries(data).map(([key, text]) => ({ file: `${metadata.name}/${key}`, text })),
      );
      return { files, signers: parseAllowedSigners(signers?.data?.allowed_signers ?? "") };
    },

    async readLog(system, attempt) {
      const found = (await api.get(logPath(system, attempt))) as StoredMap | undefined;
      return { entries: parseLog(found?.data?.[logKey]), version: found?.metadata.resourceVersion };
    },

    async writeLog(system, attempt, { entries, version }) {
      const text = JSON.stringify(entries);
      const data = { [logKey]: text };
      const patch = [stillTheSame(version ?? ""), { op: "add", path: `/data/${logKey}`, value: text }];
      const metadata = logMetadata(system, attempt);
      const written = await overtaken(
        version === undefined
          ? api.create(newMapPath, { apiVersion: "v1", kind: "ConfigMap", metadata, data })
          : api.patch(logPath(system, attempt), "json", patch),
      );
      return (written as StoredMap).metadata.resourceVersion;
    },

    async tell(namespace, { name, reason, message, isWarning }) {
      const at = instantOf(api.now());
      const event = {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name, namespace },
        type: isWarning ? "Warning" : "Normal",
        ...{ reason, message: message.slice(0, 1000), action: reason, reportingComponent: "rampart.dev/analyzer" },
        ...{ source: { component: "rampart-analyzer" }, firstTimestamp: at, lastTimestamp: at, count: 1 },
        involvedObject: { apiVersion: "rampart.dev/v1alpha1", kind: "Rollout", name: "rollout", namespace },
      };
      await api.create(`/api/v1/namespaces/${namespace}/events`, event).catch((error: unknown) => {
        if (!(error instanceof LiveError) || ![conflict, nothing].includes(error.status ?? 0)) throw error;
      });
    },
  };
}
