import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pki } from "../../../local/cluster/pki.ts";
import { exec } from "../../../local/exec.ts";

describe("a cluster's certificates", () => {
  let pki: Pki;
  before(async () => {
    pki = await Pki.open(await mkdtemp(join(tmpdir(), "rampart-pki-")));
  });
  after(() => rm(pki.dir, { recursive: true }));

  it("satisfy clients that verify strictly, such as Python's", async () => {
    const server = await pki.issue("server", "/CN=server", ["DNS:server.example", "IP:10.0.0.1"]);
    const client = await pki.issue("client", "/CN=client");
    const verify = ["verify", "-x509_strict", "-CAfile", pki.ca.cert];
    await exec("openssl", [...verify, "-purpose", "sslserver", "-verify_hostname", "server.example", server.cert]);
    await exec("openssl", [...verify, "-purpose", "sslclient", client.cert]);
    await assert.rejects(exec("openssl", [...verify, "-verify_hostname", "other.example", server.cert]), /mismatch/);
  });

  it("don't make their holders authorities", async () => {
    const { cert } = await pki.issue("holder", "/CN=holder");
    const said = await exec("openssl", ["x509", "-in", cert, "-noout", "-ext", "basicConstraints,keyUsage"]);
    assert.match(said, /CA:FALSE/);
    assert.doesNotMatch(said, /Certificate Sign/);
  });
});
