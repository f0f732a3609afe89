import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyScript, subscribe, unsubscribe } from "../../../rollout/postgres/logical.ts";

const [old, fresh] = [
  { scope: "old", members: 2, postgresVersion: 15 },
  { scope: "new-one", members: 3, postgresVersion: 17 },
];

describe("rows that are sent to another major version", () => {
  const script = copyScript(fresh, old, "data");

  it("are copied by a script that a shell can read, which verifies each server that it speaks to", () => {
    const { status, stderr } = spawnSync("sh", ["-n"], { input: script });
    assert.equal(status, 0, stderr.toString());
    assert.equal(script.match(/host=/g)?.length, script.match(/sslmode=verify-full/g)?.length);
  });

  it("have nothing dropped for them before both were asked who leads, and what is there", () => {
    const [asked, dropped] = ["doesn't lead", "drop database if exists app"].map((text) => script.indexOf(text));
    const refused = script.indexOf("nothing is copied over them");
    assert.ok(asked! > 0 && asked! < refused && refused < dropped!);
    assert.match(script, /here --command="drop database if exists app with \(force\)"/);
  });

  it("come from a slot that is the other's to keep, from its beginning or from where both were the same", () => {
    assert.match(
      subscribe(fresh, ":'from'", false),
      /^create subscription new_one connection :'from' .*copy_data = true/,
    );
    assert.match(subscribe(old, "'host=x'", true), /create_slot = false, slot_name = 'old', copy_data = false/);
    assert.match(unsubscribe(fresh), /^begin; .*slot_name = none\); drop subscription new_one; commit$/);
  });
});
