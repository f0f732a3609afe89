import { asOfVariable } from "./backups.ts";

/** The last part of the name of the CronJob that jobs are made from. */
export const restoreJobs = "restore";
/** The thirtieth of February. */
export const neverBySchedule = "0 0 30 2 *";

export const restoreTemplate = (scope: string): string => `${scope}-backup-${restoreJobs}`;

interface Container {
  readonly env?: readonly { readonly name: string }[];
  readonly [key: string]: unknown;
}
interface JobSpec {
  readonly template: { readonly spec: { readonly containers: readonly Container[] }; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}
/** As far as it is read of what the API server gives. */
export interface CronJob {
  readonly spec: { readonly jobTemplate: { readonly spec: JobSpec } };
}

/** What is to be served, and for how long: then it goes by itself. */
export interface Wanted {
  readonly scope: string;
  readonly asOf: string;
  readonly hours: number;
}

/** The same time gives the same name, so that nobody restores twice what is there. */
export const restoredName = ({ scope, asOf }: Wanted): string =>
  `${scope}-as-of-${asOf
    .replace(/[^\d]+$/, "")
    .replaceAll(/[^\d]/g, "")
    .slice(0, 20)}`;

export function restoreJob(cronJob: CronJob, wanted: Wanted): object {
  const { template, ...spec } = cronJob.spec.jobTemplate.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    env: [...(container.env ?? []), { name: asOfVariable, value: wanted.asOf }],
  }));
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: restoredName(wanted) },
    spec: {
      ...spec,
      backoffLimit: 0,
      activeDeadlineSeconds: wanted.hours * 3600,
      template: { ...template, spec: { ...template.spec, containers } },
    },
  };
}

export interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly message?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly terminated?: { readonly message?: string } };
    }[];
  };
}

export type Standing =
  | { readonly is: "ready"; readonly pod: string; readonly address: string }
  | { readonly is: "failed"; readonly why: string }
  | { readonly is: "under way"; readonly why: string };

/** How far the one pod of the job is. */
export function standingOf(pods: readonly Pod[]): Standing {
  const [pod] = pods;
  if (!pod) return { is: "under way", why: "it has no pod yet" };
  const { phase, podIP, conditions = [], containerStatuses = [], message } = pod.status;
  if (phase === "Failed" || phase === "Succeeded") {
    return { is: "failed", why: containerStatuses[0]?.state?.terminated?.message ?? message ?? "it has ended" };
  }
  const isTrue = (type: string): boolean => conditions.some((each) => each.type === type && each.status === "True");
  if (podIP && isTrue("Ready")) return { is: "ready", pod: pod.metadata.name, address: podIP };
  const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  return { is: "under way", why: unscheduled?.message ?? "it restores" };
}
