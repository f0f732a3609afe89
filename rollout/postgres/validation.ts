import { walKeptMiB } from "./parameters.ts";
import type { ClusterRequest } from "./settings.ts";

const smallestWal = 256;
/** With less, the buffers, the WAL's and a dozen processes have no room. */
const smallestMemory = 256;
const mostMembers = 9;

/** Why a cluster can't be had as asked; nothing where it can. */
export function refusals(request: ClusterRequest): string[] {
  const { scope, members, timings, readiness, memoryMiB } = request;
  const { ttl, loopWait, retryTimeout } = timings;
  const found: string[] = [];
  if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(scope)) {
    found.push("scope: up to 40 lower-case letters, digits and dashes, beginning with a letter, are allowed");
  }
  if (!Number.isInteger(members) || members < 3 || members > mostMembers) {
    found.push(`members: got ${members}, allowed are 3 to ${mostMembers}: with fewer, one loss stops the quorum`);
  }
  if (memoryMiB < smallestMemory) found.push(`memoryMiB: got ${memoryMiB}, at least ${smallestMemory} is needed`);
  const left = walKeptMiB(request);
  if (left < smallestWal) {
    found.push(
      `volumeMiB: ${request.volumeMiB} leaves ${left} MiB for WAL beside ${request.dataMiB} MiB of data and a tenth free; ` +
        `at least ${Math.ceil((request.dataMiB + 2 * smallestWal) / 0.9)} is needed`,
    );
  }
  if (loopWait + 2 * retryTimeout > ttl) {
    found.push(
      `timings: loopWait + 2 × retryTimeout is ${loopWait + 2 * retryTimeout} s and must not exceed the ttl of ${ttl} s, ` +
        "or a leader that is well loses its lock while it tries again",
    );
  }
  const unseen = readiness.periodSeconds * readiness.failureThreshold;
  if (unseen >= ttl) {
    found.push(
      `readiness: period × threshold is ${unseen} s and must stay below the ttl of ${ttl} s, ` +
        "or a frozen leader is in its Service beside the new one",
    );
  }
  return [...found, ...versionRefusals(request), ...aliasRefusals(request)];
}

function versionRefusals({ postgresVersion, runningVersion }: ClusterRequest): string[] {
  if (runningVersion === undefined || runningVersion === postgresVersion) return [];
  const way = postgresVersion < runningVersion ? "a downgrade" : "an upgrade in place";
  return [
    `postgresVersion: ${runningVersion} runs and ${postgresVersion} is asked for; the data can't be read after ${way}: ` +
      "make a cluster beside it and move the data",
  ];
}

function aliasRefusals({ hostAliases }: ClusterRequest): string[] {
  const ips = hostAliases.map(({ ip }) => ip);
  return [...new Set(ips.filter((ip, index) => ips.indexOf(ip) !== index))].map(
    (ip) => `hostAliases: ${ip} is there twice, and an update would drop one; put all its hostnames into one entry`,
  );
}

/** Two clusters under one name would take each other's lock and be one cluster with two sets of data. */
export function sharedScopes(clusters: readonly Pick<ClusterRequest, "scope" | "namespace">[]): string[] {
  const names = clusters.map(({ scope, namespace }) => `${namespace}/${scope}`);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
    (name) => `scope: ${name} names two clusters; each needs its own, as it holds the leader's lock`,
  );
}
