import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routerConfig, startRouter } from "../../../rollout/postgres/router.ts";
import { good } from "./fixture.ts";

const members = ["demo-0", "demo-1"].map((name) => ({ name, host: `${name}.demo.data.svc` }));
const config = routerConfig(members, good.readiness);

describe("the router to the leader", () => {
  it("asks each member whether it leads, verifies who answers, and keeps nobody at a leader of old", () => {
    assert.match(config, /listen primary\n {2}bind :5432\n(.*\n)? {2}option httpchk OPTIONS \/primary\n/);
    assert.match(config, /listen replica\n {2}bind :5433\n(.*\n)? {2}option httpchk OPTIONS \/replica\?/);
    assert.match(config, /default-server check check-ssl verify required ca-file \/tls\/ca\.crt port 8008 /);
    assert.match(config, / on-marked-down shutdown-sessions /);
    assert.equal(config.match(/verifyhost demo-1\.demo\.data\.svc /g)?.length, 2);
  });

  it("takes a member that doesn't answer for one that doesn't lead before its lock ends", () => {
    const [, inter, fall] = /inter (\d+)s .* fall (\d+) /.exec(config)!;
    assert.ok(Number(inter) * Number(fall) < good.timings.ttl);
  });

  it("learns the domain of short names from where a pod has it, and knows none elsewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "rampart-router-"));
    const file = join(folder, "resolv.conf");
    const script = startRouter.replace("/etc/resolv.conf", file).replace(/exec .*/, 'printf %s "$DOMAIN"');
    const domainIn = (text: string): string => {
      writeFileSync(file, text);
      return execFileSync("sh", ["-euc", script], { encoding: "utf8" });
    };
    const inPod = "search data.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\n";
    assert.equal(domainIn(inPod), ".cluster.local");
    assert.equal(domainIn("nameserver 127.0.0.11\nsearch example.org\noptions ndots:0\n"), "");
    rmSync(folder, { recursive: true });
  });
});
