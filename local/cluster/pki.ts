import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../exec.ts";
import { type Component, type Identity, identities, nodeName } from "./layout.ts";

/** A certificate and its key, as file paths. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const days = "3650";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A cluster's own certificate authority; made once, so that kubeconfigs stay good over restarts. */
export class Pki {
  readonly dir: string;
  private constructor(dir: string) {
    this.dir = dir;
  }

  static async open(dir: string): Promise<Pki> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const pki = new Pki(dir);
    if (!existsSync(pki.ca.cert)) {
      const output = ["-keyout", pki.ca.key, "-out", pki.ca.cert];
      await exec("openssl", ["req", "-x509", ...newKey, "-days", days, "-subj", "/CN=rampart-local", ...output]);
    }
    if (!existsSync(pki.serviceAccounts)) {
      await exec("openssl", ["genrsa", "-out", pki.serviceAccounts, "2048"]);
    }
    return pki;
  }

  get ca(): KeyPair {
    return this.pair("ca");
  }

  /** The key that signs the tokens of ServiceAccounts. */
  get serviceAccounts(): string {
    return join(this.dir, "service-accounts.key");
  }

  pair(name: string): KeyPair {
    return { cert: join(this.dir, `${name}.crt`), key: join(this.dir, `${name}.key`) };
  }

  /** Names who holds the certificate; with alternative names it is a server's and made anew each time. */
  async issue(name: string, subject: string, alternativeNames: readonly string[] = []): Promise<KeyPair> {
    const pair = this.pair(name);
    if (alternativeNames.length === 0 && existsSync(pair.cert)) return pair;
    const usage = `extendedKeyUsage=clientAuth${alternativeNames.length > 0 ? ",serverAuth" : ""}`;
    const names = alternativeNames.length > 0 ? ["-addext", `subjectAltName=${alternativeNames.join(",")}`] : [];
    const signer = ["-CA", this.ca.cert, "-CAkey", this.ca.key, "-days", days];
    const output = ["-keyout", pair.key, "-out", pair.cert];
    await exec("openssl", [
      "req",
      "-x509",
      ...signer,
      ...newKey,
      "-subj",
      subject,
      "-addext",
      usage,
      ...names,
      ...output,
    ]);
    return pair;
  }
}

const componentSubjects: Record<Component, string> = {
  "controller-manager": "/CN=system:kube-controller-manager",
  scheduler: "/CN=system:kube-scheduler",
  kubelet: `/O=system:nodes/CN=system:node:${nodeName}`,
  "kube-proxy": "/CN=system:kube-proxy",
};

export function subjectOf(who: Identity | Component): string {
  if (who in componentSubjects) return componentSubjects[who as Component];
  return `/O=${identities[who as Identity]}/CN=${who}`;
}
