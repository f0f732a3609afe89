import { randomBytes } from "node:crypto";
import type { Bucket } from "../../rollout/postgres/bucket.ts";
import { certificate } from "./objects.ts";

const [name, bucket, port] = ["s3", "backups", 7070];
const [tlsSecret, login] = ["s3-tls", "s3-login"];

/** The server, to be had before its image is asked for. */
export const s3Server = "versitygw";

interface Place {
  readonly namespace: string;
  apply(...objects: { metadata: object }[]): Promise<void>;
  kubectl(...args: string[]): Promise<string>;
}

/** A server that speaks as S3 does, in the test's namespace, and its one bucket, which is empty. */
export async function emptyBucket(space: Place, image: string): Promise<Omit<Bucket, "role">> {
  const [key, secret, passphrase] = [16, 32, 32].map((bytes) => randomBytes(bytes).toString("hex"));
  const tls = await certificate(space.namespace, tlsSecret, [], [name]);
  const fromLogin = (variable: string, of: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: login, key: of } },
  });
  const files = ["--cert", "/tls/tls.crt", "--key", "/tls/tls.key"];
  const container = {
    name,
    image,
    args: ["--port", `:${port}`, ...files, "posix", "/data"],
    env: [fromLogin("ROOT_ACCESS_KEY", "key"), fromLogin("ROOT_SECRET_KEY", "key-secret")],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    volumeMounts: [
      { name: "tls", mountPath: "/tls" },
      { name: "data", mountPath: "/data" },
      { name: "bucket", mountPath: `/data/${bucket}` },
    ],
  };
  const spec = {
    securityContext: { runAsNonRoot: true, fsGroup: 65532, seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: 0,
    containers: [container],
    volumes: [
      { name: "tls", secret: { secretName: tlsSecret } },
      { name: "data", emptyDir: {} },
      { name: "bucket", emptyDir: {} },
    ],
  };
  const object = (kind: string, of: string, more: object) => {
    const metadata = { name: of, labels: { app: of } };
    return { apiVersion: "v1", kind, metadata, ...more };
  };
  await space.apply(
    tls,
    object("Secret", login, { stringData: { key, "key-secret": secret, passphrase } }),
    object("Pod", name, { spec }),
    object("Service", name, { spec: { selector: { app: name }, ports: [{ port }] } }),
  );
  await space.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s");
  return {
    ...{ name: bucket, prefix: "test", region: "us-east-1", uriStyle: "path" },
    endpoint: `${name}.${space.namespace}.svc:${port}`,
    ca: tls.stringData["ca.crt"],
    addresses: ["10.244.0.0/16"],
    secret: login,
  };
}
