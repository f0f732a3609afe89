import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { exec } from "../exec.ts";
import { UserError } from "../user-error.ts";
import type { Size } from "./ensure.ts";
import { withProgress } from "./progress.ts";

/** What the machine itself has to offer: a file that shows it is there, and the Debian package that brings it. */
interface Need {
  readonly file: string;
  readonly debian: string;
  readonly needed: "api" | "node";
}

const needs: readonly Need[] = [
  { file: "openssl", debian: "openssl", needed: "api" },
  { file: "ip", debian: "iproute2", needed: "api" },
  { file: "nsenter", debian: "util-linux", needed: "api" },
  { file: "ssh-keygen", debian: "openssh-client", needed: "api" },
  { file: "containerd", debian: "containerd", needed: "node" },
  { file: "runc", debian: "runc", needed: "node" },
  { file: "/usr/lib/cni/bridge", debian: "containernetworking-plugins", needed: "node" },
  { file: "iptables", debian: "iptables", needed: "node" },
  { file: "nft", debian: "nftables", needed: "node" },
  { file: "conntrack", debian: "conntrack", needed: "node" },
  { file: "python3", debian: "python3-pip", needed: "node" },
];

async function isThere(need: Need): Promise<boolean> {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const places = need.file.startsWith("/") ? [need.file] : folders.map((folder) => join(folder, need.file));
  const found = await Promise.all(
    places.map((place) =>
      access(place).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Installs what is missing; where it may not, it says what to type. */
export async function installSystemPackages(size: Size): Promise<void> {
  const asked = needs.filter((need) => size !== "api" || need.needed === "api");
  const there = await Promise.all(asked.map(isThere));
  const missing = asked.filter((_, index) => !there[index]);
  if (missing.length === 0) return;

  const packages = missing.map((need) => need.debian).join(" ");
  const install = `apt-get install --yes --no-install-recommends ${packages}`;
  if (!(await isThere({ file: "apt-get", debian: "apt", needed: "api" }))) {
    throw new UserError(`missing on this machine: ${missing.map((need) => need.file).join(", ")}`, {
      mend: `install what Debian calls ${packages}`,
    });
  }
  if (process.getuid?.() !== 0) {
    throw new UserError(`these packages are missing and only root can install them: ${packages}`, {
      mend: `sudo ${install}`,
    });
  }
  await withProgress(`system packages: ${packages}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await exec("apt-get", ["update"], { env });
    await exec("apt-get", install.split(" ").slice(1), { env });
  });
}
