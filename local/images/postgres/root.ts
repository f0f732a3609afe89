import { lstat, mkdir, readdir, readFile, readlink, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../exec.ts";
import type { ImageFile } from "../oci.ts";
import {
  patroniRequirement,
  releaseOf,
  sourceRequirements,
  unneededFolders,
  unneededWheels,
  type Version,
} from "./contents.ts";
import { unpackPackages } from "./packages.ts";

/** The container's first process. */
const entrypoint = "/usr/bin/patroni";

/** Patroni starts the server through multiprocessing, which imports this file again: without the guard that never ends. */
const launcher = `#!/usr/bin/python3
import sys
from patroni.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
`;

const users = "root:x:0:0:root:/:/usr/bin/dash\npostgres:x:999:999:postgres:/tmp:/usr/bin/dash\n";

/** Everything whose change must change the image. */
export const postgresSources = (): Promise<string[]> =>
  Promise.all(
    ["contents.ts", "packages.ts", "root.ts"].map((file) => readFile(join(import.meta.dirname, file), "utf8")),
  );

/** PostgreSQL, Patroni, pgBackRest, PgBouncer and HAProxy with what they need of a Debian system; what starts comes first. */
export async function postgresFiles(version: Version, scratch: string): Promise<ImageFile[]> {
  const root = join(scratch, "root");
  await mkdir(join(root, "usr"), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    await mkdir(join(root, "usr", name));
    await symlink(`usr/${name}`, join(root, name)); // first, or a package makes it a folder
  }
  await unpackPackages(version, scratch, root);
  for (const folder of unneededFolders(version)) await rm(join(root, folder), { recursive: true, force: true });
  await addPatroni(releaseOf(version).python, scratch, root);
  await mkdir(join(root, "etc"), { recursive: true });
  await writeFile(join(root, "etc/passwd"), users);
  await writeFile(join(root, "etc/group"), "root:x:0:\npostgres:x:999:\n");
  await exec("ldconfig", ["-r", root]);
  await rm(join(root, "bin/sh"), { force: true });
  await symlink("dash", join(root, "bin/sh"));
  await unlink(join(root, "usr/bin/psql")).catch(() => undefined); // Debian's is a Perl script that looks for the real one
  const files = await filesOf(root);
  const isEntrypoint = ({ path }: ImageFile): number => Number(path === entrypoint);
  return files.sort((a, b) => isEntrypoint(b) - isEntrypoint(a) || (a.path < b.path ? -1 : 1));
}

async function addPatroni(python: string, scratch: string, root: string): Promise<void> {
  const wheels = join(scratch, "wheels");
  const quiet = ["--quiet", "--disable-pip-version-check"];
  await exec("pip3", ["wheel", ...quiet, "--no-deps", "--wheel-dir", wheels, ...sourceRequirements]);
  const target = ["--python-version", python, "--platform", platform(), "--only-binary=:all:"];
  await exec("pip3", ["download", ...quiet, ...target, "--find-links", wheels, "--dest", wheels, patroniRequirement]);
  const modules = join(root, "usr/lib/python3/dist-packages");
  await mkdir(modules, { recursive: true });
  for (const wheel of (await readdir(wheels)).filter((name) => !unneededWheels.test(name))) {
    await exec("python3", ["-m", "zipfile", "--extract", join(wheels, wheel), modules]);
  }
  await writeFile(join(root, entrypoint), launcher, { mode: 0o755 });
  // The container's root is read-only, so this is the only chance to compile; not by time, which the image resets.
  const compile = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/usr/lib/python3/dist-packages"];
  await exec("chroot", [root, "/usr/bin/python3", ...compile, `/usr/lib/python3.${python.slice(1)}`]);
}

const platform = (): string => `manylinux_2_17_${process.arch === "arm64" ? "aarch64" : "x86_64"}`;

async function filesOf(root: string): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  // With types, or it follows links and everything is there twice.
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    const path = source.slice(root.length);
    if (entry.isSymbolicLink()) files.push({ path, mode: 0o777, link: await readlink(source) });
    else if (entry.isFile()) files.push({ path, mode: (await lstat(source)).mode & 0o755, source });
  }
  return files;
}
