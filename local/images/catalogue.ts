import { nodeFolder } from "./node-program.ts";
import type { ImageConfig, ImageFolder } from "./oci.ts";
import { serverFolder, type Version } from "./postgres/contents.ts";
import type { Program } from "./programs.ts";

/** What an image is made of: one of our Go programs or built tools, and what a container of it starts. */
export interface ImageRecipe {
  readonly name: string;
  /** A folder beside this file. */
  readonly program?: Program;
  /** Path of a program in TypeScript, which Node runs as it is. */
  readonly node?: string;
  /** Names that `toolPath` knows; the first is what the container starts. */
  readonly tools?: readonly string[];
  /** The database and what belongs to it, from packages. */
  readonly postgres?: Version;
  readonly folders?: readonly ImageFolder[];
  readonly config?: Omit<ImageConfig, "entrypoint">;
}

/** A user without a name: pods may run as nothing but a number. */
const nobody = "65532:65532";

const simulatorVersions = ["1.0.0", "1.1.0", "1.2.0"];

function simulator(version: string): ImageRecipe {
  return {
    name: `simulator:${version}`,
    program: "simulator",
    config: {
      user: nobody,
      env: { VERSION: version },
      labels: { "org.opencontainers.image.version": version, "rampart.dev/simulator": "true" },
      exposedPorts: [8080, 9090, 9091],
    },
  };
}

function postgres(name: string, version: Version): ImageRecipe {
  return {
    name,
    postgres: version,
    // A new volume of Docker's is as its folder is in the image.
    folders: ["/tmp", "/pgdata", "/run/postgresql"].map((path) => ({ path, mode: 0o1777 })),
    config: {
      user: "999:999",
      env: { PATH: `${serverFolder(version)}:/usr/bin`, LC_ALL: "C.UTF-8", HOME: "/tmp" },
      ...(name === "postgres" ? {} : { labels: { "org.opencontainers.image.ref.name": name } }),
      exposedPorts: [5432, 6432, 8008],
    },
  };
}

export const catalogue: readonly ImageRecipe[] = [
  { name: "pause", program: "pause", config: { user: nobody } },
  ...simulatorVersions.map(simulator),
  {
    name: "etcd",
    tools: ["etcd"],
    folders: [{ path: "/data", mode: 0o1777 }],
    config: { user: nobody, exposedPorts: [2379, 2380] },
  },
  { name: "load", program: "load", config: { user: nobody, exposedPorts: [8080] } },
  { name: "coredns", tools: ["coredns"], config: { exposedPorts: [53] } },
  { name: "contour", tools: ["contour"], config: { user: nobody, exposedPorts: [8000, 8001] } },
  { name: "envoy", tools: ["envoy"], config: { user: nobody, exposedPorts: [8080] } },
  {
    name: "prometheus",
    tools: ["prometheus"],
    folders: [{ path: "/prometheus", mode: 0o777 }],
    config: { user: nobody, workdir: "/prometheus", exposedPorts: [9090] },
  },
  {
    name: "alertmanager",
    tools: ["alertmanager"],
    folders: [{ path: "/alertmanager", mode: 0o777 }],
    config: { user: nobody, workdir: "/alertmanager", exposedPorts: [9093] },
  },
  postgres("postgres", 17),
  // The same under another digest: what a database is moved to when it is tried how it is moved.
  postgres("postgres:next", 17),
  // What a database may come from.
  postgres("postgres:15", 15),
  {
    name: "analyzer",
    node: "analyzer/main.ts",
    config: { user: nobody, workdir: nodeFolder, exposedPorts: [8080] },
  },
  { name: "cutover", node: "live/cutover/main.ts", config: { user: nobody, workdir: nodeFolder } },
  { name: "flagger", tools: ["flagger"], config: { user: nobody } },
  {
    name: "argo-rollouts",
    tools: ["argo-rollouts"],
    folders: [{ path: "/tmp", mode: 0o1777 }],
    config: { user: nobody },
  },
  { name: "node-exporter", tools: ["node-exporter"], config: { user: nobody, exposedPorts: [9100] } },
  { name: "versitygw", tools: ["versitygw"], config: { user: nobody, exposedPorts: [7070] } },
];
