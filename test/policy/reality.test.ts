import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { exec } from "../../local/exec.ts";
import type { DesiredRollout, LiveRollout } from "../../rollout/transitions/model.ts";
import { attempt } from "./attempts.ts";
import { copyCheckout } from "./checkout.ts";
import { type AnalyzedResource, type Pack, rootResource, startPack } from "./pack.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

/** A cluster as far as a pack looks at it. */
class Cluster {
  live: LiveRollout | undefined;
  asked = 0;
  #server: Server | undefined;

  async start(folder: string): Promise<string> {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const subject = ["-subj", "/CN=127.0.0.1", "-days", "1", "-keyout", key, "-out", cert];
    await exec("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      ...subject,
    ]);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      if (request.url?.includes("/rollouts")) this.asked += 1;
      response.end(
        JSON.stringify({ items: request.url?.includes("/rolloutplans") ? [this.#plan()] : this.#rollouts() }),
      );
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const named = (name: string, rest: object) => [{ name, ...rest }];
    const kubeconfig = join(folder, "kubeconfig");
    const config = {
      clusters: named("c", { cluster: { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }),
      users: named("u", { user: {} }),
      contexts: named("c", { context: { cluster: "c", user: "u" } }),
    };
    writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", ...config }));
    return kubeconfig;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #plan(): object {
    const settled = { artifact: image("a"), attempt: 0 };
    return { metadata: { namespace: "wdbx", uid: "p" }, spec: { system: "wdbx", versions: {} }, status: { settled } };
  }

  #rollouts(): object[] {
    return this.live ? [{ metadata: { namespace: "wdbx", uid: "r" }, ...this.live }] : [];
  }
}

/** A stack file that asks for this and nothing else. */
function stackFile({ stable, artifact, phase, phases }: DesiredRollout): string {
  const percent = phase === undefined ? 100 : phases.find(({ name }) => name === phase)!.percent;
  const own = {
    environment: "production",
    layer: "systems",
    wdbx: { stable, artifact, percent, ...(phase ? { phase } : {}) },
  };
  const config = Object.fromEntries(Object.entries(own).map(([key, value]) => [`rampart:${key}`, value]));
  return stringify({ config: { "kubernetes:context": "c", ...config } });
}

describe("a pack that looks for itself", function () {
  this.timeout(60_000);
  const cluster = new Cluster();
  let pack: Pack;
  let folder: string;
  let checkout: string;

  /** As the real program registers it: nothing about what is live. */
  const asked = (wish: DesiredRollout, live: LiveRollout | undefined): AnalyzedResource => {
    const resource = component({ wish, live });
    const { live: _l, facts: _f, ...props } = resource.props as Record<string, unknown>;
    return { ...resource, props };
  };
  const judge = async (wish: DesiredRollout, live: LiveRollout | undefined, written = wish): Promise<string> => {
    cluster.live = live;
    writeFileSync(join(checkout, "Pulumi.production.yaml"), stackFile(written));
    await pack.analyze(rootResource);
    const found = (await pack.analyze(asked(wish, live))).filter(({ level }) => level === "mandatory");
    return found.map(({ message }) => message).join("\n");
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "reality-"));
    checkout = join(folder, "checkout");
    copyCheckout(checkout);
    pack = await startPack("guard", { KUBECONFIG: await cluster.start(folder) }, checkout);
  });
  after(async () => {
    await pack.end();
    cluster.stop();
    rmSync(folder, { recursive: true });
  });

  it("lets the next phase in, from what the cluster says", async () =>
    assert.equal(await judge(wishFor("canary-25"), liveAt(wishFor("canary-5"))), ""));

  it("refuses what the cluster's own Rollout doesn't allow", async () => {
    assert.match(await judge(wishFor("canary-50"), liveAt(wishFor("canary-5"))), /canary-25 comes before it/);
    assert.match(await judge(wishFor("canary-25"), liveAt(wishFor("canary-5"), { passed: [] })), /has not passed/);
    assert.match(await judge(wishFor("canary-5"), undefined), /doesn't start at canary-5/);
  });

  it("knows itself that staging hasn't passed", async () =>
    assert.match(await judge(wishFor("canary-5"), liveAt(wishFor("infrastructure"))), /no signed pass of staging/));

  it("lets the way down and steady state pass", async () => {
    assert.equal(await judge(wishFor("canary-5"), liveAt(wishFor("canary-50"), { passed: [], onTarget: false })), "");
    assert.equal(await judge(wishFor("canary-50"), liveAt(wishFor("canary-50"))), "");
  });

  attempt([11], "config by a flag that the stack's file doesn't have", async () => {
    const live = liveAt(wishFor("canary-5"));
    const said = await judge(wishFor("canary-25"), live, wishFor("canary-5"));
    assert.match(said, /the stack's file in this checkout says phase canary-5, not canary-25/);
    assert.match(said, /without --config and --config-file/);
    assert.equal(await judge(wishFor("infrastructure"), live, wishFor("canary-25")), "", "a way down by a flag");
  });

  attempt([43], "a program that tells the packs of another past: they look themselves", async () => {
    cluster.live = liveAt(wishFor("canary-5"), { passed: [] });
    await pack.analyze(rootResource);
    const { props, ...rest } = asked(wishFor("canary-25"), undefined);
    const lie = { ...rest, props: { ...props, spec: liveAt(wishFor("canary-25")).spec, from: "canary-5" } };
    assert.match((await pack.analyze(lie)).map(({ message }) => message).join(), /canary-5 has not passed/);
  });

  it("looks once in an operation, and anew in the next", async () => {
    const before = cluster.asked;
    await judge(wishFor("canary-25"), liveAt(wishFor("canary-5")));
    assert.equal(cluster.asked, before + 1);
    assert.match(await judge(wishFor("canary-50"), liveAt(wishFor("infrastructure"))), /canary-5 comes before it/);
  });

  it("lets nothing rise where it can't look, and says why", async () => {
    cluster.stop();
    assert.match(
      await judge(wishFor("canary-25"), liveAt(wishFor("canary-5"))),
      /no answer from https:\/\/127\.0\.0\.1/,
    );
  });

  attempt([52], "judged where there is no such stack: nothing rises, and nothing is said to hold", async () => {
    const nowhere = { ...asked(wishFor("canary-25"), liveAt(wishFor("canary-5"))), stack: "nowhere" };
    await pack.analyze({ ...rootResource, stack: "nowhere" });
    assert.match((await pack.analyze(nowhere))[0]!.message, /ENOENT.*Pulumi\.nowhere\.yaml/);
  });
});
