import assert from "node:assert/strict";
import { backupRefusals } from "../../../rollout/postgres/backups.ts";
import { refusals } from "../../../rollout/postgres/validation.ts";
import { databaseAt } from "../../../stacks/systems/distributed-postgres/index.ts";

describe("the database's room", () => {
  it("asks for what a cluster can be had with, whatever its size", () => {
    const onVolumes = { cutover: "registry.example/cutover", certificate: "tls" };
    const at = { name: "our-backups", prefix: "production", region: "eu-central-1", secret: "backup-login" };
    const inBucket = { ...onVolumes, bucket: { ...at, addresses: ["10.20.0.0/24"] } };
    for (const config of [onVolumes, inBucket]) {
      for (const by of [1, 10, 160, 10_000]) {
        const request = { ...databaseAt(by, config), scope: "demo", namespace: "data" };
        assert.deepEqual(
          [...refusals(request), ...backupRefusals(request, request.backups!)],
          [],
          `${by} times smaller`,
        );
      }
    }
  });
});
