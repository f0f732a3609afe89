import assert from "node:assert/strict";
import {
  archiving,
  type BackupRequest,
  backupRefusals,
  keeperBackups,
  memberBackups,
  restoreAsOf,
  restoreRefusals,
  verifyRestore,
} from "../../../rollout/postgres/backups.ts";
import { good } from "./fixture.ts";

const backups: BackupRequest = {
  volumeMiB: 1500,
  keptFull: 2,
  schedule: { full: "0 1 * * 0", differential: "0 1 * * 1-6", verification: "0 3 * * 0" },
};

describe("backups", () => {
  it("are granted with three times the room that the data takes, and refused with less", () => {
    assert.deepEqual(backupRefusals(good, backups), []);
    const [found, ...others] = backupRefusals(good, { ...backups, volumeMiB: 1499 });
    assert.match(found!, /^backups\.volumeMiB: got 1499, at least 1500 is needed/);
    assert.deepEqual(others, []);
  });

  it("are refused where none would be kept", () => {
    assert.match(backupRefusals(good, { ...backups, keptFull: 0 })[0]!, /^keptFull: got 0/);
  });

  it("are made of every member, and of as many as there are", () => {
    const config = keeperBackups({ ...good, members: 5 }, backups);
    const hosts = [...config.matchAll(/^pg(\d)-host=(.*)$/gm)].map(([, index, host]) => `${index} ${host}`);
    assert.deepEqual(hosts.at(-1), "5 demo-4.demo.data.svc");
    assert.equal(hosts.length, 5);
  });

  it("are verified by a script that a pod's command leaves as it is", () => {
    assert.doesNotMatch(verifyRestore(good), /\$\$|\$\(/);
  });

  it("are sent where they are kept, under the cluster's own name", () => {
    assert.match(memberBackups(good), /^repo1-host=demo-backup\.data\.svc$/m);
    assert.match(String(archiving("demo").archive_command), /--stanza=demo /);
  });
});

describe("a restore", () => {
  const asOf = "2026-11-21 10:00:00.25+00";

  it("is one command whose time stays one argument", () => {
    assert.match(restoreAsOf("demo", asOf), /"--target=2026-11-21 10:00:00\.25\+00" restore$/);
  });

  it("is refused into the cluster itself, and of a time that could be meant in any zone", () => {
    assert.deepEqual(restoreRefusals({ scope: "new" }, { scope: "demo", asOf }), []);
    assert.match(restoreRefusals({ scope: "demo" }, { scope: "demo", asOf })[0]!, /into itself/);
    for (const wrong of ["2026-11-21 10:00:00", "yesterday", `${asOf}" --delta "`]) {
      assert.match(restoreRefusals({ scope: "new" }, { scope: "demo", asOf: wrong })[0]!, /a time with its zone/);
    }
  });
});
