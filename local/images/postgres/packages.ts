import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../exec.ts";
import { UserError } from "../../user-error.ts";
import { isNeeded, packagesOf, releaseOf, type Version } from "./contents.ts";

const machineSources = "/etc/apt/sources.list.d/debian.sources";

/** Downloads the packages and all that they depend on, as for a machine that has none, and unpacks what is needed. */
export async function unpackPackages(version: Version, scratch: string, root: string): Promise<void> {
  const folder = join(scratch, "apt");
  await mkdir(join(folder, "lists/partial"), { recursive: true });
  await mkdir(join(folder, "cache/archives/partial"), { recursive: true });
  await mkdir(join(folder, "etc"), { recursive: true });
  await writeFile(join(folder, "status"), "");
  await writeFile(join(folder, "debian.sources"), await sourcesOf(releaseOf(version).release));
  const settings = Object.entries({
    "Dir::Etc": join(folder, "etc"),
    "Dir::Etc::sourcelist": join(folder, "debian.sources"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State": folder,
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "APT::Install-Recommends": "0",
    "APT::Sandbox::User": "root",
    "Debug::NoLocking": "1",
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await exec("apt-get", [...settings, "update"]);
  await exec("apt-get", [...settings, "--yes", "--download-only", "install", ...packagesOf(version)]);

  const archives = join(folder, "cache/archives");
  const files = (await readdir(archives)).filter((file) => file.endsWith(".deb"));
  for (const file of files.filter((each) => isNeeded(each.replace(/_.*/, "")))) {
    await exec("bash", ["-o", "pipefail", "-c", unpack, "bash", join(archives, file), root]);
  }
}

/** Older packages have folders where a newer root has links to those below /usr, and dpkg-deb by itself puts them back. */
const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar --extract --keep-directory-symlink --directory="$2"';

/** The mirror that this machine's own packages come from, with the release that the image is made of. */
async function sourcesOf(release: string): Promise<string> {
  const own = await readFile(machineSources, "utf8").catch((cause) => {
    throw new UserError(`${machineSources} can't be read, and the postgres image is made of Debian packages`, {
      mend: "build it on Debian 12 or newer",
      cause,
    });
  });
  const suite = /^Suites:\s*(\w+)/m.exec(own)?.[1] ?? release;
  return own.replaceAll(suite, release);
}
