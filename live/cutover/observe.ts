import { request } from "node:https";
import type { ClusterSeen, MemberSeen, Seen } from "../../rollout/postgres/cutover.ts";
import { type Half, halvesOf, isToldToFollow, type Pair, routesOf } from "../../rollout/postgres/pair.ts";
import { restPort } from "../../rollout/postgres/patroni.ts";
import type { Api } from "../api.ts";
import { LiveError } from "../live-error.ts";
import { objectPath } from "../paths.ts";
import type { Pools } from "./pools.ts";

interface Live {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}
interface Pods {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly status: { podIP?: string } }[];
}
interface Routed {
  readonly spec: { readonly selector: Readonly<Record<string, string>> };
}

/** What all members of a cluster agree on, and that it is told. */
export const agreedPath = (namespace: string, scope: string): string =>
  objectPath("v1", "configmaps", namespace, `${scope}-config`);
/** The Services that lead clients to the one that leads. */
export const routePaths = (pair: Pair): string[] =>
  pair.clusters.flatMap(({ scope }) =>
    routesOf(pair).map((role) => objectPath("v1", "services", pair.namespace, `${scope}-${role}`)),
  );
/** Who holds a cluster's lock. */
export const lockPath = (namespace: string, scope: string): string =>
  objectPath("v1", "configmaps", namespace, `${scope}-leader`);

/** Undefined where there is no such cluster. */
export async function agreedBy(api: Api, namespace: string, scope: string): Promise<object | undefined> {
  const found = (await api.get(agreedPath(namespace, scope))) as Live | undefined;
  return found && JSON.parse(found.metadata.annotations?.config ?? "{}");
}

/** The pods with a label's value, by their addresses. */
export async function addressesOf(api: Api, namespace: string, selector: string): Promise<[string, string][]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
  const { items } = (await api.get(path)) as Pods;
  return items.flatMap(({ metadata, status }) => (status.podIP ? [[metadata.name, status.podIP]] : []));
}

/** Undefined while one of the two isn't there: then there is nothing to move. */
export async function look(api: Api, pair: Pair, pools: Pools, ca: string): Promise<Seen | undefined> {
  const { leading, following } = halvesOf(pair);
  const [coming, going, isRouted] = await Promise.all([
    lookAt(api, pair.namespace, leading, ca),
    lookAt(api, pair.namespace, following, ca),
    isRoutedTo(api, pair),
  ]);
  if (!coming || !going) return undefined;
  // While neither leads every moment counts, and the pools are asked for nothing.
  const isBetween = coming.isToldToFollow && going.isToldToFollow;
  return { coming, going, isRouted, pools: isBetween ? "paused" : await pools.state() };
}

async function lookAt(api: Api, namespace: string, half: Half, ca: string): Promise<ClusterSeen | undefined> {
  const { scope } = half;
  const [agreed, lock, pods] = await Promise.all([
    agreedBy(api, namespace, scope),
    api.get(lockPath(namespace, scope)) as Promise<Live | undefined>,
    addressesOf(api, namespace, `application=patroni,cluster-name=${scope}`),
  ]);
  if (!agreed) return undefined;
  const answers = await Promise.all(
    pods.map(async ([name, address]) => {
      const answer = await ask(address, `${name}.${scope}.${namespace}.svc`, ca).catch(() => undefined);
      return { name, answer };
    }),
  );
  const holder = lock?.metadata.annotations?.leader;
  return {
    scope,
    size: half.members,
    isToldToFollow: isToldToFollow(agreed),
    holder,
    end: endOf(answers.find(({ name }) => name === holder)?.answer),
    members: answers.map(({ name, answer }) => memberOf(name, answer)).filter((member) => member !== undefined),
  };
}

async function isRoutedTo(api: Api, pair: Pair): Promise<boolean> {
  const routes = await Promise.all(routePaths(pair).map((path) => api.get(path)));
  return routes.every((route) => !route || (route as Routed).spec.selector["cluster-name"] === pair.leads);
}

/** As Patroni answers for its server; a server that is on its way up or down has no position. */
interface Answer {
  readonly role: string;
  readonly state: string;
  readonly replication_state?: string;
  /** Those that stream from it. */
  readonly replication?: readonly { readonly sync_state: string }[];
  readonly xlog?: Readonly<Record<"location" | "received_location" | "replayed_location", number | undefined>>;
}

function memberOf(name: string, answer: Answer | undefined): MemberSeen | undefined {
  if (!answer?.xlog || answer.state !== "running") return undefined;
  const { location, received_location, replayed_location } = answer.xlog;
  return {
    name,
    isPrimary: location !== undefined,
    isStreaming: answer.replication_state === "streaming",
    wal: Math.max(location ?? 0, received_location ?? 0, replayed_location ?? 0),
    isCopied: answer.replication?.some(({ sync_state }) => ["sync", "quorum"].includes(sync_state)) ?? false,
  };
}

/** A server that took writes has this role once it has been stopped. */
function endOf(answer: Answer | undefined): ClusterSeen["end"] {
  if (answer?.state === "stopping") return "begun";
  return answer?.role === "demoted" && answer.state !== "stop failed" ? "over" : "none";
}

function ask(host: string, servername: string, ca: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port: restPort, path: "/patroni", servername, ca, timeout: 2000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new LiveError(`${servername}: nothing within 2 s`)));
    sent.on("error", reject);
    sent.end();
  });
}
