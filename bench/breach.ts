import { waitFor } from "../local/wait.ts";
import { deployAnalyzer, fault } from "../test/support/analyzer.ts";
import { breach, type Course } from "../test/support/breach.ts";
import { addressOf, imageOf, Project } from "../test/support/environment.ts";
import { Load } from "../test/support/load.ts";
import { Attempts } from "./support/attempts.ts";
import { type Case, caseOf, floorOf, repeated } from "./support/faults.ts";
import { round, timesOf } from "./support/measure.ts";

export const summary =
  "from a fault of the canary to its last request, by fault and weight; the bench peers has others beside it";

const environment = "rehearsal";
const system = "wdbx";
/** Requests per second; a machine that runs a cluster as well can take it. */
const rate = 150;

const cases: readonly Case[] = [
  caseOf(5, "errors-100", 3),
  caseOf(25, "errors-100", 5),
  caseOf(50, "errors-100", 3),
  caseOf(25, "errors-20", 3),
  caseOf(25, "errors-5", 2),
  caseOf(25, "crash", 3),
  caseOf(25, "latency-3", 1),
];
/** Weights that the plan knows; what lies below one of them is given less than its phase may have. */
const rungs = [5, 25, 50, 100];

interface Row {
  readonly what: string;
  readonly weight: number;
  readonly runs: number;
  /** Seconds, medians. */
  readonly latched: number | undefined;
  readonly last: number | undefined;
  readonly slowest: number | undefined;
  readonly floor: number | undefined;
  readonly failed: number;
}

interface Options {
  readonly json: boolean;
  readonly only?: readonly Case[];
}

export async function run({ json, only = cases }: Options): Promise<{ rate: number; rows: Row[] }> {
  const project = await Project.open();
  try {
    await project.start(environment);
    await deployAnalyzer(project, environment);
    await project.set(environment, `${system}.artifact`, await imageOf("simulator:1.1.0"));
    await project.goTo(environment, system, 0);
    return await measure(project, json, only);
  } finally {
    await project.close();
  }
}

/** On a project whose first attempt stands at its first phase. */
export async function measure(
  project: Project,
  json: boolean,
  wanted: readonly Case[],
): Promise<{ rate: number; rows: Row[] }> {
  const attempts = await Attempts.open(project, environment, system);
  const load = await Load.start(await addressOf(project, environment), `${system}.example.com`, rate);
  const rows: Row[] = [];
  try {
    if (!json)
      console.log(`${rate} requests/s; seconds from the fault on, medians; floor = requests needed / canary's rate`);
    for (const one of wanted) {
      const courses: Course[] = [];
      for (let index = 0; index < one.runs; index += 1) courses.push(await once(project, attempts, load, one));
      const row = rowOf(one, courses);
      rows.push(row);
      if (!json) console.log(lineOf(row));
    }
  } finally {
    await load.stop();
  }
  return { rate, rows };
}

async function once(project: Project, attempts: Attempts, load: Load, one: Case): Promise<Course> {
  const { status, spec } = await attempts.rollout();
  if (status.aborted?.attempt === spec.attempt) await attempts.land();
  if (one.isSlow) await silence(project);
  await attempts.climb(rungs.find((rung) => rung >= one.weight)!);
  if (!rungs.includes(one.weight)) await attempts.share({ all: one.weight });
  await waitFor("the canary's users", async () => (await load.sample(200)).canary > 0);
  const over = new AbortController();
  const again = one.isAgain && repeated(() => fault(project, environment, system, one.faults), over.signal);
  try {
    return await breach({ project, environment, system, load, faults: one.faults, timeoutMs: 240_000 });
  } finally {
    over.abort();
    await again;
    await healed(project);
  }
}

/** Where pods are being started anew this takes until all of them answer. */
const healed = (project: Project): Promise<boolean> =>
  waitFor("a canary without faults", () => fault(project, environment, system, {}).then(() => true), {
    timeout: 180_000,
  });

interface Found {
  data: { result: unknown[] };
}

/** What failed in the last attempt stays in the rules' windows for a while, and would be told of this one. */
async function silence(project: Project): Promise<void> {
  const failures = `envoy_cluster_upstream_rq_xx{system="${system}",track="canary",envoy_response_code_class="5"}`;
  const query = encodeURIComponent(`sum(increase(${failures}[2m])) > 0`);
  const path = `/api/v1/namespaces/rampart-monitoring/pods/prometheus-0:9090/proxy/api/v1/query?query=${query}`;
  const isSilent = async () =>
    ((await project.api(`${environment}-admin`).get(path)) as Found).data.result.length === 0;
  await waitFor("the last attempt's failures to be past", isSilent, { timeout: 240_000, interval: 1000 });
}

function rowOf(one: Case, courses: readonly Course[]): Row {
  const { what, weight, runs } = one;
  const floor = floorOf(one, rate);
  const last = timesOf(courses.map(({ drained, lastCanary }) => (drained === undefined ? undefined : lastCanary)));
  return {
    ...{ what, weight, runs },
    ...{ latched: timesOf(courses.map(({ latched }) => latched)).median, last: last.median, slowest: last.slowest },
    floor: floor && round(floor),
    failed: Math.max(...courses.map(({ failed }) => failed)),
  };
}

function lineOf({ what, weight, runs, latched, last, slowest, floor, failed }: Row): string {
  const said = (value: number | undefined) => `${value ?? "-"}`.padStart(7);
  const times = `latched ${said(latched)}  last canary request ${said(last)} (slowest ${said(slowest)})  floor ${said(floor)}`;
  return `${what.padEnd(11)} at ${`${weight} %`.padStart(4)}, n=${runs}: ${times}  at most ${failed} failed`;
}
