import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { toolPath } from "../../../local/tools/tools.ts";
import { waitFor } from "../../../local/wait.ts";
import { alertmanagerConfig, secretsNeeded } from "../../../rollout/monitoring/alertmanager-config.ts";
import { plans } from "../../../stacks/systems/plans.ts";

type Labels = Readonly<Record<string, string>>;

/** The real config and the real Alertmanager; only the waiting is shortened, and every receiver is this process. */
describe("Alertmanager with our config", function () {
  this.timeout(60_000);
  let folder: string;
  let server: Server;
  let alertmanager: ChildProcess;
  let url: string;
  const heard: { by: string; names: string[] }[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "alertmanager-"));
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        heard.push({
          by: request.url!.slice(1),
          names: [...text.matchAll(/\b(Test[A-Z]\w*)/g)].map((match) => match[1]!),
        });
        response.end("{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const sink = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const secrets = {
      slack: `${sink}/slack`,
      pagerduty: "key",
      own: "key",
      webhook: `${sink}/webhook`,
      heartbeat: `${sink}/heartbeat`,
      smtp: "x",
    };
    for (const [name, text] of Object.entries(secrets)) await writeFile(join(folder, name), text);
    const config = alertmanagerConfig(plans, {
      secrets: folder,
      slack: { critical: "#critical", warnings: "#warnings", rollout: "#rollout" },
      pagerduty: true,
      webhook: true,
      heartbeat: true,
      email: { to: "sre@example.com", from: "alerts@example.com", smarthost: "127.0.0.1:1", username: "alerts" },
      analyzer: { url: `${sink}/analyzer` },
      systems: { wdbx: { slack: "#wdbx" } },
    });
    const global = { ...(config.global as object), pagerduty_url: `${sink}/pagerduty` };
    const text = stringify({ ...config, global }).replaceAll(/group_wait: \d+s/g, "group_wait: 200ms");
    await writeFile(join(folder, "alertmanager.yml"), text);
    url = await start();
  });

  after(async () => {
    if (alertmanager?.exitCode === null) {
      alertmanager.kill();
      await once(alertmanager, "exit"); // until then it writes into its folder
    }
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<string> {
    const args = [`--config.file=${folder}/alertmanager.yml`, `--storage.path=${folder}/data`];
    alertmanager = spawn(await toolPath("alertmanager"), [
      ...args,
      "--web.listen-address=127.0.0.1:0",
      "--cluster.listen-address=",
    ]);
    let said = "";
    alertmanager.stderr!.on("data", (chunk) => {
      said += chunk;
    });
    const address = await waitFor("Alertmanager to listen", async () => {
      if (alertmanager.exitCode !== null) throw new Error(said);
      return /Listening on.*address=(\S+)/.exec(said)?.[1];
    });
    return `http://${address}/api/v2/alerts`;
  }

  /** Who hears of an alert with these labels; asked of Alertmanager's own routing, and of what then arrives. */
  async function tell(...alerts: Labels[]): Promise<void> {
    const body = JSON.stringify(alerts.map((labels) => ({ labels, annotations: { summary: labels.alertname } })));
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 200, await answer.text());
  }
  const hears = (by: string, name: string) => heard.some((one) => one.by === by && one.names.includes(name));
  const receiversOf = async (name: string): Promise<string[]> => {
    const all = (await (await fetch(url)).json()) as {
      labels: Labels;
      receivers: { name: string }[];
      status: { inhibitedBy: string[] };
    }[];
    return all
      .find(({ labels }) => labels.alertname === name)!
      .receivers.map((receiver) => receiver.name)
      .sort();
  };

  const table: Record<string, { labels: Labels; receivers: string[] }> = {
    "a trigger goes to the analyzer, to the rollout's channel and to the pager": {
      labels: { alertname: "TestTrigger", kind: "trigger", severity: "critical", system: "dwcp-v3", track: "canary" },
      receivers: ["analyzer", "critical", "rollout"],
    },
    "a critical alert pages": {
      labels: { alertname: "TestCritical", kind: "alert", severity: "critical", system: "dwcp-v3" },
      receivers: ["critical"],
    },
    "a system with people of its own calls them as well": {
      labels: { alertname: "TestOwn", kind: "alert", severity: "critical", system: "wdbx" },
      receivers: ["critical", "system-wdbx"],
    },
    "a warning goes to its channel": {
      labels: { alertname: "TestWarning", kind: "alert", severity: "warning", system: "dwcp-v3" },
      receivers: ["warnings"],
    },
    "an information is mailed": {
      labels: { alertname: "TestInfo", kind: "alert", severity: "info", system: "dwcp-v3" },
      receivers: ["info"],
    },
    "what only keeps others back is told nobody": {
      labels: { alertname: "TestSilent", kind: "inhibitor", severity: "none", system: "dwcp-v3" },
      receivers: ["nobody"],
    },
  };
  for (const [name, { labels, receivers }] of Object.entries(table)) {
    it(name, async () => {
      await tell(labels);
      assert.deepEqual(await receiversOf(labels.alertname!), receivers);
    });
  }

  it("needs the secrets that its receivers name, and no others", () => {
    const slack = { critical: "#a", warnings: "#b", rollout: "#c" };
    assert.deepEqual(secretsNeeded({ slack, webhook: true, systems: { wdbx: { pagerduty: "wdbx-pager" } } }), [
      "slack",
      "webhook",
      "wdbx-pager",
    ]);
    assert.deepEqual(secretsNeeded({ systems: { wdbx: { slack: "#wdbx" } } }), ["slack"]);
    assert.deepEqual(secretsNeeded({}), []);
  });

  it("the watchdog beats", async () => {
    await tell({ alertname: "Watchdog", severity: "none" });
    await waitFor("a beat", async () => heard.some(({ by }) => by === "heartbeat"));
  });

  it("reaches Slack, pager, webhook and analyzer", async () => {
    await tell(table["a trigger goes to the analyzer, to the rollout's channel and to the pager"]!.labels);
    for (const by of ["slack", "pagerduty", "webhook", "analyzer"])
      await waitFor(`${by}`, async () => hears(by, "TestTrigger"));
  });

  describe("keeps back", () => {
    const isKeptBack = async (name: string): Promise<boolean> => {
      const all = (await (await fetch(url)).json()) as { labels: Labels; status: { inhibitedBy: string[] } }[];
      return all.find(({ labels }) => labels.alertname === name)!.status.inhibitedBy.length > 0;
    };
    const warning = (alertname: string, more: Labels) => ({
      alertname,
      kind: "alert",
      severity: "warning",
      measure: "cpu",
      ...more,
    });
    const soon = (name: string) => waitFor(`${name} to be kept back`, () => isKeptBack(name), { timeout: 10_000 });

    it("the warning below a critical alert of the same measure, and no other", async () => {
      await tell(
        {
          alertname: "TestErrorsCritical",
          kind: "alert",
          severity: "critical",
          measure: "error-ratio",
          system: "wdbx",
          track: "canary",
        },
        warning("TestErrorsHigh", { measure: "error-ratio", system: "wdbx", track: "canary" }),
        warning("TestCpuHigh", { system: "wdbx", track: "canary" }),
        warning("TestStableErrorsHigh", { measure: "error-ratio", system: "wdbx", track: "stable" }),
      );
      await soon("TestErrorsHigh");
      assert.equal(await isKeptBack("TestCpuHigh"), false);
      assert.equal(await isKeptBack("TestStableErrorsHigh"), false);
    });

    it("warnings of a system that drills; never a trigger, never another system's", async () => {
      const system = "batch-patches";
      await tell(
        { alertname: "RolloutDrill", kind: "inhibitor", severity: "none", system },
        warning("TestDrilled", { system, track: "canary" }),
        { alertname: "TestDrilledTrigger", kind: "trigger", severity: "critical", system, measure: "cpu" },
        warning("TestUndrilled", { system: "dwcp-v3", track: "canary" }),
      );
      await soon("TestDrilled");
      assert.equal(await isKeptBack("TestDrilledTrigger"), false);
      assert.equal(await isKeptBack("TestUndrilled"), false);
    });

    it("warnings of a system that is worked on", async () => {
      await tell(
        { alertname: "MaintenanceWindow", kind: "inhibitor", severity: "none", system: "dwcp-maddpg" },
        warning("TestWorkedOn", { system: "dwcp-maddpg", track: "stable" }),
        { alertname: "TestWorkedOnPage", kind: "alert", severity: "critical", system: "dwcp-maddpg", measure: "cpu" },
      );
      await soon("TestWorkedOn");
      assert.equal(await isKeptBack("TestWorkedOnPage"), false);
    });

    it("warnings of systems that need one that is silent", async () => {
      await tell(
        {
          alertname: "DwcpManagerTrackSilent",
          kind: "silence",
          severity: "critical",
          system: "dwcp-manager",
          track: "stable",
          measure: "silence",
        },
        warning("TestChild", { system: "dwcp-compression", track: "stable" }),
        warning("TestNoChild", { system: "distributed-postgres", track: "stable" }),
      );
      await soon("TestChild");
      assert.equal(await isKeptBack("TestNoChild"), false);
    });
  });
});
