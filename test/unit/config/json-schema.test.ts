import assert from "node:assert/strict";
import { stackFileJsonSchema } from "../../../rollout/config/json-schema.ts";
import { parse, plans, stackFile } from "./fixture.ts";

interface Schema {
  properties: Record<string, Schema>;
  required: string[];
  enum?: unknown[];
  additionalProperties: boolean;
  patternProperties: Record<string, unknown>;
}

describe("the JSON Schema of a stack file", () => {
  const schema = stackFileJsonSchema(plans) as unknown as Schema;
  const config = schema.properties.config!;
  const wdbx = config.properties["rampart:wdbx"]!;

  it("knows each system's keys, percents and phases", () => {
    assert.deepEqual(wdbx.required, ["stable", "artifact", "percent"]);
    assert.deepEqual(wdbx.properties.percent?.enum, [0, 5, 25, 50, 100]);
    assert.ok(wdbx.properties.phase?.enum?.includes("shadow"));
    assert.equal(wdbx.additionalProperties, false);
  });

  it("offers every key that the parser takes, and no other", () => {
    const keys = { retry: "1", reason: "again", hold: "true", extendDays: "2", expectedRps: "10" };
    assert.ok(parse(stackFile(keys)).config);
    const problem = parse(stackFile({ nonsense: "1" })).problems?.[0];
    assert.deepEqual(problem?.allowed, Object.keys(wdbx.properties));
  });

  it("leaves other namespaces alone, but no key of ours that is unknown", () => {
    const [pattern] = Object.keys(config.patternProperties);
    assert.match("kubernetes:context", new RegExp(pattern!));
    assert.doesNotMatch("rampart:wdxb", new RegExp(pattern!));
    assert.equal(config.additionalProperties, false);
  });
});
