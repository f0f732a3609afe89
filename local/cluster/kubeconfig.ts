import { readFile, rm, writeFile } from "node:fs/promises";
import { findCluster, knownClusters, readRecord } from "./cluster.ts";
import { type Component, type Dirs, type Identity, identities, mergedKubeconfig, nodeAddress } from "./layout.ts";
import { type KeyPair, Pki } from "./pki.ts";

export const serverOf = (slot: number): string => `https://${nodeAddress(slot)}:6443`;

/** One context: a certificate holder at an API server. */
export interface Context {
  readonly name: string;
  readonly server: string;
  readonly ca: string;
  readonly pair: KeyPair;
}

async function render(contexts: readonly Context[], current: string): Promise<string> {
  const base64 = async (file: string): Promise<string> => (await readFile(file)).toString("base64");
  const entries = await Promise.all(
    contexts.map(async ({ name, server, ca, pair }) => ({
      cluster: { name, cluster: { server, "certificate-authority-data": await base64(ca) } },
      user: {
        name,
        user: { "client-certificate-data": await base64(pair.cert), "client-key-data": await base64(pair.key) },
      },
      context: { name, context: { cluster: name, user: name } },
    })),
  );
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: entries.map((entry) => entry.cluster),
    users: entries.map((entry) => entry.user),
    contexts: entries.map((entry) => entry.context),
    "current-context": current,
  });
}

const write = async (file: string, contexts: readonly Context[]): Promise<void> =>
  writeFile(file, await render(contexts, contexts[0]?.name ?? ""), { mode: 0o600 });

/** A kubeconfig of its own for everyone who talks to the API server. */
export async function writeKubeconfigs(
  where: Dirs,
  server: string,
  ca: string,
  pairs: ReadonlyMap<Identity | Component, KeyPair>,
): Promise<void> {
  for (const [who, pair] of pairs) await write(where.kubeconfig(who), [{ name: who, server, ca, pair }]);
}

/** The kubeconfig that people and Pulumi use: a context `<cluster>-<identity>` for each cluster that runs. */
export async function refreshMergedKubeconfig(): Promise<void> {
  const contexts: Context[] = [];
  for (const name of await knownClusters()) {
    const cluster = await findCluster(name);
    if (!cluster || (await readRecord(cluster.where))?.isThrowAway) continue;
    const pki = await Pki.open(cluster.where.pki);
    for (const who of Object.keys(identities) as Identity[]) {
      contexts.push({ name: `${name}-${who}`, server: serverOf(cluster.slot), ca: pki.ca.cert, pair: pki.pair(who) });
    }
  }
  if (contexts.length > 0) await write(mergedKubeconfig, contexts);
  else await rm(mergedKubeconfig, { force: true });
}
