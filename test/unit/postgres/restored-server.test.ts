import assert from "node:assert/strict";
import { asOfVariable, serveRestored } from "../../../rollout/postgres/backups.ts";
import { type Pod, restoredName, restoreJob, standingOf } from "../../../rollout/postgres/restored-server.ts";
import { rampart } from "../cli/run.ts";
import { good } from "./fixture.ts";

const asOf = "2026-11-21 10:00:00.25+00";
const wanted = { scope: "demo", asOf, hours: 8 };
const pod = (status: Pod["status"]): Pod => ({ metadata: { name: "demo-1" }, status });

describe("a restored server", () => {
  it("has a name that says the time, and that objects can have", () => {
    assert.equal(restoredName(wanted), "demo-as-of-202611211000002500");
    assert.match(restoredName({ ...wanted, asOf: "2026-11-21 10:00:00-05:30" }), /^[a-z0-9-]{1,63}$/);
  });

  it("is the job that the cluster has declared, for one time and some hours", () => {
    const container = { name: "restore", env: [{ name: "A" }] };
    const spec = { backoffLimit: 1, template: { metadata: { labels: {} }, spec: { containers: [container] } } };
    const job = restoreJob({ spec: { jobTemplate: { spec } } }, wanted);
    const env = [{ name: "A" }, { name: asOfVariable, value: asOf }];
    assert.deepEqual(job, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: restoredName(wanted) },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 8 * 3600,
        template: { metadata: { labels: {} }, spec: { containers: [{ name: "restore", env }] } },
      },
    });
  });

  it("restores as of the time that its pod is given, by a script that a pod's command leaves as it is", () => {
    assert.match(serveRestored(good), /"--target=\$AS_OF"/);
    assert.doesNotMatch(serveRestored(good), /\$\$|\$\(/);
  });

  it("is ready, under way or failed as its pod is, with the reason", () => {
    const ready = [{ type: "Ready", status: "True" }];
    assert.deepEqual(standingOf([pod({ phase: "Running", podIP: "10.0.0.1", conditions: ready })]), {
      ...{ is: "ready", pod: "demo-1", address: "10.0.0.1" },
    });
    assert.equal(standingOf([]).is, "under way");
    const noRoom = [{ type: "PodScheduled", status: "False", message: "no node has room" }];
    assert.deepEqual(standingOf([pod({ phase: "Pending", conditions: noRoom })]), {
      ...{ is: "under way", why: "no node has room" },
    });
    const ended = [{ state: { terminated: { message: "no backup is that old" } } }];
    assert.deepEqual(standingOf([pod({ phase: "Failed", containerStatuses: ended })]), {
      ...{ is: "failed", why: "no backup is that old" },
    });
  });
});

describe("rampart postgres restore", function () {
  this.timeout(20_000);

  it("helps, with an example", () => {
    const { code, stdout } = rampart(["postgres", "restore", "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /Example:\n {2}rampart postgres restore demo --context production -n data --as-of/);
  });

  it("says what it takes before it asks anybody", () => {
    const where = ["--context", "nowhere", "--namespace", "data"];
    const wrong = ["--as-of", "2026-11-21 10:00:00", "--hours", "-1"];
    const { code, stderr } = rampart(["postgres", "restore", "demo", ...where, ...wrong]);
    assert.equal(code, 2);
    assert.match(stderr, /--as-of: got "2026-11-21 10:00:00", allowed is a time with its zone, such as/);
    assert.match(stderr, /--hours: got "-1", allowed are whole hours/);
  });
});
