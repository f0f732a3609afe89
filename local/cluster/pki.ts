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
const extensions = (...all: readonly string[]): string[] => all.flatMap((each) => ["-addext", each]);
/** Clients that verify strictly refuse an authority without a key usage; key identifiers are openssl's default. */
const authority = extensions("keyUsage=critical,keyCertSign,cRLSign");
/** What is issued must not issue in turn. */
const endEntity = extensions("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature");

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
      const about = ["-days", days, "-subj", "/CN=rampart-local", ...authority];
      await exec("openssl", ["req", "-x509", ...newKey, ...about, "-keyout", pki.ca.key, "-out", pki.ca.cert]);
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
    const isServer = alternativeNames.length > 0;
    const usage = extensions(`extendedKeyUsage=clientAuth${isServer ? ",serverAuth" : ""}`);
    const names = isServer ? extensions(`subjectAltName=${alternativeNames.join(",")}`) : [];
    const about = ["-days", days, "-subj", subject, ...endEntity, ...usage, ...names];
    const signer = ["-CA", this.ca.cert, "-CAkey", this.ca.key];
    await exec("openssl", ["req", "-x509", ...signer, ...newKey, ...about, "-keyout", pair.key, "-out", pair.cert]);
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
