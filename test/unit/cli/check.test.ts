import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec } from "../../../local/exec.ts";
import { root } from "../../../local/paths.ts";
import { liveAt, wishFor } from "../../policy/rollouts.ts";

describe("rampart check", function () {
  this.timeout(120_000);
  let server: Server;
  let folder: string;
  let phase = "full";
  let startedAt = "2026-03-01T09:00:00Z";
  /** What Prometheus says of a query. */
  let answer: (query: string) => string | undefined = () => undefined;

  const rollout = () => {
    const { spec, status } = liveAt(wishFor(phase));
    return { metadata: { namespace: "wdbx", uid: "r" }, spec, status: { ...status, phase, phaseStartedAt: startedAt } };
  };
  const respond = (url: URL): object => {
    const query = url.searchParams.get("query");
    if (query === null) return { items: url.pathname.endsWith("/rollouts") ? [rollout()] : [] };
    const value = answer(query);
    const result = value === undefined ? [] : [{ metric: { system: "wdbx" }, value: [1, value] }];
    return { status: "success", data: { result } };
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "check-"));
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await exec("openssl", [...made, "-subj", "/CN=127.0.0.1", "-days", "1", "-keyout", key, "-out", cert]);
    server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      response.end(JSON.stringify(respond(new URL(request.url!, "https://x"))));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const cluster = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    writeFileSync(
      join(folder, "kubeconfig"),
      JSON.stringify({
        ...{ apiVersion: "v1", kind: "Config", clusters: [{ name: "c", cluster }], users: [{ name: "u", user: {} }] },
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      }),
    );
    writeFileSync(join(folder, "Pulumi.yaml"), "name: x\nruntime: nodejs\n");
    const { stable, artifact } = liveAt(wishFor("full")).spec;
    const own = `{ stable: "${stable}", artifact: "${artifact}", percent: 100 }`;
    writeFileSync(
      join(folder, "Pulumi.production.yaml"),
      `config:\n  kubernetes:context: c\n  rampart:environment: production\n  rampart:layer: systems\n  rampart:wdbx: ${own}\n`,
    );
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const check = async (...more: string[]): Promise<{ code: number; text: string }> => {
    const args = [join(root, "cli/rampart.ts"), "check", "wdbx", "--stack", "production", ...more];
    const env = { ...process.env, KUBECONFIG: join(folder, "kubeconfig"), NO_COLOR: "1" };
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        text += chunk;
      });
    const [code] = (await once(child, "close")) as [number];
    return { code, text };
  };
  /** Everything is as promised. */
  const good = (query: string): string =>
    /unhealthy|leak|process_start/.test(query) || query.includes("up{")
      ? "0"
      : query.includes("histogram")
        ? "0.5"
        : query.startsWith("1 - ")
          ? "0.999"
          : "3000";

  it("says what each figure was since everybody has it, and signs what it is enough for", async () => {
    answer = good;
    const key = join(folder, "signer");
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const { code, text } = await check("--at", "day-1", "--as", "pia@example.com", "--key", key);
    assert.equal(code, 0, text);
    assert.match(text, /throughput \(capacity\) +> 2500 +3000 +holds/);
    assert.match(text, /success \(success-ratio\) +> 0\.99 +0\.999 +holds/);
    const [file] = /\S+WDBX-POST-02-\S+\.json/.exec(text)!;
    const { statement } = JSON.parse(readFileSync(file, "utf8"));
    assert.deepEqual(
      [statement.result, statement.phase, statement.figures],
      ["passed", "day-1", { throughput: "3000" }],
    );
    assert.equal(statement.window.from, startedAt);
    assert.match(text, /checklist of day-1/);
  });

  it("ends with code 1 where a figure doesn't hold, and where nobody knows it", async () => {
    answer = (query) => (query.startsWith("1 - ") ? "0.9" : good(query));
    const bad = await check("--at", "day-1");
    assert.equal(bad.code, 1);
    assert.match(bad.text, /success \(success-ratio\) +> 0\.99 +0\.9 +does not hold/);
    answer = () => undefined;
    assert.match((await check("--at", "1d")).text, /capacity\) +> 2500 +no data +does not hold/);
  });

  it("says when it is due, and that there is nothing to look back at before 100 %", async () => {
    startedAt = `${new Date(Date.now() - 3_600_000).toISOString().slice(0, 19)}Z`;
    assert.match((await check("--at", "day-1")).text, /day-1 of wdbx is due in 2[23] h/);
    phase = "canary-50";
    assert.match((await check("--at", "day-1")).text, /wdbx isn't at 100 % in production/);
    assert.match((await check("--at", "day-9")).text, /there are: day-1 \(1d\), week-1 \(7d\), month-1 \(30d\)/);
  });
});
