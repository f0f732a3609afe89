import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../../local/wait.ts";
import { deployment, merge, remove, route, service, write } from "../rollout-api/guarded.ts";
import { clientAs, makeNamespace, type Walk } from "../rollout-api/support.ts";
import type { Workspace } from "../support.ts";
import { annotate, artifact, guardedSystem, leave, Project, stable } from "./support.ts";

const routePath = "/apis/gateway.networking.k8s.io/v1/namespaces/guarded/httproutes/wdbx";

/** The command line against a real API server with all guards, and nobody in the analyzer's place. */
describe("the commands that talk to the cluster", function () {
  this.timeout(120_000);
  let walk: Walk;
  let guards: Workspace;
  const projects: Project[] = [];
  const project = async (percent: number, phase?: string): Promise<Project> => {
    const made = await Project.make(percent, phase);
    projects.push(made);
    return made;
  };
  const soon = (object: Parameters<typeof write>[0]): Promise<boolean> =>
    waitFor("the policies' cache", async () => (await write(object)).length === 0, { timeout: 5_000 });
  const canaryWeight = async (): Promise<number> => {
    const { spec } = (await (await clientAs()).get(routePath)) as never as {
      spec: { rules: { backendRefs: { name: string; weight: number }[] }[] };
    };
    return spec.rules[0]!.backendRefs.find(({ name }) => name === "wdbx-canary")!.weight;
  };

  before(async () => {
    ({ walk, guards } = await guardedSystem());
    await soon(service("stable"));
    await soon(deployment("stable", stable));
    await soon(route(0));
  });
  after(async () => {
    for (const one of projects) one.remove();
    await remove(deployment("stable", stable));
    await leave(guards);
  });

  describe("a system that waits at its first phase", () => {
    it("status says what comes next and everything that stands against it", async () => {
      const { stdout, code } = (await project(0)).run(["status", "wdbx"]);
      assert.equal(code, 0);
      assert.match(stdout, /wdbx: advance from infrastructure \(0 %\) to canary-5 \(5 %\): not yet/);
      assert.match(stdout, /the analyzer has seen step 0, the Rollout is at step 1/);
      assert.match(stdout, /infrastructure has not passed/);
      assert.match(stdout, /the verdict is Running/);
      assert.match(stdout, /- \(stale\)/);
    });

    it("status goes on looking until it is interrupted", async () => {
      const heads = (text: string): number => text.match(/^system +artifact/gm)?.length ?? 0;
      const text = await (await project(0)).runUntil(["status", "wdbx", "--watch"], (said) => heads(said) >= 2);
      assert.equal(heads(text), 2);
    });

    it("readiness says of every phase how far its checklist is, and of this one what is missing by whom", async () => {
      const { stdout, code } = (await project(0)).run(["readiness", "wdbx"]);
      assert.equal(code, 0);
      assert.match(stdout, /^infrastructure +\d+ +\d+ +\d+ P, \d+ A/m);
      assert.match(stdout, /^wdbx in rehearsal, to leave infrastructure: \d+ of \d+ items hold$/m);
      assert.match(stdout, /^ {2}to be attested by technical-lead: .*WDBX-APR-01/m);
    });

    it("probe signs what the API server shows of the nodes, also that it isn't enough", async () => {
      const probing = await project(0);
      const key = join(probing.directory, "key");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
      const by = ["--as", "pia@example.com", "--key", key];
      const look = () => {
        const { stdout, code } = probing.run(["probe", "wdbx", "--only", "node-size", ...by]);
        const file = /^ {2}(\/.*\.json)$/m.exec(stdout)![1]!;
        return { code, stdout, ...JSON.parse(readFileSync(file, "utf8")).statement };
      };
      const node = { apiVersion: "v1", kind: "Node", metadata: { name: "large" } };
      const size = { cpu: "16", memory: "64Gi" };
      await write(node);
      await merge(
        node,
        { status: { ...{ capacity: size, allocatable: size }, conditions: [{ type: "Ready", status: "True" }] } },
        "/status",
      );
      try {
        const good = look();
        assert.deepEqual([good.code, good.result, good.items], [0, "passed", ["WDBX-INF-02"]], good.stdout);
        assert.deepEqual(good.figures, { large: "16 cores, 68.7 GB" });
        assert.deepEqual([good.phase, good.attempt, good.signer.role], ["infrastructure", 1, "platform-engineering"]);
      } finally {
        await remove(node);
      }
      const { code, stdout } = probing.run(["probe", "wdbx", "--only", "node-size"]);
      assert.equal(code, 1);
      assert.match(stdout, /^node-size: does not hold: 0 of 0 nodes/);
      assert.doesNotMatch(stdout, /\.json/, "without a key nothing is signed");
    });

    it("promote refuses with the same reasons and leaves the file alone", async () => {
      const refused = await project(0);
      const before = refused.text;
      const { code, stderr } = refused.run(["promote", "wdbx"]);
      assert.equal(code, 1);
      assert.match(stderr, /not yet\nwdbx: advance from infrastructure/);
      assert.match(stderr, /infrastructure has not passed/);
      assert.equal(refused.text, before);
      assert.throws(() => refused.asked, /ENOENT/);
    });

    it("promote edits the one line and prints the pull request, once the phase has passed", async () => {
      await walk.pass();
      const passed = await project(0);
      const { code, stdout } = passed.run(["promote", "wdbx"]);
      assert.equal(code, 0);
      assert.match(stdout, /^wdbx: infrastructure \(0 %\) → canary-5 \(5 %\) in rehearsal$/m);
      assert.match(stdout, /who gets the artifact then: 5 % of/);
      assert.match(stdout, /rampart rollback wdbx --stack rehearsal/);
      assert.match(passed.text, /percent: 5 # the ceiling/);
      assert.deepEqual(passed.asked, ["preview --stack rehearsal"]);
    });

    it("a preview that fails puts the file back", async () => {
      const failing = await project(0);
      const before = failing.text;
      const { code, stderr } = failing.run(["promote", "wdbx"], { PULUMI_EXITS: "1" });
      assert.equal(code, 1);
      assert.match(stderr, /the preview failed, so Pulumi\.rehearsal\.yaml is as it was/);
      assert.equal(failing.text, before);
    });

    it("a phase is never jumped over", async () => {
      const { code, stderr } = (await project(0)).run(["promote", "wdbx", "--to", "canary-25"]);
      assert.equal(code, 1);
      assert.match(stderr, /canary-5 comes before it/);
    });
  });

  describe("a canary with users", () => {
    before(async () => {
      await walk.climbTo("canary-5");
      await soon(route(5));
    });

    it("settle waits for the last phase", async () => {
      const { code, stderr } = (await project(5)).run(["settle", "wdbx"]);
      assert.equal(code, 1);
      assert.match(stderr, /canary-5 \(5 %\) isn't the last phase/);
    });

    it("status tells config and reality apart, as data too", async () => {
      const { stdout } = (await project(0)).run(["status", "--json"]);
      const [one] = JSON.parse(stdout);
      assert.equal(one.phase, "canary-5");
      assert.deepEqual(one.differences.slice(0, 1), [
        "the config says infrastructure (0 %), and the Rollout is at canary-5 (5 %)",
      ]);
    });

    it("rollback takes everybody off, with the analyzer dead and Pulumi's lock taken", async () => {
      const locked = await project(5);
      const says = "error: the stack is currently locked by 1 lock(s)";
      const { code, stdout } = locked.run(["rollback", "wdbx", "--reason", "errors"], {
        PULUMI_SAYS: says,
        PULUMI_EXITS: "255",
      });
      assert.equal(await canaryWeight(), 0);
      assert.match(stdout, /attempt 1 is over; nobody can raise it any more/);
      assert.match(stdout, /drained \(everybody-to-stable\), seen down/);
      assert.match(locked.text, /percent: 0 # the ceiling/);
      assert.equal(code, 1);
      assert.match(stdout, /left to do: pulumi up .*another update holds the stack's lock/);
      const { metadata } = (await walk.read()) as { metadata: { annotations: Record<string, string> } };
      assert.equal(metadata.annotations["rampart.dev/abort"], "1");
      assert.equal(metadata.annotations["rampart.dev/abort-reason"], "errors");
    });

    it("what was rolled back can't be raised again, not even by an admin", async () => {
      const said = (await write(route(5))).join();
      assert.match(said, /somebody asked for an abort of attempt 1/);
      assert.equal(await canaryWeight(), 0);
      const { stderr, code } = (await project(5)).run(["promote", "wdbx"]);
      assert.equal(code, 1);
      assert.match(stderr, /attempt 1 of wdbx was aborted by a person/);
    });

    it("rollback may be run again, and then ends the update too", async () => {
      const again = await project(5);
      const first = again.run(["rollback", "wdbx", "--reason", "errors"]);
      assert.equal(first.code, 0, first.stdout + first.stderr);
      const target = "--target **::wdbx --target **::wdbx-*";
      assert.deepEqual(again.asked, [`up --stack rehearsal --yes --skip-preview ${target}`]);
      const second = again.run(["rollback", "wdbx", "--reason", "errors"]);
      assert.equal(second.code, 0);
      assert.match(second.stdout, /says already wdbx infrastructure \(0 %\)/);
      assert.equal(await canaryWeight(), 0);
    });

    it("works again after somebody took the latch away and raised the canary", async () => {
      await annotate({ "rampart.dev/abort": null });
      await soon(route(5));
      const { code } = (await project(5)).run(["rollback", "wdbx", "--reason", "errors", "--no-up"]);
      assert.equal(code, 0);
      assert.equal(await canaryWeight(), 0);
    });

    it("a rehearsal of the way back is timed and signed, for the stack where the same artifact waits", async () => {
      await annotate({ "rampart.dev/abort": null });
      await soon(route(5));
      const rehearsing = await project(5);
      const key = join(rehearsing.directory, "key");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
      const waiting = rehearsing.text
        .replace(/ +rampart:scale.*\n/, "")
        .replace("environment: rehearsal", "environment: production");
      const stackFile = join(rehearsing.directory, "Pulumi.production.yaml");
      const rehearse = (...more: string[]) =>
        rehearsing.run(["probe", "wdbx", "--only", "rollback", "--as", "pia@example.com", "--key", key, ...more]);
      writeFileSync(stackFile, waiting.replaceAll("b".repeat(64), "c".repeat(64)));
      assert.match(rehearse("--for", "production").stderr, /production has .*@sha256:ccc.* that proves nothing there/);
      assert.equal(await canaryWeight(), 5, "nothing has happened yet");
      writeFileSync(stackFile, waiting);
      const { code, stdout, stderr } = rehearse("--for", "production");
      assert.equal(code, 0, stdout + stderr);
      assert.equal(await canaryWeight(), 0);
      assert.match(
        stdout,
        /^rollback: holds: latched after .* s, users back after .* s of 30s, requests weren't counted$/m,
      );
      const [file] = /\S+WDBX-GO-05-\S+\.json/.exec(stdout)!;
      const { statement } = JSON.parse(readFileSync(file, "utf8"));
      assert.deepEqual([statement.stack, statement.result, statement.artifact], ["production", "passed", artifact]);
      assert.ok(statement.figures["users-back-s"] < 30);
    });

    it("a config that can't be edited keeps nobody's users on the canary", async () => {
      await annotate({ "rampart.dev/abort": null });
      await soon(route(5));
      const broken = await project(5);
      broken.write(`${broken.text}    percnt: 1\n`);
      const { code, stdout } = broken.run(["rollback", "wdbx", "--reason", "errors"]);
      assert.equal(await canaryWeight(), 0);
      assert.equal(code, 1);
      assert.match(stdout, /left to do: write the config down by hand/);
    });
  });

  describe("doctor", () => {
    const guardLines = (stdout: string): Record<string, string> =>
      Object.fromEntries(
        JSON.parse(stdout)
          .filter(({ check }: { check: string }) => check.startsWith("guard "))
          .map(({ check, outcome }: { check: string; outcome: string }) => [check.slice(6), outcome]),
      );

    it("sees every family of guards refuse what it has to refuse", async () => {
      const { stdout } = (await project(5)).run(["doctor", "--json"]);
      const outcomes = guardLines(stdout);
      assert.equal(Object.keys(outcomes).length, 18);
      assert.deepEqual([...new Set(Object.values(outcomes))], ["ok"], stdout);
    });

    it("names an open handover, and a gateway that takes routes from anywhere", async () => {
      const namespace = "rampart-gateway";
      await makeNamespace(namespace, {});
      const look = async (namespaces: object | undefined): Promise<string> => {
        const listener = {
          name: "http",
          port: 80,
          protocol: "HTTP",
          ...(namespaces && { allowedRoutes: { namespaces } }),
        };
        await write({
          ...{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { name: "gateway", namespace } },
          spec: { gatewayClassName: "rampart", listeners: [listener] },
        });
        const { stdout } = (await project(5)).run(["doctor", "--json"]);
        const { outcome, detail } = JSON.parse(stdout).find(({ check }: { check: string }) => check === "gateway");
        return `${outcome}: ${detail}`;
      };
      const named = (operator: string, ...values: string[]) => ({
        from: "Selector",
        selector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values }] },
      });
      assert.match(await look(named("In", "wdbx")), /^ok: /);
      assert.equal(
        await look(named("In", "wdbx", "search")),
        "warning: also takes routes from search: a handover is open",
      );
      assert.match(await look(named("NotIn", "wdbx")), /^PROBLEM: takes routes from namespaces that aren't named/);
      assert.match(await look({ from: "All" }), /^PROBLEM: /);
      assert.match(await look(undefined), /^PROBLEM: /);
    });

    it("reports a policy that no longer denies, tried and untried ones alike", async () => {
      const apiVersion = "admissionregistration.k8s.io/v1";
      for (const name of ["rampart-no-grants", "rampart-route-weight", "rampart-keep-traffic"]) {
        await remove({ apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata: { name } });
      }
      const reported = await project(5);
      const outcomes = await waitFor("the bindings to be gone", () => {
        const { stdout, code } = reported.run(["doctor", "--json"]);
        assert.equal(code, 1);
        const found = guardLines(stdout);
        return Promise.resolve(found["route-weight"] === "NOT REFUSED" && found["no-grants"] !== "ok" && found);
      });
      assert.ok(outcomes);
      assert.equal(outcomes["no-grants"], "NOT REFUSED");
      assert.equal(outcomes["keep-traffic"], "PROBLEM");
      assert.equal(outcomes["other-routes"], "ok");
    });
  });
});
