import { containersOf, isDatabase, isKind, objectName, podOf } from "../baseline/kubernetes/objects.ts";
import { at, entriesAt, isObject, listAt, numberAt, selects, textAt, textsAt } from "../baseline/look.ts";
import type { PlainResource } from "../baseline/model.ts";
import type { Declared, ResourceDecider } from "./declared.ts";

/** One cluster of PostgreSQL, as its members are declared. */
interface Cluster {
  readonly members: PlainResource;
  /** What all members agree on: `postgresql.parameters`, `postgresql.pg_hba`. */
  readonly agreed: unknown;
  /** Where its server is, with the version in it. */
  readonly binaries: string;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function clusterOf(members: PlainResource, all: readonly PlainResource[]): Cluster {
  const config = (name: string) => all.find((one) => isKind(one, "ConfigMap") && objectName(one) === name);
  const agreed = config(`${objectName(members)}-config`);
  // With a store of its own a job writes it down there.
  const told = all.find((one) => isKind(one, "Job") && objectName(one).startsWith(`${objectName(members)}-agreed-`));
  const mounted = listAt(podOf(members)?.spec, "volumes").map((volume) => textAt(volume, "configMap.name"));
  const own = mounted.map(config).find((one) => one !== undefined);
  return {
    members,
    agreed: parsed(textAt(agreed?.props, "metadata.annotations.config") || environmentOf(told, "AGREED")),
    binaries: textAt(ownConfig(own), "postgresql.bin_dir"),
  };
}

const environmentOf = (resource: PlainResource | undefined, name: string): string => {
  const variables = resource ? containersOf(resource).flatMap(({ spec }) => listAt(spec, "env")) : [];
  return textAt(
    variables.find((variable) => textAt(variable, "name") === name),
    "value",
  );
};

/** A key with a dot in it isn't a path. */
const ownConfig = (map: PlainResource | undefined): unknown => {
  const data = entriesAt(map?.props, "data").find(([key]) => key === "patroni.json")?.[1];
  return typeof data === "string" ? parsed(data) : undefined;
};

/** Holds for each cluster that is there, and for none it doesn't. */
const eachCluster =
  (isWrong: (cluster: Cluster, all: readonly PlainResource[]) => string | false | undefined): ResourceDecider =>
  ({ resources }: Declared) => {
    const clusters = resources.filter(isDatabase).map((members) => clusterOf(members, resources));
    if (clusters.length === 0) return "no cluster of PostgreSQL is declared";
    for (const cluster of clusters) {
      const said = isWrong(cluster, resources);
      if (said) return `${objectName(cluster.members)}: ${said}`;
    }
    return undefined;
  };

const parameter = ({ agreed }: Cluster, name: string): unknown => at(agreed, `postgresql.parameters.${name}`);

const parameters = (wanted: Readonly<Record<string, string | number>>): ResourceDecider =>
  eachCluster((cluster) => {
    const wrong = Object.entries(wanted).filter(([name, value]) => parameter(cluster, name) !== value);
    return wrong.map(([name, value]) => `${name} isn't ${value}`).join(", ");
  });

const isSet = (...names: readonly string[]): ResourceDecider =>
  eachCluster((cluster) => {
    const open = names.filter((name) => parameter(cluster, name) === undefined);
    return open.length > 0 && `nothing is said of ${open.join(", ")}`;
  });

const rulesOfAccess = ({ agreed }: Cluster): string[] => textsAt(agreed, "postgresql.pg_hba");

const serviceWith = (all: readonly PlainResource[], labels: Readonly<Record<string, string>>): boolean =>
  all.some((one) => isKind(one, "Service") && selects(labels, at(one.props, "spec.selector")));

/** Stands before the members and leads to them. */
const isBefore = (one: PlainResource, members: PlainResource, container: string): boolean =>
  isKind(one, "Deployment") &&
  containersOf(one).some(({ name }) => name === container) &&
  objectName(one).startsWith(objectName(members));

const plainSecret = (one: PlainResource): string | undefined =>
  containersOf(one)
    .flatMap(({ spec }) => listAt(spec, "env"))
    .filter(isObject)
    .map((variable) => [textAt(variable, "name"), textAt(variable, "value")] as const)
    .find(([name, value]) => /PASSWORD|SECRET|TOKEN/.test(name) && value !== "")?.[0];

/** Items of the database's checklist that its resources answer. */
export const declaredDatabase: Readonly<Record<string, ResourceDecider>> = {
  "DB-01": eachCluster(({ binaries }) => {
    const version = /\/postgresql\/(\d+)\//.exec(binaries)?.[1];
    return !(Number(version) >= 15) && `runs PostgreSQL ${version ?? "of a version that isn't known"}`;
  }),
  "DB-03": isSet("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"),
  "DB-04": eachCluster((cluster) => {
    const rules = rulesOfAccess(cluster);
    const open = rules.find((rule) => !/ reject$/.test(rule) && / (all|0\.0\.0\.0\/0|::\/0) \S+$/.test(rule));
    if (rules.length === 0) return "nothing says who may come in";
    return open !== undefined && !/^local /.test(open) && `"${open}" lets in whoever asks`;
  }),
  "DB-05": isSet("max_replication_slots", "max_slot_wal_keep_size"),
  "DB-06": eachCluster(
    (cluster) =>
      (parameter(cluster, "archive_mode") !== "on" || !parameter(cluster, "archive_command")) &&
      "its WAL is archived nowhere",
  ),
  "DB-07": parameters({ wal_level: "logical" }),
  "DB-10": isSet("autovacuum_vacuum_scale_factor", "autovacuum_analyze_scale_factor"),
  "DB-12": eachCluster(
    ({ members }, all) => !all.some((one) => isBefore(one, members, "pgbouncer")) && "no pools stand before it",
  ),
  "SEC-04": eachCluster((cluster) => {
    const plain = rulesOfAccess(cluster).filter((rule) => !/^(local|hostssl) /.test(rule) && !/ reject$/.test(rule));
    const isClosed = rulesOfAccess(cluster).some((rule) => /^hostnossl all all all reject$/.test(rule));
    return (plain.length > 0 || !isClosed) && "lets somebody in without TLS";
  }),
  "SEC-05": parameters({ password_encryption: "scram-sha-256" }),
  "SEC-07": ({ resources }) => {
    const found = resources.map((one) => [one, plainSecret(one)] as const).find(([, name]) => name !== undefined);
    return found && `${found[0].name}: ${found[1]} is in the environment as plain text`;
  },
  "SEC-08": parameters({ log_connections: "on" }),
  "SEC-09": eachCluster((cluster) => {
    const slowest = Number(parameter(cluster, "log_min_duration_statement") ?? -1);
    return !(slowest >= 0 && slowest <= 1000) && "queries slower than 1,000 ms aren't logged";
  }),
  "HA-01": eachCluster(({ members }) => {
    const count = numberAt(members.props, "spec.replicas") ?? 1;
    return count < 3 && `has ${count} members`;
  }),
  "HA-04": eachCluster(
    ({ members }, all) =>
      !serviceWith(all, { role: "primary" }) &&
      !all.some((one) => isBefore(one, members, "haproxy")) &&
      "no Service follows the leader",
  ),
  "INF-05": eachCluster(
    ({ members }) =>
      (listAt(members.props, "spec.volumeClaimTemplates").length === 0 ||
        textAt(members.props, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted") === "Delete") &&
      "its data doesn't outlive its pods",
  ),
};
