import type { Plan } from "../plan/model.ts";
import { guide, type RuleOptions } from "./labels.ts";
import type { AlertingRule, RuleGroup } from "./rule.ts";
import { databasesOf } from "./scrape-jobs.ts";

interface Wording {
  readonly alert: string;
  readonly severity: "critical" | "warning" | "info";
  readonly summary: string;
  readonly expr: string;
  readonly lasting?: AlertingRule["for"];
}

/** What a database's clusters say of themselves, whichever of them the plan is about. */
export function databaseRules(plans: readonly Plan[], options: RuleOptions): RuleGroup[] {
  if (databasesOf(plans).length === 0) return [];
  const rules = [...ofMembers, ...ofData, ...ofBackups].map(
    ({ alert, severity, summary, expr, lasting }): AlertingRule => ({
      alert,
      expr,
      ...(lasting && { for: lasting }),
      labels: { kind: "database", severity, measure: "database" },
      annotations: {
        summary,
        description:
          "{{ $labels.system }}, cluster {{ $labels.cluster }}{{ with $labels.pod }}, member {{ . }}{{ end }}",
        ...guide("database", options),
      },
    }),
  );
  return [{ name: "databases", interval: "5s", rules }];
}

const of = (name: string): string => `${name}{job="databases"}`;
const perCluster = (operator: "max" | "min" | "sum", expression: string): string =>
  `${operator} by (system, cluster) (${expression})`;
const hours = (count: number): number => count * 3600;

const leads = `(${of("patroni_primary")} + ${of("patroni_standby_leader")})`;
/** One that makes a copy of the leader's data isn't one that has lost touch. */
const follows = `(${of("patroni_replica")} == 1 and ${of("patroni_postgres_running")} == 1)`;

const ofMembers: readonly Wording[] = [
  {
    alert: "DatabaseSilent",
    severity: "critical",
    summary: "no member of a cluster answers",
    expr: `${perCluster("max", of("up"))} == 0`,
    lasting: "30s",
  },
  {
    alert: "DatabaseMemberSilent",
    severity: "warning",
    summary: "a member doesn't answer",
    expr: `${of("up")} == 0`,
    lasting: "1m",
  },
  {
    alert: "DatabaseWithoutLeader",
    severity: "critical",
    summary: "members answer, and none of them leads",
    expr: `${perCluster("max", leads)} == 0`,
    lasting: "30s",
  },
  {
    alert: "DatabaseTwoLeaders",
    severity: "critical",
    summary: "more than one member says that it leads",
    expr: `${perCluster("sum", leads)} > 1`,
    lasting: "15s",
  },
  {
    alert: "DatabaseLeaderChanged",
    severity: "info",
    summary: "another member leads",
    // It is 0 as long as a member has no server.
    expr: `changes(${perCluster("max", `${of("patroni_postgres_timeline")} > 0`)}[10m:15s]) > 0`,
  },
  {
    alert: "DatabaseReplicaCutOff",
    severity: "warning",
    summary: "a member gets nothing from the leader",
    expr: `${of("patroni_postgres_streaming")} == 0 and ${follows}`,
    lasting: "30s",
  },
  {
    alert: "DatabaseReplicaBehind",
    severity: "warning",
    summary: "a member is more than 256 MB behind the leader",
    expr:
      `(${perCluster("max", of("patroni_xlog_location"))} > 0) ` +
      `- on (system, cluster) group_right () (${of("patroni_xlog_replayed_location")} and ${follows}) > 256e6`,
    lasting: "1m",
  },
  {
    alert: "DatabaseOnItsOwn",
    severity: "warning",
    summary: "members go on without the API server, or their etcd: the leader stays as long as all of them agree",
    expr: `${perCluster("max", of("patroni_failsafe_mode_is_active"))} == 1`,
    lasting: "1m",
  },
];

const ofData: readonly Wording[] = [
  {
    alert: "DatabasePageBroken",
    severity: "critical",
    summary: "a page on disk isn't what was written there",
    expr: `${of("pg_stat_database_checksum_failures")} > 0`,
  },
  {
    alert: "DatabaseMemberMadeAnew",
    severity: "warning",
    summary: "a member's data could not be trusted and was copied anew from the leader",
    expr: `increase(${of("rampart_postgres_made_anew_total")}[1h]) > 0`,
  },
  {
    alert: "DatabaseVolumeFull",
    severity: "critical",
    summary: "less than a tenth of a member's volume is left",
    expr: `${of("rampart_postgres_volume_available_bytes")} / ${of("rampart_postgres_volume_size_bytes")} < 0.1`,
    lasting: "1m",
  },
];

const ofBackups: readonly Wording[] = [
  {
    alert: "DatabaseArchiveFails",
    severity: "critical",
    summary: "the leader can't hand over its WAL: what is written now could not be restored, and its volume fills",
    expr: `${of("rampart_postgres_archive_failing")} == 1`,
    lasting: "1m",
  },
  {
    alert: "DatabaseBackupsSilent",
    severity: "warning",
    summary: "nobody can be asked which backups there are",
    expr: `${perCluster("max", of("pgbackrest_up"))} == 0`,
    lasting: "5m",
  },
  {
    alert: "DatabaseBackupOld",
    severity: "warning",
    summary: "the last backup is older than a day",
    expr: `time() - ${perCluster("max", of("pgbackrest_backup_last_timestamp_seconds"))} > ${hours(26)}`,
    lasting: "5m",
  },
  {
    alert: "DatabaseBackupBroken",
    severity: "critical",
    summary: "the last backup holds a page that isn't what was written there",
    expr: `${perCluster("max", of("pgbackrest_backup_last_error"))} == 1`,
  },
  {
    alert: "DatabaseBackupUnproven",
    severity: "warning",
    summary: "no backup has been restored and read for two days",
    expr:
      `time() - (${perCluster("max", of("pgbackrest_backup_verified_timestamp_seconds"))} ` +
      `or ${perCluster("min", of("pgbackrest_backup_first_timestamp_seconds"))}) > ${hours(50)}`,
    lasting: "5m",
  },
];
