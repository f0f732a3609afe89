import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import type { Api } from "../../live/api.ts";
import { LiveError } from "../../live/live-error.ts";
import { listPath, objectPath } from "../../live/paths.ts";
import { timeRefusals } from "../../rollout/postgres/backups.ts";
import {
  type CronJob,
  type Pod,
  restoredName,
  restoreJob,
  restoreTemplate,
  standingOf,
} from "../../rollout/postgres/restored-server.ts";
import { CliError, exitCode, printLine } from "../output.ts";
import { projectDirectory } from "../project.ts";
import { contextApi } from "../stack.ts";
import { composeCommand } from "./postgres-compose.ts";

export function postgresCommand(): Command {
  return new Command("postgres")
    .description("what is done with a cluster of PostgreSQL beside its program")
    .addCommand(restoreCommand().exitOverride())
    .addCommand(composeCommand().exitOverride());
}

interface RestoreOptions {
  context: string;
  namespace: string;
  asOf: string;
  hours: string;
}

function restoreCommand(): Command {
  return new Command("restore")
    .description("serve a cluster's data as of a time, from its backups, beside it and without touching it")
    .argument("<scope>", "the cluster, as its program calls it")
    .requiredOption("--context <name>", "of the kubeconfig: where the cluster is")
    .requiredOption("-n, --namespace <name>", "where the cluster is")
    .requiredOption("--as-of <time>", "with its zone, such as 2026-11-21 10:00:00+00")
    .option("--hours <number>", "after so many it goes by itself", "8")
    .addHelpText("after", help)
    .action(restore);
}

const help = `
The time has to be after the end of the first backup that is kept, and something later has to be archived, which is so a
minute after the next write. It is one server with a copy of all the data, for looking and for taking rows back; its
roles have the passwords of that time. For a cluster that stays, give a program's PatroniCluster the argument restore.

Example:
  rampart postgres restore demo --context production -n data --as-of "2026-11-21 10:00:00+00"`;

const patienceSeconds = 3600;

async function restore(scope: string, { context, namespace, asOf, hours }: RestoreOptions): Promise<void> {
  const refused = [...timeRefusals("--as-of", asOf), ...(/^[1-9]\d{0,3}$/.test(hours) ? [] : [wrongHours(hours)])];
  if (refused.length > 0) throw new CliError(refused.join("; "), exitCode.usage);
  const wanted = { scope, asOf, hours: Number(hours) };
  const name = restoredName(wanted);
  const api = contextApi({ directory: projectDirectory() }, context);
  const template = await templateOf(api, namespace, scope);
  const jobs = listPath("batch/v1", "jobs", namespace);
  await api.create(jobs, restoreJob(template, wanted)).catch((error: unknown) => {
    if (!(error instanceof LiveError && error.status === 409)) throw error;
    printLine(`${name} is there already`);
  });
  const remove = `kubectl --context ${context} -n ${namespace} delete job ${name}`;
  const { pod, address } = await served(api, namespace, name, remove);
  printLine(`${scope} as of ${asOf} is served by ${pod}, at ${address}:5432 inside the cluster`);
  printLine(
    `  kubectl --context ${context} -n ${namespace} exec -it ${pod} -- psql --host=/tmp --username=postgres app`,
  );
  printLine(`it goes by itself after ${hours} hours, or with: ${remove}`);
}

const wrongHours = (got: string): string => `--hours: got "${got}", allowed are whole hours, 1 to 9999`;

async function templateOf(api: Api, namespace: string, scope: string): Promise<CronJob> {
  const found = await api.get(objectPath("batch/v1", "cronjobs", namespace, restoreTemplate(scope)));
  if (found) return found as CronJob;
  const path = listPath("batch/v1", "cronjobs", namespace);
  const { items } = (await api.get(path)) as { items: readonly { metadata: { name: string } }[] };
  const suffix = restoreTemplate("");
  const there = items.map(({ metadata }) => metadata.name).filter((name) => name.endsWith(suffix));
  const known = there.map((name) => name.slice(0, -suffix.length)).join(", ");
  throw new CliError(
    `${namespace} has no cluster ${scope} that keeps backups (CronJob ${restoreTemplate(scope)}); ` +
      (known ? `there are: ${known}` : `nor any other; is ${namespace} the right namespace?`),
  );
}

/** Until it takes queries; what keeps it is said once. */
async function served(api: Api, namespace: string, name: string, remove: string) {
  const path = `${listPath("v1", "pods", namespace)}?labelSelector=job-name%3D${name}`;
  let said = "";
  for (const end = Date.now() + patienceSeconds * 1000; Date.now() < end; await pause(1000)) {
    const { items } = (await api.get(path)) as { items: readonly Pod[] };
    const standing = standingOf(items);
    if (standing.is === "ready") return standing;
    if (standing.is === "failed") throw new CliError(`${name} has failed; remove it with: ${remove}\n${standing.why}`);
    if (standing.why !== said) printLine(`${name}: ${standing.why}`);
    said = standing.why;
  }
  throw new CliError(`${name} isn't ready within an hour: ${said}; it goes on, and this command may be run again`);
}
