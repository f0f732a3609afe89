import assert from "node:assert/strict";
import fc from "fast-check";
import { table, wrap } from "../../../cli/table.ts";

describe("a table", () => {
  it("aligns its columns and leaves no blanks at line ends", () => {
    assert.deepEqual(table(["a", "bb"], [["xxx", "y"]], 80), ["a    bb", "xxx  y"]);
  });
  it("wraps the widest column at words", () => {
    const lines = table(
      ["phase", "criteria"],
      [["canary", "errors below one percent and latency below two hundred"]],
      40,
    );
    assert.deepEqual(lines, [
      "phase   criteria",
      "canary  errors below one percent and",
      "        latency below two hundred",
    ]);
  });
  it("keeps lines of a cell apart", () => {
    assert.deepEqual(table(["a"], [["x\ny"]], 80), ["a", "x", "y"]);
  });
  it("never loses a word, and stays within the width where words allow it", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 }).map((w) => w.join(" "));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(words, words), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 30, max: 90 }),
        (rows, width) => {
          const lines = table(["one", "two"], rows, width);
          assert.ok(lines.every((line) => line.length <= width && line === line.trimEnd()));
          const letters = (text: string) => [...text.replaceAll(/\s/g, "")].sort().join("");
          assert.equal(letters(lines.slice(1).join("")), letters(rows.flat().join("")));
        },
      ),
    );
  });
  it("gives an over-long word a line of its own", () => assert.deepEqual(wrap("a bbbbbb c", 3), ["a", "bbbbbb", "c"]));
});
