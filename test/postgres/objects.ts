import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pki } from "../../local/cluster/pki.ts";

export const scope = "demo";
/** The other cluster with the same data. */
export const successor = "next";
export const members = 3;
const namesOf = (of: string): string[] => Array.from({ length: members }, (_, index) => `${of}-${index}`);
export const memberNames = namesOf(scope);
export const tlsSecret = "demo-tls";
const hostsOf = (of: string): string[] => namesOf(of).map((name) => `${name}.${of}`);

type Applied = { metadata: object };

/** A pod that may do nothing but write to its own folder and to the database. */
export async function writer(image: string, patience: number): Promise<Applied[]> {
  const script = await readFile(join(import.meta.dirname, "writer.py"), "utf8");
  const container = {
    name: "writer",
    image,
    command: ["python3", "/writer/writer.py"],
    env: [
      { name: "SCOPE", value: scope },
      { name: "PATIENCE", value: String(patience) },
      { name: "MEMBERS", value: [scope, successor].flatMap(hostsOf).join(",") },
      { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: `${scope}-passwords`, key: "app" } } },
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
      { name: "tls", secret: { secretName: tlsSecret, items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ],
  };
  const metadata = { name: "writer" };
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "writer.py": script } };
  return [config, { apiVersion: "v1", kind: "Pod", metadata, spec } as Applied];
}

/** Of an authority of its own, for the names that clients use. */
export async function certificate(namespace: string): Promise<Applied> {
  const folder = await mkdtemp(join(tmpdir(), "rampart-postgres-"));
  try {
    const pki = await Pki.open(folder);
    const names = [
      `*.restored.${namespace}.svc`,
      ...["primary", "pooler"].map((each) => `restored-${each}.${namespace}.svc`),
      ...[scope, successor].map((each) => `*.${each}.${namespace}.svc`),
      ...[scope, successor].flatMap((of) =>
        ["backup", "pooler", "primary", "replica"].map((each) => `${of}-${each}.${namespace}.svc`),
      ),
    ];
    const { cert, key } = await pki.issue(
      "postgres",
      "/CN=postgres",
      names.map((name) => `DNS:${name}`),
    );
    const read = (file: string): Promise<string> => readFile(file, "utf8");
    const stringData = { "tls.crt": await read(cert), "tls.key": await read(key), "ca.crt": await read(pki.ca.cert) };
    return { apiVersion: "v1", kind: "Secret", metadata: { name: tlsSecret }, stringData } as Applied;
  } finally {
    await rm(folder, { recursive: true });
  }
}
