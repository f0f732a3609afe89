import { type SpawnOptions, spawn } from "node:child_process";

export interface ExecOptions extends Pick<SpawnOptions, "cwd" | "env"> {
  /** Written to the command's standard input. */
  input?: string | Buffer;
  /** "inherit" shows the command's output to the user instead of collecting it. */
  output?: "collect" | "inherit";
  signal?: AbortSignal;
}

/** A command that ended with another code than 0: its message holds the end of what the command said. */
export class ExecError extends Error {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  constructor(command: string, code: number | null, stdout: string, stderr: string) {
    const said = (stderr.trim() || stdout.trim()).split("\n").slice(-12).join("\n");
    super(`${command}: exit code ${code ?? "none (signal)"}${said ? `\n${said}` : ""}`);
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** Runs a command to its end and returns its standard output. */
export function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  const { input, output = "collect", ...rest } = options;
  return new Promise((resolve, reject) => {
    const show = output === "inherit" ? "inherit" : "pipe";
    const child = spawn(command, args, { ...rest, stdio: [input === undefined ? "ignore" : "pipe", show, show] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin?.on("error", () => {}); // the exit code says more than EPIPE
    child.stdin?.end(input);
    child.on("error", reject);
    child.on("close", (code) => {
      const out = Buffer.concat(stdout).toString();
      if (code === 0) resolve(out);
      else reject(new ExecError([command, ...args].join(" "), code, out, Buffer.concat(stderr).toString()));
    });
  });
}
