import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { judgeTold, sendTestAlerts } from "../../../cli/probes/alerts.ts";
import { Alertmanager } from "../../../live/alertmanager.ts";
import { toolPath } from "../../../local/tools/tools.ts";
import { waitFor } from "../../../local/wait.ts";
import { alertmanagerConfig } from "../../../rollout/monitoring/alertmanager-config.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { apiBefore } from "./behind.ts";

/** The real Alertmanager with our config; every receiver is this process, or nobody. */
describe("the probe of the alerts", function () {
  this.timeout(60_000);
  let folder: string;
  let server: Server;
  let child: ChildProcess;
  let url: string;
  let isSlackDown = false;
  const heard: { by: string; text: string }[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "probe-alerts-"));
    server = createServer((request, response) => {
      const by = request.url!.slice(1);
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        heard.push({ by, text });
        response.writeHead(isSlackDown && by === "slack" ? 400 : 200).end(by === "slack" ? "ok" : "{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const sink = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const secrets = { slack: `${sink}/slack`, pagerduty: "key", webhook: `${sink}/webhook`, smtp: "x" };
    for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text);
    const config = alertmanagerConfig(plans, {
      secrets: folder,
      slack: { critical: "#critical", warnings: "#warnings", rollout: "#rollout" },
      ...{ pagerduty: true, webhook: true },
      // Nobody takes mail there.
      email: { to: "sre@example.com", from: "alerts@example.com", smarthost: "127.0.0.1:1", username: "alerts" },
    });
    const global = { ...(config.global as object), pagerduty_url: `${sink}/pagerduty` };
    const text = stringify({ ...config, global }).replaceAll(/group_wait: \d+s/g, "group_wait: 200ms");
    writeFileSync(join(folder, "alertmanager.yml"), text);
    child = spawn(await toolPath("alertmanager"), [
      ...[`--config.file=${folder}/alertmanager.yml`, `--storage.path=${folder}/data`],
      ...["--web.listen-address=127.0.0.1:0", "--cluster.listen-address="],
    ]);
    let said = "";
    child.stderr!.on("data", (chunk) => {
      said += chunk;
    });
    const address = await waitFor("Alertmanager to listen", async () => {
      if (child.exitCode !== null) throw new Error(said);
      return /Listening on.*address=(\S+)/.exec(said)?.[1];
    });
    url = `http://${address}`;
  });
  after(async () => {
    if (child?.exitCode === null) {
      child.kill();
      await once(child, "exit");
    }
    server?.close();
    server?.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  const send = async (forMs: number) =>
    sendTestAlerts(await Alertmanager.behind(apiBefore({ "alertmanager-1:9093": url })), "wdbx", forMs);

  it("reaches every receiver that answers, and says of the others that they didn't", async () => {
    const told = await send(6_000);
    assert.deepEqual(told.wanted, { slack: 2, pagerduty: 1, webhook: 3, email: 1 });
    const chat = judgeTold(["slack", "pagerduty", "webhook"], told);
    assert.ok(chat.holds, chat.said);
    assert.match(chat.said, /slack: 2 of 2 taken within [\d.]+ s; pagerduty: 1 of 1 taken/);
    const mail = judgeTold(["slack", "email"], told);
    assert.ok(!mail.holds);
    assert.match(mail.said, /email: 0 of 1 taken, \d+ refused/);
    for (const by of ["slack", "pagerduty", "webhook"])
      assert.ok(
        heard.some((one) => one.by === by && /RampartProbe\d+critical/.test(one.text)),
        by,
      );
  });

  it("doesn't take a channel that refuses, or that nobody has, for proof", async () => {
    isSlackDown = true;
    const told = await send(4_000);
    assert.match(judgeTold(["slack"], told).said, /slack: 0 of 2 taken, [1-9]\d* refused/);
    assert.ok(!judgeTold(["slack"], told).holds);
    assert.ok(judgeTold(["pagerduty"], told).holds);
    assert.match(judgeTold(["opsgenie"], told).said, /no receiver of theirs has opsgenie/);
  });

  it("says where nobody answers", () =>
    assert.rejects(Alertmanager.behind(apiBefore({})), /no Alertmanager in rampart-monitoring answers/));
});
