import assert from "node:assert/strict";
import { type Declared, declaredAt, readEverything, scopeOf } from "../../../rollout/postgres/migration.ts";
import { distributedPostgres } from "../../../stacks/systems/distributed-postgres/plan.ts";
import { good } from "./fixture.ts";

const ladder = (environment: "staging" | "production") => distributedPostgres.ladders[environment].normal!;
const at = (environment: "staging" | "production", name: string): Declared => {
  const isExposed = ladder(environment).find((phase) => phase.name === name)!.percent > 0;
  return declaredAt(ladder(environment), { name, isExposed, isRetry: false });
};

describe("the database's plan", () => {
  it("says in each phase which clusters there are, which leads, and what is tried", () => {
    const walked = (environment: "staging" | "production") =>
      ladder(environment).map(({ name }) => {
        const { leads, hasNew, trials } = at(environment, name);
        return [name, leads, hasNew ? 2 : 1, ...trials];
      });
    assert.deepEqual(walked("production"), [
      ["pre-migration", "old", 1, "snapshot", "restore"],
      ["migration", "old", 2, "final-backup", "validation"],
      ["verification", "new", 2],
      ["watch-72h", "new", 2],
    ]);
    assert.deepEqual(walked("staging"), [
      ["rehearsal-snapshot", "old", 1, "snapshot", "restore"],
      ["rehearsal-migration", "old", 2, "final-backup", "validation"],
      ["rehearsal-verification", "new", 2],
    ]);
  });

  it("lets the old cluster lead after an abort and keeps the new one, to be looked at and tried again", () => {
    const aborted = { name: "verification", isExposed: false, isRetry: false };
    assert.deepEqual(declaredAt(ladder("production"), aborted), { leads: "old", hasNew: true, trials: [] });
    const retried = { name: "pre-migration", isExposed: false, isRetry: true };
    assert.equal(declaredAt(ladder("production"), retried).hasNew, true);
  });

  it("names a cluster by what it runs, so that the names of two differ and can be had", () => {
    const scope = scopeOf(`registry.example/postgres@sha256:${"0123456789abcdef".repeat(4)}`);
    assert.equal(scope, "pg-01234567");
  });

  it("reads a new cluster from any member that answers, verifying who that is", () => {
    const script = readEverything(good, { scope: "old", members: 2, postgresVersion: 17 });
    assert.match(script, /host=demo-0\.demo\.data\.svc,demo-1\.demo\.data\.svc,demo-2\.demo\.data\.svc /);
    assert.match(script, /host=old-0\.old\.data\.svc,old-1\.old\.data\.svc .* target_session_attrs=read-write/);
    assert.equal(script.match(/host=/g)?.length, script.match(/sslmode=verify-full/g)?.length);
  });
});
