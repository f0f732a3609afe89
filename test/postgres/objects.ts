import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pki } from "../../local/cluster/pki.ts";

export const scope = "demo";
/** The other cluster with the same data. */
export const successor = "next";
export const members = 3;
export const namesOf = (of: string): string[] => Array.from({ length: members }, (_, index) => `${of}-${index}`);
export const memberNames = namesOf(scope);
export const tlsSecret = "demo-tls";
export const hostsOf = (of: string): string[] => namesOf(of).map((name) => `${name}.${of}`);

type Applied = { metadata: object };

/** Where the writer finds what it writes to, as names inside of its namespace. */
export interface Written {
  readonly pooler: string;
  readonly service: string;
  readonly replica: string;
  readonly members: readonly string[];
  readonly tlsSecret: string;
  readonly passwords: string;
}

/** One cluster under the name of the first, or both as long as there are two. */
export const both: Written = {
  ...{ pooler: `${scope}-pooler`, service: `${scope}-primary`, replica: `${scope}-replica` },
  members: [scope, successor].flatMap(hostsOf),
  ...{ tlsSecret, passwords: `${scope}-passwords` },
};

/** A pod that may do nothing but write to its own folder and to the database. */
export async function writer(image: string, patience: number, written = both): Promise<Applied[]> {
  const script = await readFile(join(import.meta.dirname, "writer.py"), "utf8");
  const container = {
    name: "writer",
    image,
    command: ["python3", "/writer/writer.py"],
    env: [
      { name: "POOLER", value: written.pooler },
      { name: "SERVICE", value: written.service },
      { name: "REPLICA", value: written.replica },
      { name: "PATIENCE", value: String(patience) },
      { name: "MEMBERS", value: written.members.join(",") },
      { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: written.passwords, key: "app" } } },
    ],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "script", mountPath: "/writer" },
      { name: "tls", mountPath: "/tls" },
    ],
  };
  const spec = {
    securityContext: { runAsNonRoot: true, fsGroup: 999, seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: 0,
    restartPolicy: "Never",
    containers: [container],
    volumes: [
      { name: "script", configMap: { name: "writer" } },
      { name: "tls", secret: { secretName: written.tlsSecret, items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ],
  };
  const metadata = { name: "writer" };
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "writer.py": script } };
  return [config, { apiVersion: "v1", kind: "Pod", metadata, spec } as Applied];
}

/** Of an authority of its own, for the names that clients use: of clusters, and of further Services. */
export async function certificate(
  namespace: string,
  name: string,
  scopes: readonly string[],
  services: readonly string[] = [],
): Promise<Applied & { readonly stringData: Readonly<Record<"tls.crt" | "tls.key" | "ca.crt", string>> }> {
  const folder = await mkdtemp(join(tmpdir(), "rampart-postgres-"));
  try {
    const pki = await Pki.open(folder);
    const ofScope = (of: string): string[] => [
      `*.${of}`,
      ...["backup", "pooler", "primary", "replica"].map((each) => `${of}-${each}`),
    ];
    const names = [...scopes.flatMap(ofScope), ...services].map((each) => `DNS:${each}.${namespace}.svc`);
    const { cert, key } = await pki.issue("postgres", "/CN=postgres", names);
    const read = (file: string): Promise<string> => readFile(file, "utf8");
    const stringData = { "tls.crt": await read(cert), "tls.key": await read(key), "ca.crt": await read(pki.ca.cert) };
    const about = { apiVersion: "v1", kind: "Secret", metadata: { name } };
    return { ...about, stringData };
  } finally {
    await rm(folder, { recursive: true });
  }
}
