import { stringify } from "yaml";
import { digestOf } from "../../evidence/canonical.ts";
import { etcdScope } from "../etcd.ts";
import { agreedService, etcdService, memberServices, poolerService, routerService, type SwarmFiles } from "./parts.ts";
import { certificateFiles, type SwarmService } from "./service.ts";
import type { SwarmRequest } from "./settings.ts";

export const productionFile = "docker-compose.production.yml";
export const rollbackFile = "docker-compose.production.rollback.yml";

/** A cluster of PostgreSQL as files for `docker stack deploy`, by their names in one folder. */
export function swarmFiles(request: SwarmRequest, attendant: string): Readonly<Record<string, string>> {
  const written = new Map<string, string>();
  const config = (name: string, text: string): string => {
    written.set(name, text);
    return name;
  };
  const stack = (images: SwarmRequest["images"]): string =>
    stackText({ ...request, images }, { config, attendant }, written);
  const { rollback, ...images } = request.images;
  const production = stack(images);
  return {
    [productionFile]: production,
    ...(rollback && { [rollbackFile]: stack({ ...images, postgres: rollback }) }),
    ...Object.fromEntries([...written].map(([name, text]) => [fileOf(name), text])),
  };
}

const fileOf = (config: string): string => `configs/${config}`;

function stackText(request: SwarmRequest, files: SwarmFiles, written: ReadonlyMap<string, string>): string {
  const { scope, members, etcd, subnet } = request;
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  const services: Record<string, SwarmService> = {
    ...Object.fromEntries(numbers(etcd.members).map((at) => [`${etcdScope(scope)}-${at}`, etcdService(request, at)])),
    [`${scope}-agreed`]: agreedService(request, files),
    ...Object.assign({}, ...numbers(members).map((at) => memberServices(request, at, files))),
    [`${scope}-router`]: routerService(request, files),
    [`${scope}-pooler`]: poolerService(request, files),
  };
  const all = Object.values(services);
  const volumes = all.flatMap(({ volumes = [] }) => volumes.flatMap(({ source }) => source ?? []));
  const secrets = all.flatMap(({ secrets = [] }) => secrets.map(({ source }) => source));
  const text = {
    version: "3.9", // what Docker 20.10 knows, which refuses a file that doesn't say
    services,
    networks: {
      cluster: { driver: "overlay", driver_opts: { encrypted: "true" }, ipam: { config: [{ subnet }] } },
    },
    volumes: Object.fromEntries([...new Set(volumes)].sort().map((name) => [name, {}])),
    secrets: Object.fromEntries(
      [...new Set(secrets)].sort().map((name) => [name, { external: true, name: secretName(scope, name) }]),
    ),
    configs: Object.fromEntries(
      [...written].map(([name, content]) => [
        name,
        { file: `./${fileOf(name)}`, name: configName(scope, name, content) },
      ]),
    ),
  };
  return heading(request) + stringify(escaped(text), { lineWidth: 0, aliasDuplicateObjects: false });
}

const longestName = 64;

/** What is there under a name never changes, so that another content has another name. */
const configName = (scope: string, name: string, content: string): string =>
  `${scope}-${digestOf(content).slice("sha256:".length, "sha256:".length + 8)}-${name}`.slice(0, longestName);

/** As Swarm knows it. */
export const secretName = (scope: string, name: string): string => `${scope}-${name}`;

/** A dollar stands for a variable of the shell that deploys; there is none in here. */
const escaped = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, each) => (typeof each === "string" ? each.replaceAll("$", "$$$$") : each));

function heading({ scope, members, etcd }: SwarmRequest): string {
  const nodes = Math.max(members, etcd.members);
  return [
    "# Written by `rampart postgres compose`; write it anew instead of changing it.",
    `# Needs ${nodes} nodes of the swarm with the label rampart.${scope}=0 to ${nodes - 1}, one each, and secrets that are there:`,
    `# ${[...certificateFiles, ...logins].map((each) => secretName(scope, each)).join(" ")}`,
    "",
  ].join("\n");
}

/** Whose passwords are secrets. */
export const logins = ["superuser", "replication", "rewind", "rest", "app", "pooler"] as const;
