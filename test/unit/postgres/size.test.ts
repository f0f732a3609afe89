import assert from "node:assert/strict";
import { backupRefusals } from "../../../rollout/postgres/backups.ts";
import { refusals } from "../../../rollout/postgres/validation.ts";
import { databaseAt } from "../../../stacks/systems/distributed-postgres/index.ts";

describe("the database's room", () => {
  it("asks for what a cluster can be had with, whatever its size", () => {
    const certificate = { cutover: "registry.example/cutover", certificate: "tls" };
    for (const by of [1, 10, 160, 10_000]) {
      const request = { ...databaseAt(by, certificate), scope: "demo", namespace: "data" };
      assert.deepEqual([...refusals(request), ...backupRefusals(request, request.backups!)], [], `${by} times smaller`);
    }
  });
});
