import { type Half, memberHosts, slotOf } from "./pair.ts";
import { database, postgresPort, tlsFolder } from "./patroni.ts";

const publication = "rampart";
const found = (what: string, where = ""): string => `select ${what} as found ${where}`;
/** What people made; what extensions brought is theirs too. */
const own = "nspname !~ '^pg_' and nspname <> 'information_schema'";
const tables = `from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r' and ${own}`;
const slot = ({ scope }: Half): string => `from pg_replication_slots where slot_name = '${slotOf(scope)}'`;

/** Nobody but the superuser comes in any more, on no member, whoever leads. Who is in has to be sent away. */
export const shut = `alter database ${database} connection limit 0`;
/** Done when as many members have this, and with it all before it, as a row needs to count. */
export const open = `alter database ${database} connection limit -1`;
export const isShut = found("datconnlimit = 0", `from pg_database where datname = '${database}'`);
const clients = `from pg_stat_activity where datname = '${database}' and backend_type = 'client backend' and usename <> 'postgres'`;
export const sendAway = found("pg_terminate_backend(pid)", clients);
export const isEmpty = found("count(*) = 0", clients);
export const address = found("host(inet_server_addr())");
/** The leader knows for whom a row has to wait. */
export const isInStep = found("current_setting('synchronous_standby_names') <> ''");

export const hasSlotFor = (of: Half): string => found("count(*) = 1", slot(of));
export const end = found("pg_current_wal_lsn()");
/** How many bytes of WAL up to there the other hasn't confirmed. */
export const missing = (of: Half, until: string): string =>
  found(`greatest(0, '${until}'::pg_lsn - confirmed_flush_lsn)`, slot(of));
/** What is there already, or came from there, needn't be sent. */
export const skipWhatIsThere = (of: Half): string =>
  `select pg_replication_slot_advance('${slotOf(of.scope)}', pg_current_wal_lsn())`;

export const isPublished = found("count(*) = 1", `from pg_publication where pubname = '${publication}'`);
export const publish = `create publication ${publication} for all tables`;

export const isSubscribed = ({ scope }: Half): string =>
  found("count(*) = 1", `from pg_subscription where subname = '${slotOf(scope)}'`);
/** Of all tables that there are every row was copied, and what changes is taken up. */
export const isCopied = found(
  `(select count(*) ${tables}) = (select count(*) from pg_subscription_rel where srsubstate = 'r')`,
);

/** A password is part of it, and stays out of the log however this ends. */
export const unlogged = "set log_min_duration_statement = -1; set log_min_error_statement = panic";
export const connection = (to: Half, namespace: string, name = database): string =>
  `host=${memberHosts(to, namespace).join(",")} port=${postgresPort} dbname=${name} user=postgres ` +
  `target_session_attrs=read-write sslmode=verify-full sslrootcert=${tlsFolder}/ca.crt`;
/** `from` is a literal of SQL. Nobody else than the superuser gets in where the lead goes over. */
export const subscribe = (of: Half, from: string, isThere: boolean): string =>
  `create subscription ${slotOf(of.scope)} connection ${from} publication ${publication} ` +
  `with (create_slot = false, slot_name = '${slotOf(of.scope)}', copy_data = ${!isThere})`;
/** All or nothing; the slot is the other's. */
export const unsubscribe = ({ scope }: Half): string =>
  [
    "begin",
    `alter subscription ${slotOf(scope)} disable`,
    `alter subscription ${slotOf(scope)} set (slot_name = none)`,
    `drop subscription ${slotOf(scope)}`,
    "commit",
  ].join("; ");

/** Rows arrive only where there is the same place for them, and changes of the schema aren't sent. */
export const columns = found(
  "coalesce(md5(string_agg(concat_ws(' ', nspname, relname, attname, format_type(atttypid, atttypmod)), '/' order by nspname, relname, attname)), '')",
  `from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace ` +
    `where relkind in ('r', 'p') and attnum > 0 and not attisdropped and ${own}`,
);

/** Sequences aren't sent: a command for each, for the other. */
export const sequences = found(
  "format('select setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value)",
  "from pg_sequences where last_value is not null",
);

/** What else isn't, each by its name. */
export const notSent = [
  found("'large objects'", "from pg_largeobject_metadata having count(*) > 0"),
  found("format('%I.%I, which is unlogged', nspname, relname)", `${tables} and relpersistence = 'u'`),
  found(
    "format('%I.%I, whose rows have no key', nspname, relname)",
    `${tables} and relpersistence = 'p' and (relreplident = 'n' or relreplident = 'd' and not exists ` +
      "(select from pg_index where indrelid = c.oid and indisprimary))",
  ),
].join(" union all ");

/** With this the copy ends where another try would find the same. */
export const refusedCopy = 3;

/**
 * Makes a new cluster a copy of the one that leads, and has it follow. Who dies is replaced by one that goes on; whoever
 * comes later, when the other leads, does nothing.
 */
export function copyScript(of: Half, from: Half, namespace: string): string {
  const psql = "psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1";
  const [ours, theirs] = [connection(of, namespace), connection(from, namespace)];
  const [here, there] = [connection(of, namespace, "postgres"), connection(from, namespace, "postgres")];
  return [
    `rest() { python3 -c "import time; time.sleep(0.5)"; }`,
    `refuse() { echo "$1"; exit ${refusedCopy}; }`,
    `ours() { ${psql} "$@" "${ours}"; }`,
    `here() { ${psql} "$@" "${here}"; }`,
    `theirs() { ${psql} "$@" "${theirs}"; }`,
    "until here --command='select 1' && theirs --command='select 1'; do rest; done > /dev/null",
    `if [ "$(theirs --command="${isShut}")" = t ]; then echo "${from.scope} doesn't lead"; exit 0; fi`,
    `if [ "$(here --command="${isSubscribed(of)}")" = f ]; then`,
    `if [ "$(here --command="${isShut}")" = f ] && [ "$(ours --command="${found("count(*)", tables)}")" != 0 ]; then`,
    `refuse "${of.scope} takes writes and holds tables that aren't ${from.scope}'s: nothing is copied over them"; fi`,
    `found=$(theirs --command="${notSent}")`,
    `if [ -n "$found" ]; then refuse "another major version gets rows of tables with a key, and ${from.scope} has: $found"; fi`,
    `if [ "$(theirs --command="${isPublished}")" = f ]; then theirs --command="${publish}"; fi`,
    // Those that each cluster has from its beginning are refused as they are there.
    `pg_dumpall --dbname="${there}" --roles-only > /tmp/roles`,
    `psql --no-psqlrc --quiet --file=/tmp/roles "${here}" > /dev/null 2>&1`,
    `pg_dump --dbname="${theirs}" --schema-only --no-publications --no-subscriptions > /tmp/schema`,
    `here --command="drop database if exists ${database} with (force)"`,
    `here --command="create database ${database} owner app template template0 connection limit 0"`,
    // Until each member has it: one that knows no such database is taken for the answer of all.
    `until ours --command="revoke all on database ${database} from public"; do rest; done`,
    "ours --single-transaction --file=/tmp/schema > /dev/null",
    `until [ "$(theirs --command="${hasSlotFor(of)}")" = t ]; do rest; done`,
    // It began before there was anything to publish, and all that has come since is copied below.
    `theirs --command="${skipWhatIsThere(of)}" > /dev/null`,
    `ours --set=from="${theirs} password=$PGPASSWORD" <<'SQL'`,
    `${unlogged};`,
    `${subscribe(of, ":'from'", false)};`,
    "SQL",
    "fi",
    `until [ "$(ours --command="${isCopied}")" = t ]; do rest; done`,
  ].join("\n");
}
