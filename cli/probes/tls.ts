import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { doorFor, type Measured, type Probe, type Target } from "./model.ts";

/** What a door shows of itself before anybody has asked for anything. */
export interface Handshake {
  readonly protocol: string;
  /** Why nobody should believe the certificate; absent where everybody may. */
  readonly problem: string | undefined;
  readonly isSelfSigned: boolean;
  readonly subject: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** Shakes hands by a protocol that was given up years ago, too. */
  readonly takesOld: boolean;
}

const timeoutMs = 5_000;

function shake(address: string, more: ConnectionOptions): Promise<TLSSocket> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[|\]$/g, "");
  const name = isIP(host) ? {} : { servername: host };
  // Whatever is wrong is reported, not thrown: an invalid certificate has a date and an issuer, too.
  const options = { host, port: Number(address.slice(at + 1)), ...name, rejectUnauthorized: false, ...more };
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => resolve(socket));
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no handshake within ${timeoutMs / 1000} s`)));
    socket.on("error", reject);
  });
}

export async function shakeHands({ address, authority }: NonNullable<Target["door"]>): Promise<Handshake> {
  const socket = await shake(address, authority === undefined ? {} : { ca: readFileSync(authority) });
  const leaf = socket.getPeerCertificate(true);
  const handshake = {
    protocol: socket.getProtocol() ?? "none",
    problem: socket.authorized ? undefined : String(socket.authorizationError),
    isSelfSigned: leaf.issuerCertificate?.fingerprint256 === leaf.fingerprint256,
    ...{ subject: nameOf(leaf.subject), issuer: nameOf(leaf.issuer), expires: Date.parse(leaf.valid_to) / 1000 },
  };
  socket.destroy();
  // The lowest level of security, or our own side would be the one that refuses.
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const taken = await shake(address, old).catch(() => undefined);
  taken?.destroy();
  return { ...handshake, takesOld: taken !== undefined };
}

const nameOf = (name: { CN?: string | string[]; O?: string | string[] } | undefined): string =>
  String(name?.CN ?? name?.O ?? "nobody");

/** Whoever renews needs a while for it. */
const fewestDays = 14;

export function judgeHandshake(seen: Handshake, now: number): Measured {
  const days = Math.floor((seen.expires - now) / 86_400);
  const faults = [
    ...(seen.problem ? [`the certificate isn't to be believed (${seen.problem})`] : []),
    ...(seen.isSelfSigned ? ["it has signed itself"] : []),
    ...(days < fewestDays ? [`it expires in ${days} days, ${fewestDays} have to be left`] : []),
    ...(/^TLSv1\.[23]$/.test(seen.protocol) ? [] : [`it speaks ${seen.protocol}`]),
    ...(seen.takesOld ? ["it also takes TLS 1.1 or older"] : []),
  ];
  const about = `${seen.protocol}, ${seen.subject} signed by ${seen.issuer}, ${days} days left`;
  return {
    holds: faults.length === 0,
    said: faults.length === 0 ? about : `${faults.join(", ")} (${about})`,
    figures: { protocol: seen.protocol, subject: seen.subject, issuer: seen.issuer, "days-left": days },
  };
}

const items = ["SEC-03"];

export const tlsProbe: Probe = {
  id: "tls",
  what: "a handshake at the door: protocol, chain, name, expiry, and that older protocols are refused",
  items,
  needsDoor: true,
  async measure(target) {
    const door = doorFor("tls", target);
    try {
      return [{ items, ...judgeHandshake(await shakeHands(door), Date.now() / 1000) }];
    } catch (error) {
      const said = `no handshake with ${door.address}: ${(error as Error).message}`;
      return [{ items, holds: false, said, figures: {} }];
    }
  },
};
