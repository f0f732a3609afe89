import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseAllowedSigners } from "../../../rollout/evidence/allowed-signers.ts";
import { fingerprint } from "../../../rollout/evidence/ssh-key.ts";
import {
  parseSignature,
  publicKeyTextOf,
  signatureHolds,
  signWithPem,
} from "../../../rollout/evidence/ssh-signature.ts";
import { wireString } from "../../../rollout/evidence/ssh-wire.ts";
import { evidenceNamespace, statementBytes } from "../../../rollout/evidence/statement.ts";
import { keys, signed, signersText, statement } from "./fixture.ts";

const message = statementBytes(statement);
const holds = (armored: string, bytes: Buffer): boolean => {
  try {
    return signatureHolds(parseSignature(armored), bytes);
  } catch {
    return false;
  }
};

describe("signatures of OpenSSH", () => {
  let folder: string;
  before(function () {
    if (spawnSync("ssh-keygen", ["-?"]).error) this.skip();
    folder = mkdtempSync(join(tmpdir(), "rampart-ssh-"));
  });
  after(() => folder && rmSync(folder, { recursive: true }));

  const keygen = (...args: string[]): string =>
    execFileSync("ssh-keygen", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });

  for (const [type, ...size] of [
    ["ed25519"],
    ["ecdsa", "256"],
    ["ecdsa", "384"],
    ["ecdsa", "521"],
    ["rsa", "2048"],
  ] as const) {
    it(`reads what ssh-keygen -Y sign writes with a key of type ${[type, ...size].join(" ")}`, () => {
      const name = [type, ...size].join("-");
      keygen("-q", "-t", type, ...(size.length > 0 ? ["-b", size[0]!] : []), "-N", "", "-C", "", "-f", name);
      writeFileSync(join(folder, `${name}.json`), message);
      for (const hash of ["sha256", "sha512"]) {
        keygen("-Y", "sign", "-f", name, "-n", evidenceNamespace, "-O", `hashalg=${hash}`, `${name}.json`);
        const armored = readFileSync(join(folder, `${name}.json.sig`), "utf8");
        rmSync(join(folder, `${name}.json.sig`));
        const parsed = parseSignature(armored);
        assert.equal(parsed.namespace, evidenceNamespace);
        assert.equal(parsed.hash, hash);
        assert.equal(fingerprint(parsed.key), keygen("-l", "-f", `${name}.pub`).split(" ")[1]);
        assert.ok(holds(armored, message));
        // The same bytes under the name of the old algorithm with SHA-1, which is not taken.
        const renamed = Buffer.concat([
          wireString("ssh-rsa"),
          parsed.signature.subarray(4 + parsed.signature.readUInt32BE()),
        ]);
        assert.ok(!signatureHolds({ ...parsed, signature: renamed }, message));
        assert.ok(!holds(armored, Buffer.concat([message, Buffer.from(" ")])));
      }
    });
  }

  it("writes with a key in PEM what ssh-keygen -Y verify accepts, from the very file of allowed signers", () => {
    writeFileSync(join(folder, "allowed_signers"), signersText);
    writeFileSync(join(folder, "statement.sig"), signed().signature);
    const verify = (principal: string, bytes: Buffer) =>
      spawnSync(
        "ssh-keygen",
        [
          "-Y",
          "verify",
          "-f",
          "allowed_signers",
          "-I",
          principal,
          "-n",
          evidenceNamespace,
          "-s",
          "statement.sig",
          "-O",
          "verify-time=20260303080000Z",
        ],
        { cwd: folder, input: bytes, encoding: "utf8" },
      );
    const good = verify("anna@example.com", message);
    assert.equal(good.status, 0, good.stderr);
    assert.notEqual(verify("bert@example.com", message).status, 0);
    assert.notEqual(verify("anna@example.com", Buffer.concat([message, Buffer.from("x")])).status, 0);
  });

  it("derives the same public key from a PEM as ssh-keygen does", () => {
    writeFileSync(join(folder, "pem"), keys.anna, { mode: 0o600 });
    const found = spawnSync("ssh-keygen", ["-y", "-f", "pem"], { cwd: folder, encoding: "utf8" });
    // Builds of OpenSSH without PEM support for ed25519 can't tell.
    if (found.status === 0) assert.equal(found.stdout.trim(), publicKeyTextOf(keys.anna));
  });
});

describe("an SSH signature", () => {
  const armored = signWithPem(message, keys.anna, evidenceNamespace);

  it("does not hold once any one byte of the message is flipped", () => {
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const flipped = Buffer.from(message);
        flipped[at]! ^= change;
        assert.ok(!holds(armored, flipped));
      }),
    );
  });

  it("does not hold once any one byte of itself is flipped, or is for another key or namespace", () => {
    const [begin, ...rest] = armored.trim().split("\n");
    const blob = Buffer.from(rest.slice(0, -1).join(""), "base64");
    const { key } = parseSignature(armored);
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const flipped = Buffer.from(blob);
        flipped[at]! ^= change;
        const text = `${begin}\n${flipped.toString("base64")}\n${rest.at(-1)}\n`;
        assert.ok(!holds(text, message) || !parseSignature(text).key.blob.equals(key.blob), `byte ${at}`);
      }),
    );
  });

  it("is read, or refused with one kind of error, whatever the text", () => {
    const garbage = fc.oneof(
      fc.string(),
      fc
        .uint8Array({ maxLength: 300 })
        .map((bytes) => armored.replace(/\n[^-]+\n/, `\n${Buffer.from(bytes).toString("base64")}\n`)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => {
        const blob = Buffer.concat([Buffer.from("SSHSIG\0\0\0\x01"), Buffer.from(bytes)]);
        return `-----BEGIN SSH SIGNATURE-----\n${blob.toString("base64")}\n-----END SSH SIGNATURE-----`;
      }),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          parseSignature(text);
        } catch (error) {
          assert.equal((error as Error).name, "EvidenceError");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the file of allowed signers", () => {
  const ed = publicKeyTextOf(keys.cleo);
  const refusals: [string, string, RegExp][] = [
    ["a pattern", `*@example.com namespaces="rampart-evidence" ${ed} roles=sre`, /one plain name/],
    ["two principals", `a@x.io,b@x.io namespaces="rampart-evidence" ${ed} roles=sre`, /one plain name/],
    [
      "a certificate authority",
      `a@x.io cert-authority,namespaces="rampart-evidence" ${ed} roles=sre`,
      /can't read "cert-authority/,
    ],
    [
      "an unknown option",
      `a@x.io namespaces="rampart-evidence",touch="no" ${ed} roles=sre`,
      /option touch is not taken/,
    ],
    ["an option twice", `a@x.io namespaces="git",namespaces="rampart-evidence" ${ed} roles=sre`, /stands twice/],
    ["no namespace", `a@x.io valid-after="20260101Z" ${ed} roles=sre`, /have to hold namespaces/],
    ["another namespace", `a@x.io namespaces="git" ${ed} roles=sre`, /have to hold namespaces/],
    ["no roles", `a@x.io namespaces="rampart-evidence" ${ed}`, /expected: principal/],
    ["a role twice", `a@x.io namespaces="rampart-evidence" ${ed} roles=sre,sre`, /twice/],
    [
      "a time without Z",
      `a@x.io namespaces="rampart-evidence",valid-after="20260101" ${ed} roles=sre`,
      /has to be UTC/,
    ],
    [
      "a day that doesn't exist",
      `a@x.io namespaces="rampart-evidence",valid-after="20260230Z" ${ed} roles=sre`,
      /has to be UTC/,
    ],
    [
      "a key that is never valid",
      `a@x.io namespaces="rampart-evidence",valid-after="20260301Z",valid-before="20260201Z" ${ed} roles=sre`,
      /never be valid/,
    ],
    [
      "a type that isn't the key's",
      `a@x.io namespaces="rampart-evidence" ssh-rsa ${ed.split(" ")[1]} roles=sre`,
      /the key in it is ssh-ed25519/,
    ],
    ["a key that isn't base64", `a@x.io namespaces="rampart-evidence" ssh-ed25519 AAA! roles=sre`, /not base64/],
  ];
  for (const [what, line, pattern] of refusals) {
    it(`refuses ${what} and names the line`, () => {
      assert.throws(
        () => parseAllowedSigners(`# head\n${line}\n`, "signers"),
        (error: Error) => {
          assert.match(error.message, /^signers:2: /);
          assert.match(error.message, pattern);
          return true;
        },
      );
    });
  }

  it("refuses one key under two names", () => {
    const line = (name: string): string => `${name} namespaces="rampart-evidence" ${ed} roles=sre`;
    assert.throws(() => parseAllowedSigners(`${line("a@x.io")}\n${line("b@x.io")}`), /two names can't be one person/);
  });
});
