import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject, rampart } from "./run.ts";

const image = (letter: string) => `registry.example/wdbx@sha256:${letter.repeat(64)}`;
const stack = [
  "config:",
  "  rampart:environment: production",
  "  rampart:layer: systems",
  `  rampart:wdbx: { stable: "${image("a")}", artifact: "${image("b")}", percent: 5 }`,
  "",
].join("\n");
const signing = (...more: string[]) => [
  ...["sign", "wdbx", "--stack", "production", "--item", "WDBX-CC-02", "WDBX-CC-01", "--as", "anna@example.com"],
  ...["--role", "technical-lead", "--key", "key", "--revision", "7c9d1e", "--attempt", "3", ...more],
];

/** A project with a key for Anna, who may sign as technical lead. */
function withKey(action: (directory: string) => void): void {
  inProject({ "Pulumi.production.yaml": stack }, (directory) => {
    const key = join(directory, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    const publicKey = readFileSync(`${key}.pub`, "utf8").trim();
    execFileSync("mkdir", [join(directory, "evidence")]);
    writeFileSync(
      join(directory, "evidence/allowed_signers"),
      `anna@example.com namespaces="rampart-evidence" ${publicKey} roles=technical-lead\n`,
    );
    action(directory);
  });
}

describe("rampart sign and rampart verify", function () {
  this.timeout(60_000);

  it("sign what the stack's config names, and find it good", () => {
    withKey((directory) => {
      const signed = rampart(signing(), directory);
      assert.deepEqual([signed.code, signed.stderr], [0, ""]);
      const { statement } = JSON.parse(readFileSync(signed.stdout.trim(), "utf8"));
      assert.deepEqual(
        [statement.artifact, statement.phase, statement.attempt, statement.items],
        [image("b"), "canary-5", 3, ["WDBX-CC-01", "WDBX-CC-02"]],
      );
      assert.match(statement.planDigest, /^sha256:[0-9a-f]{64}$/);
      const verified = rampart(["verify"], directory);
      assert.match(
        verified.stdout,
        /^evidence\/production\/wdbx\/\S+: holds: WDBX-CC-01, WDBX-CC-02 passed in canary-5, attempt 3, by anna@example.com as technical-lead/,
      );
      assert.equal(verified.code, 0);
    });
  });

  it("find changed evidence, another system's folder and an unknown key, each with its own word", () => {
    withKey((directory) => {
      const file = rampart(signing("--out", "one.json"), directory).stdout.trim();
      const text = readFileSync(join(directory, file), "utf8");
      const codes = (name: string, content: string, ...more: string[]) => {
        execFileSync("mkdir", ["-p", join(directory, "evidence/production/dwcp-v3")]);
        writeFileSync(join(directory, name), content);
        const { code, stdout } = rampart(["verify", name, "--json", ...more], directory);
        return [code, ...JSON.parse(stdout)[0].refusals.map((refusal: { code: string }) => refusal.code)];
      };
      assert.deepEqual(codes("two.json", text.replace("canary-5", "canary-25")), [1, "bad-signature"]);
      assert.deepEqual(codes("evidence/production/dwcp-v3/x.json", text), [1, "wrong-system"]);
      writeFileSync(join(directory, "nobody"), "# nobody\n");
      assert.deepEqual(codes("two.json", text, "--signers", "nobody"), [1, "unknown-signer"]);
      assert.deepEqual(codes("two.json", "{"), [1, "unreadable"]);
    });
  });

  it("warn of an item that no checklist has", () => {
    withKey((directory) => {
      const { code, stderr } = rampart(
        signing().map((word) => (word === "WDBX-CC-01" ? "WDBX-CC-1" : word)),
        directory,
      );
      assert.equal(code, 0);
      assert.match(stderr, /^warning: WDBX-CC-1 is no checklist item of wdbx; nearest: WDBX-CC-01\n$/);
    });
  });

  it("never overwrite evidence", () => {
    withKey((directory) => {
      assert.equal(rampart(signing("--out", "one.json"), directory).code, 0);
      const again = rampart(signing("--out", "one.json"), directory);
      assert.equal(again.code, 1);
      assert.match(again.stderr, /^rampart: one\.json: is there already/);
    });
  });

  it("refuse to sign what can't be a statement, or for a system that isn't there", () => {
    withKey((directory) => {
      assert.match(
        rampart(signing("--result", "not-applicable", "--days", "0"), directory).stderr,
        /whole number from 1/,
      );
      assert.match(rampart(signing("--phase", "Canary 5"), directory).stderr, /can't be signed: phase: /);
      const other = signing().map((word) => (word === "wdbx" ? "dwcp-v3" : word));
      assert.match(rampart(other, directory).stderr, /isn't in the config of production/);
    });
  });

  it("say so when there is no evidence, or no such file", () => {
    withKey((directory) => {
      assert.deepEqual(rampart(["verify"], directory).stdout, "no evidence here yet\n");
      assert.match(rampart(["verify", "nowhere.json"], directory).stderr, /^rampart: nowhere\.json: no such file/);
    });
  });
});
