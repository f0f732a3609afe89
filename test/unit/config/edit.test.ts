import assert from "node:assert/strict";
import fc from "fast-check";
import { addSystem, editStackFile, removeSystem } from "../../../rollout/config/edit.ts";
import { ConfigError } from "../../../rollout/config/problem.ts";
import { digest, parse, stackFile } from "./fixture.ts";

const commented = stackFile(
  { percent: "25   # the line" },
  "  rampart:dwcp-v3: { stable: '2.0', artifact: '3.0', percent: 0 } # v3\n",
);
const edit = (
  text: string,
  system: string,
  key: "percent" | "phase" | "stable" | "artifact",
  value?: string | number,
) => editStackFile(text, "Pulumi.production.yaml", system, key, value);

function changedLines(before: string, after: string): [string, string][] {
  const next = after.split("\n");
  return before.split("\n").flatMap((line, index) => (line === next[index] ? [] : [[line, next[index] ?? ""]]));
}

describe("editing a stack file", () => {
  it("touches one line and keeps its comment", () => {
    assert.deepEqual(changedLines(commented, edit(commented, "wdbx", "percent", 50)), [
      ["    percent: 25   # the line", "    percent: 50   # the line"],
    ]);
  });

  it("keeps quotes as they are", () => {
    assert.match(edit(commented, "wdbx", "stable", digest("c")), new RegExp(`stable: "${digest("c")}"`));
    assert.match(edit(commented, "dwcp-v3", "artifact", "3.1"), /artifact: '3.1', percent: 0 \} # v3/);
  });

  it("adds a phase behind the percent and takes it away without a trace", () => {
    const block = edit(commented, "wdbx", "phase", "canary-25");
    assert.match(block, / {4}percent: 25 {3}# the line\n {4}phase: canary-25\n/);
    assert.equal(edit(block, "wdbx", "phase"), commented);
    const flow = edit(commented, "dwcp-v3", "phase", "preflight");
    assert.match(flow, /percent: 0, phase: preflight \} # v3/);
    assert.equal(edit(flow, "dwcp-v3", "phase"), commented);
  });

  it("works with Windows line ends and without a last newline", () => {
    const windows = stackFile().replaceAll("\n", "\r\n");
    assert.equal(edit(edit(windows, "wdbx", "phase", "canary-25"), "wdbx", "phase"), windows);
    assert.equal(
      parse(edit(stackFile().trimEnd(), "wdbx", "phase", "canary-25")).config?.systems.wdbx?.phase,
      "canary-25",
    );
  });

  it("refuses a system that isn't there and a text that can't be trusted", () => {
    assert.throws(() => edit(commented, "nowhere", "percent", 5), /rampart|no entry/);
    assert.throws(() => edit(stackFile({ percent: "&a 25" }), "wdbx", "percent", 5), ConfigError);
  });

  it("changes exactly what it was asked to, whatever stands around it", () => {
    const blanks = fc.constantFrom("", " ", "  # why");
    fc.assert(
      fc.property(fc.constantFrom(0, 5, 25, 50, 100), blanks, fc.boolean(), (percent, tail, hasHold) => {
        const text = stackFile({ percent: `25${tail}`, ...(hasHold ? { hold: "true # stop" } : {}) });
        const edited = edit(text, "wdbx", "percent", percent);
        assert.equal(parse(edited).config?.systems.wdbx?.percent, percent);
        assert.equal(changedLines(text, edited).length, percent === 25 ? 0 : 1);
      }),
    );
  });

  it("adds a system as the last entry and takes it away without a trace", () => {
    const file = "Pulumi.production.yaml";
    const entry = { stable: "3.0", artifact: "3.0", percent: 100 };
    for (const text of [commented, commented.trimEnd(), commented.replaceAll("\n", "\r\n")]) {
      const without = removeSystem(text, file, "dwcp-v3");
      const added = addSystem(without, file, "dwcp-v3", entry);
      const { config } = parse(added);
      assert.equal(config?.systems["dwcp-v3"]?.stable, "3.0");
      assert.deepEqual(Object.keys(config!.systems), ["wdbx", "dwcp-v3"]);
      assert.equal(removeSystem(added, file, "dwcp-v3").trimEnd(), without.trimEnd());
    }
  });

  it("keeps a comment behind what was the last entry", () => {
    const text = stackFile({ percent: "25   # the line" });
    const added = addSystem(text, "Pulumi.production.yaml", "dwcp-v3", { percent: 100 });
    assert.match(added, /percent: 25 {3}# the line\n {2}rampart:dwcp-v3:\n {4}percent: 100\n/);
  });

  it("takes nothing away that isn't there", () => {
    assert.equal(removeSystem(commented, "Pulumi.production.yaml", "batch-patches"), commented);
  });
});
