import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { credentials, status } from "@grpc/grpc-js";
import grpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";

const executable = join(import.meta.dirname, "../../../local/host/bin/pulumi-language-nodejs");

describe("the language host's process", function () {
  this.timeout(20_000);
  let host: ChildProcess;
  let client: grpc.LanguageRuntimeClient;
  before(async () => {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
    host = spawn(executable, ["127.0.0.1:1"], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(host.stdout!, "data");
    client = new grpc.LanguageRuntimeClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
  });
  after(() => {
    client.close();
    host.kill();
  });

  it("says which Node runs the programs", async () => {
    const about = await new Promise<language.AboutResponse>((resolve, reject) =>
      client.about(new language.AboutRequest(), (error, response) => (error ? reject(error) : resolve(response))),
    );
    assert.equal(about.getVersion(), process.version.slice(1));
  });

  it("refuses what it doesn't offer by name", async () => {
    const pack = await new Promise<Error | null>((resolve) => client.pack(new language.PackRequest(), resolve));
    assert.match(String(pack), /UNIMPLEMENTED: .* method pack/);
    const plugin = client.runPlugin(new language.RunPluginRequest().setKind("resource"));
    plugin.resume();
    const [error] = await once(plugin, "error");
    assert.equal(error.code, status.UNIMPLEMENTED);
    assert.match(error.details, /kind "resource" is not offered by the embedded language host/);
  });

  it("says what is missing where the program's SDK isn't installed", async () => {
    const request = new language.RunRequest().setPwd("/").setInfo(new language.ProgramInfo().setProgramDirectory("/"));
    const error = await new Promise<Error | null>((resolve) => client.run(request, resolve));
    assert.match(String(error), /\/: the package @pulumi\/pulumi is not installed for this program; run npm install/);
  });
});
