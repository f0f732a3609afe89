import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type Api, connect } from "../live/api.ts";
import { countRules, guardProbes, idleGuards, proveGuards } from "../live/guard-self-test.ts";
import { readLive } from "../live/read.ts";

const patienceMs = 20_000;

/**
 * Tries, once an update has bound the policies, what they have to refuse. A client library may drop rules on their way to
 * the API server, and everything looks green.
 */
export function proveInForce(bound: pulumi.Output<string[]>): pulumi.Output<string> {
  return bound.apply(async (names) => {
    if (pulumi.runtime.isDryRun()) return "proven by the update";
    const api = connect(new pulumi.Config("kubernetes").require("context"));
    const families = [...new Set(names)].map((name) => name.replace(/^rampart-/, ""));
    // The API server takes new policies up some moments after it has taken them.
    const end = Date.now() + patienceMs;
    for (;;) {
      const weak = await weaknesses(api, families);
      if (weak.length === 0) return `${families.length} families of rules refuse what they have to`;
      if (Date.now() > end) throw new pulumi.RunError(`the guards don't hold: ${weak.join("; ")}`);
      await pause(250);
    }
  });
}

async function weaknesses(api: Api, families: readonly string[]): Promise<string[]> {
  const idle = (await idleGuards(api, families)).map((family) => `${family} isn't bound`);
  for (const kind of ["rollouts", "rolloutplans"]) {
    if (!(await countRules(api, kind))) idle.push(`the kind ${kind} has no rules`);
  }
  // Most can only be tried on something that is deployed; on a new cluster `rampart doctor` does it later.
  const patient = Object.values((await readLive(api)) ?? {}).find((one) => one?.rollout?.spec.drain);
  if (!patient?.rollout) return idle;
  const proofs = await proveGuards(api, guardProbes(patient.namespace, patient.rollout));
  const taken = proofs.filter(({ outcome }) => outcome === "NOT REFUSED");
  return [...idle, ...taken.map(({ family, said }) => `${family}: ${said}`)];
}
