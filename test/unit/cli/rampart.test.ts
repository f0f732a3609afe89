import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { inProject, rampart } from "./run.ts";

const platform = "config:\n  rampart:environment: production\n  rampart:layer: platform\n";

describe("the command line", function () {
  this.timeout(20_000);

  it("helps on standard output with code 0, with examples", () => {
    const { code, stdout } = rampart(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /Examples:\n {2}rampart plan wdbx/);
    for (const command of ["plan", "validate", "ledger", "readiness", "sign", "verify", "schema"]) {
      assert.match(stdout, new RegExp(`^  ${command} `, "m"));
    }
    const sign = rampart(["sign", "--help"]);
    assert.equal(sign.code, 0);
    assert.match(sign.stdout, /^Usage: rampart sign [\s\S]*\nExample:\n/);
  });

  it("ends with code 2 when it is used wrongly, and says so on standard error only", () => {
    for (const args of [["nonsense"], ["validate", "--nope"], ["validate", "--stack", "nowhere"], ["plan", "wdxb"]]) {
      const { code, stdout, stderr } = rampart(args);
      assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      assert.notEqual(stderr, "");
      assert.doesNotMatch(stderr, /\n\s+at /, "no stack traces for people");
    }
  });

  it("names the system that was meant", () => {
    assert.match(rampart(["plan", "wdxb"]).stderr, /^rampart: there is no system wdxb; .*; nearest: wdbx\n$/);
  });

  it("runs from Node's own entry point too, from any directory of the project", () => {
    inProject({ "Pulumi.x.yaml": platform }, (directory) => {
      mkdirSync(join(directory, "deep/down"), { recursive: true });
      const child = spawnSync(process.execPath, [join(root, "cli/rampart.js"), "validate"], {
        cwd: join(directory, "deep/down"),
        encoding: "utf8",
      });
      assert.deepEqual([child.status, child.stdout], [0, "Pulumi.x.yaml: fine\n"]);
    });
  });
});

describe("rampart validate", function () {
  this.timeout(20_000);
  const broken = platform.replace("production", "prodution");

  it("finds nothing wrong with this project's own stacks", () => {
    const { code, stdout } = rampart(["validate"]);
    assert.match(stdout, /^Pulumi\.production\.yaml: fine$/m);
    assert.equal(code, 0);
  });

  it("prints each problem with its place and ends with code 1", () => {
    inProject({ "Pulumi.a.yaml": platform, "Pulumi.b.yaml": broken }, (directory) => {
      const { code, stdout } = rampart(["validate"], directory);
      assert.equal(code, 1);
      assert.equal(
        stdout,
        "Pulumi.a.yaml: fine\n" +
          'Pulumi.b.yaml:2:24: rampart:environment: "prodution" is not an environment; ' +
          "allowed: staging, production, rehearsal; nearest: production\n",
      );
      assert.equal(rampart(["validate", "--stack", "a"], directory).code, 0);
    });
  });

  it("sees what Pulumi.yaml would slip in", () => {
    const files = { "Pulumi.a.yaml": platform, "Pulumi.yaml": "name: x\nconfig:\n  rampart:wdbx: {}\n" };
    inProject(files, (directory) => {
      const { code, stdout } = rampart(["validate"], directory);
      assert.equal(code, 1);
      assert.match(stdout, /^Pulumi\.yaml:3:3: rampart:wdbx: counts for every stack/);
    });
  });

  it("gives a script one object", () => {
    inProject({ "Pulumi.b.yaml": broken }, (directory) => {
      const { code, stdout } = rampart(["validate", "--json"], directory);
      const { valid, stacks } = JSON.parse(stdout);
      assert.deepEqual([code, valid, stacks[0].stack, stacks[0].problems[0].line], [1, false, "b", 2]);
    });
  });
});

describe("rampart schema", function () {
  this.timeout(20_000);
  it("prints a JSON Schema with every system", () => {
    const { code, stdout } = rampart(["schema"]);
    assert.equal(code, 0);
    const { properties } = JSON.parse(stdout);
    assert.ok("rampart:wdbx" in properties.config.properties);
  });
});
