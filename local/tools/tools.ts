import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { exec } from "../exec.ts";
import { cacheDir } from "../paths.ts";

/** A program that the embedded engine runs, built from pinned sources in `local/tools/<family>/`. */
export interface Tool {
  readonly name: string;
  readonly family: string;
  /** What `go build` gets; a wheel has none. */
  readonly build?: {
    readonly package: string;
    readonly tags: string;
    readonly ldflags?: string;
    readonly flags?: string[];
  };
  /** Files of the module that belong to the tool; they are laid beside it. */
  readonly manifests?: readonly string[];
  /**
   * `api` is an API server and the engine, `node` what a node needs too, `peers` those that a bench compares with; `asked`
   * is built for nothing but what asks for it by name.
   */
  readonly needed: "api" | "node" | "peers" | "asked";
  /** How a copy on PATH tells its version; without it such a copy is not used. */
  readonly versionArgs?: readonly string[];
}

const kubernetesVersion = (version: string): string => {
  const [major, minor] = version.slice(1).split(".");
  const at = "k8s.io/component-base/version.git";
  return `-X ${at}Version=${version} -X ${at}Major=${major} -X ${at}Minor=${minor} -X ${at}TreeState=clean`;
};

function kubernetes(name: string, needed: Tool["needed"], versionArgs: string[] = ["--version"]): Tool {
  const build = {
    package: `k8s.io/kubernetes/cmd/${name}`,
    tags: "grpcnotrace",
    ldflags: kubernetesVersion(pinnedVersion("kubernetes")),
    flags: ["-pgo=off"],
  };
  return { name, family: "kubernetes", build, needed, versionArgs };
}

const prometheusTags = "netgo,remove_all_sd,enable_kubernetes_sd";

/** In the order in which they are built: neighbours share most of what they compile. */
export const tools: readonly Tool[] = [
  {
    name: "etcd",
    family: "etcd",
    build: { package: "go.etcd.io/etcd/server/v3", tags: "" },
    needed: "api",
    versionArgs: ["--version"],
  },
  kubernetes("kube-apiserver", "api"),
  kubernetes("kube-controller-manager", "api"),
  kubernetes("kubectl", "api", ["version", "--client"]),
  {
    name: "pulumi",
    family: "pulumi",
    build: {
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      tags: "osusergo,grpcnotrace",
      ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${pinnedVersion("pulumi")}`,
    },
    needed: "api",
  },
  kubernetes("kube-scheduler", "node"),
  kubernetes("kubelet", "node"),
  kubernetes("kube-proxy", "node"),
  { name: "coredns", family: "coredns", build: { package: ".", tags: "grpcnotrace" }, needed: "node" },
  {
    name: "contour",
    family: "contour",
    build: { package: "github.com/projectcontour/contour/cmd/contour", tags: "grpcnotrace" },
    manifests: [
      "examples/gateway/00-crds.yaml",
      "examples/contour/01-crds.yaml",
      "examples/contour/02-role-contour.yaml",
    ],
    needed: "node",
  },
  { name: "envoy", family: "envoy", needed: "node" },
  {
    name: "prometheus",
    family: "prometheus",
    build: { package: "github.com/prometheus/prometheus/cmd/prometheus", tags: prometheusTags },
    needed: "node",
  },
  {
    name: "promtool",
    family: "prometheus",
    build: { package: "github.com/prometheus/prometheus/cmd/promtool", tags: prometheusTags },
    needed: "node",
  },
  {
    name: "alertmanager",
    family: "alertmanager",
    build: { package: "github.com/prometheus/alertmanager/cmd/alertmanager", tags: "netgo" },
    needed: "node",
  },
  {
    name: "node-exporter",
    family: "node-exporter",
    build: { package: "github.com/prometheus/node_exporter", tags: "netgo,osusergo" },
    needed: "node",
  },
  {
    name: "flagger",
    family: "flagger",
    build: { package: "github.com/fluxcd/flagger/cmd/flagger", tags: "" },
    manifests: ["artifacts/flagger/crd.yaml"],
    needed: "peers",
  },
  {
    name: "argo-rollouts",
    family: "argo-rollouts",
    build: { package: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller", tags: "" },
    manifests: ["rollout", "analysis-run", "analysis-template", "cluster-analysis-template", "experiment"].map(
      (kind) => `manifests/crds/${kind}-crd.yaml`,
    ),
    needed: "peers",
  },
  {
    name: "versitygw",
    family: "versitygw",
    build: { package: "github.com/versity/versitygw/cmd/versitygw", tags: "netgo,osusergo" },
    needed: "asked",
  },
];

export function familyDir(family: string): string {
  return join(import.meta.dirname, family);
}

/** A family's first requirement: go.mod and requirements.txt are the only places that hold versions. */
function pinned(family: string): { module: string; version: string } {
  const dir = familyDir(family);
  const found = existsSync(join(dir, "go.mod"))
    ? /^(?:require |\t)(\S+) (v\S+)$/m.exec(readFileSync(join(dir, "go.mod"), "utf8"))
    : /^(\S+)==(\S+)/.exec(readFileSync(join(dir, "requirements.txt"), "utf8"));
  if (!found) throw new Error(`${dir}: no version is pinned here`);
  return { module: found[1]!, version: found[2]! };
}

export function pinnedVersion(family: string): string {
  return pinned(family).version;
}

export const pinnedModule = (family: string): string => pinned(family).module;

/** Where the built tool lies: another version, another flag or another source is another folder. */
export function builtPath(tool: Tool): string {
  const hash = createHash("sha256").update(JSON.stringify([tool.build, tool.manifests]));
  const dir = familyDir(tool.family);
  for (const file of readdirSync(dir).sort()) hash.update(file).update(readFileSync(join(dir, file)));
  return join(
    cacheDir,
    "tools",
    `${tool.name}-${pinnedVersion(tool.family)}-${hash.digest("hex").slice(0, 10)}`,
    tool.name,
  );
}

/** A copy of the tool on PATH, if its version is the pinned one. */
async function onPath(tool: Tool): Promise<string | undefined> {
  if (!tool.versionArgs) return undefined;
  const wanted = pinnedVersion(tool.family).replace(/^v/, "");
  for (const dir of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(dir, tool.name);
    if (!existsSync(file)) continue;
    const said = await exec(file, tool.versionArgs).catch(() => "");
    if (new RegExp(`(^|[^\\d.])v?${wanted.replaceAll(".", "\\.")}($|[^\\d.])`, "m").test(said)) return file;
  }
  return undefined;
}

/** The tool's executable, or nothing when set-up has still to build it. */
export async function findTool(tool: Tool): Promise<string | undefined> {
  const built = builtPath(tool);
  return existsSync(built) ? built : onPath(tool);
}

export async function toolPath(name: string): Promise<string> {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`${name} is not one of the tools: ${tools.map((each) => each.name).join(", ")}`);
  const path = await findTool(tool);
  if (!path) throw new Error(`${name} is not built yet: ${howToBuild(tool)}`);
  return path;
}

function howToBuild({ needed }: Tool): string {
  if (needed === "asked" || needed === "peers") return "the bench or the test that uses it has it built";
  return `run \`npm run setup${needed === "api" ? " -- --only api" : ""}\``;
}
