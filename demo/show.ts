import { setTimeout as pause } from "node:timers/promises";
import { readLive } from "../live/read.ts";
import { waitFor } from "../local/wait.ts";
import { deployAnalyzer } from "../test/support/analyzer.ts";
import { breach, type Course, type Moment } from "../test/support/breach.ts";
import { addressOf, closeProjects, imageOf, Project } from "../test/support/environment.ts";
import { Load } from "../test/support/load.ts";

export interface Wishes {
  readonly errors: number;
  readonly rate: number;
  readonly stays: boolean;
}

const environment = "rehearsal";
const system = "wdbx";
const percent = 5;

/** Everything that is seen, from the empty machine to the empty machine. */
export async function show({ errors, rate, stays }: Wishes): Promise<void> {
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stopped.abort());
  const job = run({ errors, rate, stays, signal: stopped.signal });
  try {
    await Promise.race([job, aborted(stopped.signal)]);
  } finally {
    say("taking the cluster down …");
    await closeProjects();
  }
  // What was cut off has nothing left to say.
  process.exit(stopped.signal.aborted && !stays ? 130 : 0);
}

const say = (text: string): void => console.log(text);

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

async function run({ errors, rate, stays, signal }: Wishes & { signal: AbortSignal }): Promise<void> {
  const project = await Project.open();
  say("1. a cluster with the platform and ten systems, all of them settled …");
  await project.start(environment);
  say("   and the analyzer: two replicas that watch and may only lower …");
  await deployAnalyzer(project, environment);
  const load = await Load.start(await addressOf(project, environment), `${system}.example.com`, rate);
  try {
    say(`2. ${rate} requests a second to ${system}, and a new version of it with nobody on it (percent: 0) …`);
    await project.set(environment, `${system}.artifact`, await imageOf("simulator:1.1.0"));
    await project.goTo(environment, system, 0);
    say("   the phase has to pass before the next: the analyzer watches whole minutes, so this takes up to two …");
    await waitFor("the first phase to pass", async () => (await live(project)).status.passed.length > 0, {
      timeout: 600_000,
      interval: 500,
    });
    say(`3. one line of the config, percent: ${percent}, and pulumi up …`);
    await project.goTo(environment, system, percent);
    await waitFor("the new version's users", async () => (await load.sample(200)).canary > 0, { timeout: 120_000 });
    say(`4. from now on ${Math.round(100 * errors)} % of the new version's requests fail\n`);
    const table = new Table();
    const faults = { errors: { ratio: errors } };
    const course = await breach({
      ...{ project, environment, system, load, faults, signal, timeoutMs: 300_000 },
      onMoment: (moment) => table.show(moment),
    });
    say(summary(course, await events(project)));
    if (!stays) return;
    say(`\nThe cluster stays until Ctrl-C:\n  export KUBECONFIG=${project.kubeconfig}\n${lookAt}`);
    await aborted(signal);
  } finally {
    await load.stop();
  }
}

const live = async (project: Project) => (await readLive(project.api(`${environment}-admin`)))![system]!.rollout!;

/** A line for each second, and one for each thing that happens. */
class Table {
  #second = -1;
  #last: Moment | undefined;
  #isOver = false;

  show(moment: Moment): void {
    const { at, canary, weight, rollout } = moment;
    if (!this.#last) say("  seconds   canary's requests   failed   route   verdict");
    const isNewEnd = !this.#isOver && rollout.status.aborted?.attempt === rollout.spec.attempt;
    this.#isOver ||= isNewEnd;
    const isNewWeight = this.#last !== undefined && this.#last.weight !== weight;
    const second = Math.floor(at / 1000);
    if (second > this.#second || isNewEnd || isNewWeight) {
      const cells = [
        (at / 1000).toFixed(2).padStart(9),
        String(canary).padStart(19),
        String(moment.failed).padStart(8),
      ];
      const verdict = rollout.status.verdict?.outcome ?? "";
      const news = [
        ...(isNewEnd ? ["LATCHED: the attempt is over"] : []),
        ...(isNewWeight ? ["the route is down"] : []),
      ];
      say(
        [
          ...cells,
          `${weight} %`.padStart(7),
          ` ${verdict.padEnd(8)}`,
          ...(news.length ? [`← ${news.join(", ")}`] : []),
        ].join(" "),
      );
    }
    this.#second = second;
    this.#last = moment;
  }
}

function summary({ latched, drained, lastCanary, canary, failed, trigger, reason }: Course, told: string[]): string {
  const seconds = (at: number | undefined): string =>
    at === undefined ? "not in time" : `${(at / 1000).toFixed(2)} s`;
  return `
From the fault on:
  the attempt was latched after     ${seconds(latched)}   (${trigger ?? "nothing"}: ${reason ?? ""})
  the route was down after          ${seconds(drained)}
  the canary's last request after   ${seconds(lastCanary)}
  it got ${canary} requests in all, and ${failed} failed

What everybody is told:
${told.map((line) => `  ${line}`).join("\n")}

What to look at: the latch stays. A pulumi up with percent: ${percent} leaves the canary at 0 and says why; the way on is
another artifact, or the same with retry and a reason. docs/guards.md says who enforces that, analyzer/README.md how it
was decided.`;
}

interface Events {
  items: { reason: string; message: string; type: string }[];
}

/** Those of the Rollout; the last one comes once the proxy's counters stand still. */
async function events(project: Project): Promise<string[]> {
  const api = project.api(`${environment}-admin`);
  const read = async (): Promise<Events["items"]> => {
    const { items } = (await api.get(`/api/v1/namespaces/${system}/events`)) as Events;
    return items.filter(({ reason }) => ["Aborted", "Drained"].includes(reason));
  };
  for (let attempt = 0; attempt < 60 && (await read()).length < 2; attempt += 1) await pause(500);
  return (await read()).map(({ reason, message }) => `${reason}: ${message}`);
}

const lookAt = `  kubectl --context ${environment}-admin -n ${system} describe rollout rollout
  kubectl --context ${environment}-admin -n ${system} get events
  kubectl --context ${environment}-admin -n rampart-system logs deployment/analyzer`;
