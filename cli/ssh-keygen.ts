import { spawnSync } from "node:child_process";
import { CliError } from "./output.ts";

/**
 * Signs with `ssh-keygen`, so that keys may live in an agent or on a token; a passphrase is asked for at the terminal.
 * Returns the armored signature.
 */
export function sshSign(message: Buffer, keyFile: string, namespace: string): string {
  const child = spawnSync("ssh-keygen", ["-Y", "sign", "-n", namespace, "-f", keyFile], {
    input: message,
    stdio: ["pipe", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (child.error) throw new CliError(`ssh-keygen can't be started (${child.error.message}); install OpenSSH's client`);
  if (child.status !== 0) throw new CliError(`ssh-keygen didn't sign with ${keyFile}: ${child.stderr.trim()}`);
  return child.stdout;
}
