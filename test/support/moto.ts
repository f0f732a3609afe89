import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { exec } from "../../local/exec.ts";
import { cacheDir } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";

/** Without the extras of all of AWS's services, which are five times as large. */
const requirements = ["moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"];

/** Where moto lies: brought once, by pip, and whole or not at all. */
async function installed(): Promise<string> {
  const key = createHash("sha256").update(requirements.join("\n")).digest("hex").slice(0, 10);
  const folder = join(cacheDir, `moto-${key}`);
  if (existsSync(folder)) return folder;
  const scratch = await mkdtemp(`${folder}.partial-`);
  try {
    await exec("python3", ["-m", "pip", "install", "--quiet", "--target", scratch, ...requirements]);
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that answers as AWS does, with an account that is empty. */
export class Moto {
  readonly endpoint: string;
  readonly #process: ChildProcess;

  private constructor(endpoint: string, process: ChildProcess) {
    this.endpoint = endpoint;
    this.#process = process;
  }

  static async start(): Promise<Moto> {
    const folder = await installed();
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const process = spawn("python3", ["-m", "moto.server", "--host", "127.0.0.1", "--port", String(port)], {
      env: { PATH: globalThis.process.env.PATH, PYTHONPATH: folder, AWS_DEFAULT_REGION: "eu-central-1" },
      stdio: "ignore",
    });
    await waitFor("an answer of moto", async () => (await fetch(`${endpoint}/moto-api/`)).ok, { timeout: 60_000 });
    return new Moto(endpoint, process);
  }

  stop(): void {
    this.#process.kill();
  }
}
