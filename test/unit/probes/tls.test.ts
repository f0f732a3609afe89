import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { judgeHandshake, shakeHands, tlsProbe } from "../../../cli/probes/tls.ts";
import { exec } from "../../../local/exec.ts";

/** Real certificates and real handshakes, on loopback. */
describe("the probe of the door", function () {
  this.timeout(60_000);
  let folder: string;
  const servers: Server[] = [];
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => exec("openssl", args, { cwd: folder });

  async function makeCertificate(
    name: string,
    subject: string,
    days: number,
    by: "authority" | undefined,
  ): Promise<void> {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", `${name}.key`];
    const extensions = ["-addext", "subjectAltName=IP:127.0.0.1"];
    if (!by) {
      await openssl(
        "req",
        "-x509",
        ...key,
        ...extensions,
        "-subj",
        subject,
        "-days",
        String(days),
        "-out",
        `${name}.crt`,
      );
      return;
    }
    await openssl("req", ...key, ...extensions, "-subj", subject, "-out", `${name}.csr`);
    writeFileSync(file("san"), `subjectAltName=${name === "foreign" ? "DNS:elsewhere.example" : "IP:127.0.0.1"}\n`);
    const signed = [
      "-CA",
      `${by}.crt`,
      "-CAkey",
      `${by}.key`,
      "-CAcreateserial",
      "-extfile",
      "san",
      "-days",
      String(days),
    ];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
  }

  async function serve(name: string, more: TlsOptions = {}): Promise<string> {
    const options = { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.crt`)), ...more };
    const server = createServer(options, (socket) => socket.on("error", () => undefined));
    server.on("tlsClientError", () => undefined);
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const now = (days = 0): number => Date.now() / 1000 + days * 86_400;
  const look = async (name: string, more?: TlsOptions, at = now()) =>
    judgeHandshake(await shakeHands({ address: await serve(name, more), authority: file("authority.crt") }), at);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tls-"));
    await makeCertificate("authority", "/CN=authority", 90, undefined);
    await makeCertificate("good", "/CN=door", 60, "authority");
    await makeCertificate("foreign", "/CN=other door", 60, "authority");
    await makeCertificate("own", "/CN=own", 60, undefined);
  });
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  it("takes a chain to an authority, the right name, days left and a modern protocol", async () => {
    const { holds, said, figures } = await look("good");
    assert.ok(holds, said);
    assert.deepEqual(figures, { protocol: "TLSv1.3", subject: "door", issuer: "authority", "days-left": 59 });
    assert.ok((await look("good", { maxVersion: "TLSv1.2" })).holds);
  });

  it("refuses one that has signed itself, also where somebody trusts it", async () => {
    const door = { address: await serve("own"), authority: file("own.crt") };
    const { holds, said } = judgeHandshake(await shakeHands(door), now());
    assert.ok(!holds);
    assert.match(said, /^it has signed itself \(/);
    assert.match((await look("own")).said, /isn't to be believed \(.*SELF_SIGNED/);
  });

  it("refuses one for somebody else, and one that nobody knows", async () => {
    assert.match((await look("foreign")).said, /isn't to be believed \(.*ALTNAME/);
    const unknown = judgeHandshake(await shakeHands({ address: await serve("good") }), now());
    assert.match(unknown.said, /isn't to be believed/);
  });

  it("refuses one that is about to expire or has expired", async () => {
    assert.match((await look("good", {}, now(50))).said, /expires in 9 days, 14 have to be left/);
    assert.ok(!(await look("good", {}, now(61))).holds);
  });

  it("refuses a door that also takes what was given up years ago", async () => {
    const old = { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    assert.match((await look("good", old)).said, /it also takes TLS 1.1 or older/);
  });

  it("says that nobody was there, which proves nothing", async () => {
    const [found] = await tlsProbe.measure({ door: { address: "127.0.0.1:1" } } as never);
    assert.equal(found!.holds, false);
    assert.match(found!.said, /no handshake with 127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
