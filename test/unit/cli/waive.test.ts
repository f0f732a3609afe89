import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waiversFor } from "../../../cli/signed.ts";
import { inProject, rampart } from "./run.ts";

const stack = "config:\n  rampart:environment: production\n  rampart:layer: platform\n";
const waiving = (...more: string[]) => [
  ...["waive", "KB-51", "--stack", "production-platform", "--resource", "gateway-gateway", "--key", "key"],
  ...["--reason", "the load balancer in front ends TLS", "--as", "cleo@example.com", "--role", "ciso", ...more],
];

/** A project with a key for Cleo, who may sign as what is said. */
const withKey = (roles: string, action: (directory: string) => void): void =>
  inProject({ "Pulumi.production-platform.yaml": stack }, (directory) => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(directory, "key")]);
    const publicKey = readFileSync(join(directory, "key.pub"), "utf8").trim();
    mkdirSync(join(directory, "evidence"));
    const line = `cleo@example.com namespaces="rampart-evidence" ${publicKey} roles=${roles}\n`;
    writeFileSync(join(directory, "evidence/allowed_signers"), line);
    action(directory);
  });

describe("rampart waive", function () {
  this.timeout(60_000);

  it("writes a waiver that counts, for one check of one resource of one stack", () => {
    withKey("ciso", (directory) => {
      const { code, stdout, stderr } = rampart(waiving("--days", "10"), directory);
      assert.deepEqual([code, stderr], [0, ""]);
      const { waiver } = JSON.parse(readFileSync(stdout.trim(), "utf8"));
      assert.equal((Date.parse(waiver.expires) - Date.parse(waiver.issuedAt)) / 86_400_000, 10);
      const { counting, problems } = waiversFor(directory, "production-platform");
      assert.deepEqual([counting, problems], [[waiver], []]);
      assert.deepEqual(waiversFor(directory, "production").counting, []);
    });
  });

  it("writes none that wouldn't count", () => {
    withKey("sre", (directory) => {
      const { code, stderr } = rampart(waiving(), directory);
      assert.equal(code, 1);
      assert.match(stderr, /cleo@example\.com may sign as sre, not as ciso/);
      assert.deepEqual(waiversFor(directory, "production-platform"), { counting: [], problems: [] });
    });
  });

  it("knows the checks, the longest life and what a reason is", () => {
    withKey("ciso", (directory) => {
      assert.match(
        rampart(
          waiving().map((word) => word.replace("KB-51", "KB-99")),
          directory,
        ).stderr,
        /no check KB-99/,
      );
      assert.match(rampart(waiving("--days", "31"), directory).stderr, /whole number from 1 to 30/);
      assert.match(rampart(waiving("--reason", "later"), directory).stderr, /reason: /);
    });
  });
});
