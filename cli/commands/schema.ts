import { Command } from "commander";
import { stackFileJsonSchema } from "../../rollout/config/json-schema.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { printJson } from "../output.ts";

export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of a stack file, for editors")
    .addHelpText("after", "\nExample:\n  rampart schema > .rampart/stack.schema.json")
    .action(() => printJson(stackFileJsonSchema(plans)));
}
