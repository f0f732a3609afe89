// What a test does inside a cluster's network, where pods have addresses; nothing of it leaves the cluster.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Cluster } from "../../../local/cluster/cluster.ts";
import { namespaceOf } from "../../../local/cluster/layout.ts";
import { exec } from "../../../local/exec.ts";

const enter = (cluster: Cluster): string[] => [`--net=/run/netns/${namespaceOf(cluster.slot)}`, process.execPath, "-e"];

/** Asks an address of the cluster and gives the answer's text. */
export function ask(cluster: Cluster, url: string, body?: object): Promise<string> {
  const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
  const script = `
    const answer = await fetch(${JSON.stringify(url)}, { ...${JSON.stringify(options)}, signal: AbortSignal.timeout(5000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(answer.status + " " + text);
    process.stdout.write(text);`;
  return exec("nsenter", [
    ...enter(cluster),
    `(async () => {${script}})().catch((error) => { console.error(error); process.exit(1); })`,
  ]);
}

export interface Alert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** When it got here. */
  readonly at: number;
  readonly receiver: string;
}

/** A webhook at the node's own address; what it gets is kept in order. */
export class Sink {
  readonly alerts: Alert[] = [];
  readonly port: number;
  private readonly process: ChildProcess;

  constructor(cluster: Cluster, port: number) {
    this.port = port;
    const script = `
      require("node:http").createServer((request, response) => {
        let text = "";
        request.on("data", (chunk) => { text += chunk; });
        request.on("end", () => { response.end(); console.log(text.trim()); });
      }).listen(${port}, "${cluster.address}");`;
    this.process = spawn("nsenter", [...enter(cluster), script], { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: this.process.stdout! }).on("line", (line) => {
      const { receiver, alerts } = JSON.parse(line) as { receiver: string; alerts: Alert[] };
      this.alerts.push(...alerts.map((alert) => ({ ...alert, receiver, at: Date.now() })));
    });
  }

  firing(name: string, since = 0): Alert | undefined {
    return this.alerts.find(
      ({ labels, status, at }) => labels.alertname === name && status === "firing" && at >= since,
    );
  }

  close(): void {
    this.process.kill();
  }
}
