import assert from "node:assert/strict";
import language from "@pulumi/pulumi/proto/language_pb.js";
import { programOptions, runArguments, runEnvironment } from "../../../local/host/run-request.ts";

describe("a request to run a program", () => {
  const request = new language.RunRequest()
    .setProject("project")
    .setStack("stack")
    .setOrganization("org")
    .setPwd("/program")
    .setMonitorAddress("127.0.0.1:1")
    .setParallel(4)
    .setArgsList(["extra"])
    .setConfigsecretkeysList(["project:token"])
    .setInfo(new language.ProgramInfo().setRootDirectory("/root").setEntryPoint("stacks/index.ts"));
  request.getConfigMap().set("project:token", "open").set("project:size", "3");

  it("becomes the command line of the SDK", () => {
    const flags =
      "--monitor 127.0.0.1:1 --engine 127.0.0.1:2 --organization org --project project --root-directory /root --stack stack --pwd /program --parallel 4";
    assert.deepEqual(runArguments(request, "127.0.0.1:2"), [...flags.split(" "), "stacks/index.ts", "extra"]);
    assert.ok(runArguments(request.clone().setDryrun(true), "127.0.0.1:2").includes("--dry-run"));
  });

  it("hands the config over in the environment", () => {
    const env = runEnvironment(request, { typescript: false, nodeArgs: [] });
    assert.deepEqual(JSON.parse(env.PULUMI_CONFIG ?? ""), { "project:token": "open", "project:size": "3" });
    assert.deepEqual(JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS ?? ""), ["project:token"]);
    assert.equal(env.PULUMI_NODEJS_TYPESCRIPT, "false");
  });

  it("follows the runtime options that it knows and refuses others by name", () => {
    assert.deepEqual(programOptions({ typescript: false, nodeargs: "--a --b" }), {
      typescript: false,
      nodeArgs: ["--a", "--b"],
    });
    assert.deepEqual(programOptions({}), { typescript: true, nodeArgs: [] });
    assert.throws(() => programOptions({ tsconfig: "x" }), /Pulumi\.yaml: runtime option "tsconfig" is not offered/);
  });
});
