import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { parse } from "yaml";
import type { Api } from "../../live/api.ts";
import { cleanRoute, type OldRoute, parseOldRoute } from "../../rollout/adoption/old-route.ts";
import { removeSystem } from "../../rollout/config/edit.ts";
import { isSettled } from "../../rollout/transitions/model.ts";
import { runEngine, targetsOf } from "../engine.ts";
import { CliError, printLine } from "../output.ts";
import { comes, followRoute, gatewayTakes, routePath, routesPath, withWarmPods } from "../served.ts";
import { contextApi, liveOf, openStack, type Stack } from "../stack.ts";
import { writeEdits } from "../stack-edit.ts";
import { adoptedFile, httpSystem, refuseProblems } from "./adopt.ts";

interface HandBackOptions {
  stack: string;
  route?: string;
  context?: string;
}

export function handBackCommand(): Command {
  return new Command("hand-back")
    .description("let a system leave Rampart again, without a gap: the other way round as adopt")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack that it leaves")
    .option("--route <file>", "the HTTPRoute that serves it from now on; the one that adopt has kept if left out")
    .option("--context <name>", "a login that may write routes in the other namespace; the stack's own if left out")
    .addHelpText("after", help)
    .action((system: string, options: HandBackOptions) => handBack(system, options));
}

const help = `
In this order: the pods that are to serve have to run the very image that Rampart has as stable, and be ready; their route is
created beside Rampart's, which is older and wins; then the system is taken out of the stack in its two steps, decommission and
removal, and the other route takes over. It may be run again at any time.

The platform has to give the hosts up first: rampart:handover in the platform's stack file, and pulumi up there.

Example:
  rampart hand-back wdbx --stack production --context production-admin`;

async function handBack(system: string, { stack: name, route: file, context }: HandBackOptions): Promise<void> {
  const http = httpSystem(system);
  const stack = openStack(name);
  const api = context ? contextApi(stack, context) : stack.api;
  const from = file ?? adoptedFile(name, system);
  const route = keptRoute(stack, from);
  refuseProblems(from, route, http);
  const rollout = (await liveOf(stack))[system]?.rollout;
  if (rollout) {
    if (!isSettled(rollout.spec)) {
      throw new CliError(
        `${system} is in the middle of a rollout (${rollout.spec.phase}); settle it or take it back first`,
      );
    }
    await examine(api, system, route, rollout.spec.stable);
    await bringRoute(api, system, route, name);
    await withWarmPods(api, route, () => leave(stack, system));
  }
  const { namespace, name: routeName } = route.metadata;
  const isAlone = async (): Promise<boolean> => (await gatewayTakes(api, namespace, routeName)) === "yes";
  if (!(await comes(isAlone))) throw new CliError(`the gateway doesn't take the route ${namespace}/${routeName}`);
  printLine(`${system} is served by ${namespace}/${routeName}, and no longer by Rampart; commit ${stack.file}`);
}

function keptRoute({ directory }: Stack, file: string): OldRoute {
  const path = join(directory, file);
  if (!existsSync(path)) throw new CliError(`there is no ${file}; name the route that is to serve with --route FILE`);
  try {
    return parseOldRoute(parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new CliError(`${file} is no HTTPRoute with name and namespace: ${(error as Error).message}`);
  }
}

/** Another version behind the other route would be a rollout to everybody at once. */
async function examine(api: Api, system: string, route: OldRoute, stable: string): Promise<void> {
  const { image, readyPods, deployment } = await followRoute(api, route);
  const name = `${route.metadata.namespace}/${deployment.metadata.name}`;
  if (image !== stable) {
    throw new CliError(
      `${name} runs ${image}, and everybody has ${stable} now; ${system} would change version in one step`,
    );
  }
  if (readyPods < deployment.spec.replicas) {
    throw new CliError(`${name} has ${readyPods} of ${deployment.spec.replicas} pods ready; wait for the others`);
  }
}

async function bringRoute(api: Api, system: string, route: OldRoute, stack: string): Promise<void> {
  const { namespace, name } = route.metadata;
  if ((await api.get(routePath(namespace, name))) === undefined) {
    try {
      await api.create(routesPath(namespace), cleanRoute(route));
    } catch (error) {
      const said = (error as Error).message;
      if (!/foreign-hosts/.test(said)) throw error;
      throw new CliError(
        `the platform holds ${system}'s hosts; it gives them up with rampart:handover: { ${system}: ${namespace} } in ` +
          `Pulumi.${stack}-platform.yaml, and pulumi up there`,
      );
    }
  }
  const isSeen = async (): Promise<boolean> => (await gatewayTakes(api, namespace, name)) !== "no";
  if (!(await comes(isSeen)))
    throw new CliError(`the gateway doesn't take the route ${namespace}/${name}; nothing is switched`);
  printLine(`the route ${namespace}/${name} is there and waits behind Rampart's`);
}

/** The two steps of every removal. */
async function leave(stack: Stack, system: string): Promise<void> {
  const up = async (what: string, ...targets: string[]): Promise<void> => {
    printLine(`pulumi up: ${what}`);
    const args = ["up", "--stack", stack.name, "--yes", "--skip-preview", ...targets];
    if (!(await runEngine(stack.directory, args)).succeeded) {
      throw new CliError("pulumi up failed; run the same command again when that is mended");
    }
  };
  writeEdits(stack, new Map([[system, [["decommission", true]]]]));
  await up(`${system} may go`, ...targetsOf([system]));
  const isSeen = async (): Promise<boolean> => {
    const rollout = (await liveOf(stack))[system]?.rollout;
    return rollout?.status.observedStep === rollout?.spec.step;
  };
  if (!(await comes(isSeen))) throw new CliError(`the analyzer hasn't seen that ${system} may go; is it running?`);
  const path = join(stack.directory, stack.file);
  writeFileSync(path, removeSystem(readFileSync(path, "utf8"), stack.file, system));
  await up(`${system} goes`, ...targetsOf([system]));
}
