// `npm run setup`: whatever this machine still lacks to run the embedded engine.
import { parseArgs } from "node:util";
import { main, UserError } from "../user-error.ts";
import { ensureSetup, type Size } from "./ensure.ts";

const help = `usage: npm run setup [-- --only api]

Installs and builds what is missing for the embedded engine: system packages, and the tools pinned in local/tools.
What is there already is left alone, so a second run does nothing.

  --only api   just what the quick and engine tests need (API server, etcd, Pulumi)`;

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) return console.log(help);
  if (values.only !== undefined && values.only !== "api") {
    throw new UserError(`--only ${values.only}: allowed is api`);
  }
  const built = await ensureSetup((values.only as Size | undefined) ?? "node");
  if (built === 0) console.log("everything is there");
});
