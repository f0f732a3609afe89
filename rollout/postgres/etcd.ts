import { certificateName } from "./backups.ts";
import { memberHosts, memberName } from "./pair.ts";
import { tlsFolder } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";

/** A store of its own in which a cluster keeps its leader's lock and what its members agree on. */
export interface EtcdRequest {
  readonly members: number;
  readonly volumeMiB: number;
}

type Place = Pick<ClusterRequest, "scope" | "namespace">;

export const etcdClientPort = 2379;
export const etcdPeerPort = 2380;
/** How it is, to whoever asks: nothing of what it keeps. */
export const etcdHealthPort = 2381;
export const etcdFolder = "/data";

const allowedMembers = [3, 5, 7];
/** Its log takes six files of 64 MiB, and what it keeps is there twice while it is compacted. */
const smallestVolume = 1024;
const keptBytes = 256 * 1024 * 1024;

const [cert, key, ca] = ["tls.crt", "tls.key", "ca.crt"].map((file) => `${tlsFolder}/${file}`);

/** Why a cluster can't have such a store. */
export function etcdRefusals({ members, volumeMiB }: EtcdRequest, isInPair: boolean): string[] {
  const found: string[] = [];
  if (!allowedMembers.includes(members)) {
    const why =
      members % 2 === 0 ? `${members} survive no more losses than ${members - 1}, and more can be lost; ` : "";
    found.push(`etcd.members: got ${members}; ${why}allowed are ${allowedMembers.join(", ")}`);
  }
  if (volumeMiB < smallestVolume) {
    found.push(`etcd.volumeMiB: got ${volumeMiB}, at least ${smallestVolume} is needed`);
  }
  if (isInPair) {
    found.push(
      "etcd: the lead goes from one cluster to another by objects of the API server, where this one has none; " +
        "leave out etcd, or lead",
    );
  }
  return found;
}

/** As it is known beside its cluster: in its objects, its pods' names and its certificate. */
export const etcdScope = (scope: string): string => `${scope}-etcd`;

export const etcdHosts = ({ scope, namespace }: Place, { members }: Pick<EtcdRequest, "members">): string[] =>
  memberHosts({ scope: etcdScope(scope), members }, namespace);

/** A member of a store, as it names itself, and where all of them are. */
export interface EtcdMember {
  readonly name: string;
  readonly host: string;
  readonly hosts: readonly string[];
  /** Only those who say the same are of one store. */
  readonly token: string;
}

/** Who speaks with it, another member or a client, has to have a certificate of the cluster's authority. */
export function etcdArguments({ name, host, hosts, token }: EtcdMember): string[] {
  const peers = hosts.map((each) => `${memberName(each)}=https://${each}:${etcdPeerPort}`);
  const settings = {
    name,
    "data-dir": `${etcdFolder}/etcd`,
    "listen-client-urls": `https://0.0.0.0:${etcdClientPort}`,
    "advertise-client-urls": `https://${host}:${etcdClientPort}`,
    "listen-peer-urls": `https://0.0.0.0:${etcdPeerPort}`,
    "initial-advertise-peer-urls": `https://${host}:${etcdPeerPort}`,
    "listen-metrics-urls": `http://0.0.0.0:${etcdHealthPort}`,
    "initial-cluster": peers.join(","),
    "initial-cluster-token": token,
    "initial-cluster-state": "new",
    "cert-file": cert,
    "key-file": key,
    "trusted-ca-file": ca,
    "client-cert-auth": true,
    "peer-cert-file": cert,
    "peer-key-file": key,
    "peer-trusted-ca-file": ca,
    "peer-client-cert-auth": true,
    // Who is called is verified by name; who calls has an address only, of which no certificate knows.
    "peer-skip-client-san-verification": true,
    "peer-cert-allowed-cn": certificateName,
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "quota-backend-bytes": keptBytes,
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}

/** For a member's own configuration, in place of what else would keep the lock. */
export const keptInEtcd = (hosts: readonly string[]): object => ({
  etcd3: { hosts: hosts.map((host) => `${host}:${etcdClientPort}`), protocol: "https", cacert: ca, cert, key },
});

/** Where Patroni looks for what its members agree on. */
const agreedKey = (scope: string): string => `/service/${scope}/config`;

/** What the script below is told; without anything agreed it only waits until something is. */
export const agreeEnvironment = (scope: string, hosts: readonly string[], agreed?: string): Record<string, string> => ({
  HOSTS: hosts.map((host) => `${host}:${etcdClientPort}`).join(","),
  NAME: agreedKey(scope),
  ...(agreed !== undefined && { AGREED: agreed }),
});

/** Writes down what the members agree on, or waits until that is done; members that run take it up within seconds. */
export const agreeScript = `import base64, http.client, json, os, ssl, sys, time, urllib.request
context = ssl.create_default_context(cafile="${ca}")
context.load_cert_chain("${cert}", "${key}")
encoded = lambda name: base64.b64encode(os.environ[name].encode()).decode()
tells = "AGREED" in os.environ
path, more = ("put", {"value": encoded("AGREED")}) if tells else ("range", {})
body = json.dumps({"key": encoded("NAME"), **more}).encode()
while True:
    for host in os.environ["HOSTS"].split(","):
        try:
            said = urllib.request.urlopen(f"https://{host}/v3/kv/{path}", data=body, timeout=5, context=context).read()
            if tells or json.loads(said).get("kvs"):
                sys.exit()
        except (OSError, http.client.HTTPException) as error:
            print(f"{host}: {error}", flush=True)
    time.sleep(1)
`;
