import assert from "node:assert/strict";
import { formatProblem } from "../../../rollout/config/problem.ts";
import { projectFileProblems } from "../../../rollout/config/project-file.ts";

const problems = (text: string) => projectFileProblems(text, "Pulumi.yaml").map(formatProblem);

describe("Pulumi.yaml", () => {
  it("may hold other namespaces' defaults", () => {
    assert.deepEqual(problems("name: x\nruntime: nodejs\nconfig:\n  aws:region: eu-central-1\n"), []);
    assert.deepEqual(problems("name: x\n"), []);
    assert.deepEqual(problems("config: [\n"), []);
  });
  it("holds none of Rampart's values, with or without namespace", () => {
    assert.deepEqual(
      problems("name: x\nconfig:\n  rampart:wdbx: {}\n  wdbx: {}\n").map((line) => line.split(" counts")[0]),
      ["Pulumi.yaml:3:3: rampart:wdbx:", "Pulumi.yaml:4:3: wdbx:"],
    );
  });
});
