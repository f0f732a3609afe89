// A project and its cluster, as somebody with the command line meets them.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { httpRouteDrain } from "../../../components/routing/http-route-rules.ts";
import { root } from "../../../local/paths.ts";
import { rolloutPhases } from "../../../rollout/transitions/desired.ts";
import { wdbx } from "../../../stacks/systems/wdbx/plan.ts";
import { type Run, rampart } from "../../unit/cli/run.ts";
import { desired } from "../../unit/transitions/fixture.ts";
import {
  installGuards,
  merge,
  plan,
  remove,
  removeGuards,
  rollout,
  route,
  service,
  write,
} from "../rollout-api/guarded.ts";
import { installRolloutApi, Walk } from "../rollout-api/support.ts";
import { apiCluster, type Workspace } from "../support.ts";

export const stable = `registry.example/wdbx@sha256:${"a".repeat(64)}`;
export const artifact = `registry.example/wdbx@sha256:${"b".repeat(64)}`;
export const phases = rolloutPhases(wdbx, "normal", { environment: "rehearsal", scale: { time: 5760, size: 1 } });
const drain = httpRouteDrain("wdbx", phases);
const planDigest = `sha256:${"1".repeat(64)}`;
const wish = desired({ planDigest, stable, artifact, phases, drain, phase: phases[0]!.name });

/** wdbx at its first phase, under all guards. */
export async function guardedSystem(): Promise<{ walk: Walk; guards: Workspace }> {
  await installRolloutApi();
  await remove(rollout);
  await remove(plan);
  const guards = await installGuards();
  await write({
    ...plan,
    spec: { system: "wdbx", artifactKind: "image", versions: { [planDigest]: { ladder: "normal", phases, drain } } },
  });
  const walk = await Walk.begin("guarded", { "rampart.dev/system": "wdbx" });
  await walk.go(wish);
  return { walk, guards };
}

export async function leave(guards: Workspace): Promise<void> {
  await removeGuards(guards);
  for (const one of [rollout, plan, route(0), service("stable"), service("canary")]) await remove(one);
}

export const annotate = (annotations: Record<string, string | null>) => merge(rollout, { metadata: { annotations } });

/** A project with one stack, and a `pulumi` that notes what it was asked to do. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), "rampart-cli-"));
  readonly #env: NodeJS.ProcessEnv;

  private constructor(kubeconfig: string) {
    const fake = `#!/bin/sh\necho "$*" >> "${this.directory}/asked"\necho "$PULUMI_SAYS"\nexit "\${PULUMI_EXITS:-0}"\n`;
    writeFileSync(join(this.directory, "pulumi"), fake);
    chmodSync(join(this.directory, "pulumi"), 0o755);
    writeFileSync(join(this.directory, "Pulumi.yaml"), "name: x\nruntime: nodejs\n");
    const path = [this.directory, process.env.PATH].join(delimiter);
    this.#env = { KUBECONFIG: kubeconfig, PATH: path, NO_COLOR: "1" };
  }

  static async make(percent: number, phase?: string): Promise<Project> {
    const { kubeconfig } = await apiCluster();
    const project = new Project(kubeconfig);
    const context = JSON.parse(readFileSync(kubeconfig, "utf8")).contexts[0].name;
    project.write(
      [
        `config:\n  kubernetes:context: ${context}\n  rampart:environment: rehearsal\n  rampart:scale: { time: 5760, size: 1 }\n  rampart:layer: systems`,
        `  rampart:wdbx:\n    stable: "${stable}"\n    artifact: "${artifact}"\n    percent: ${percent} # the ceiling\n`,
      ].join("\n") + (phase ? `    phase: ${phase}\n` : ""),
    );
    return project;
  }

  get text(): string {
    return readFileSync(join(this.directory, "Pulumi.rehearsal.yaml"), "utf8");
  }

  write(text: string): void {
    writeFileSync(join(this.directory, "Pulumi.rehearsal.yaml"), text);
  }

  /** What Pulumi was asked to do so far. */
  get asked(): string[] {
    return readFileSync(join(this.directory, "asked"), "utf8").trim().split("\n");
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
    return rampart([...args, "--stack", "rehearsal"], this.directory, { ...this.#env, ...env });
  }

  /** What a command prints that goes on until it is interrupted: here when that was enough. */
  async runUntil(args: readonly string[], isEnough: (text: string) => boolean): Promise<string> {
    const command = [join(root, "cli/rampart.ts"), ...args, "--stack", "rehearsal"];
    const child = spawn(process.execPath, command, { cwd: this.directory, env: { ...process.env, ...this.#env } });
    let text = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      text += chunk;
      if (isEnough(text)) child.kill("SIGINT");
    }
    return text;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
