// `npm run bench -- NAME [--json]`: the figures that the README states, one command each.
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { main, UserError } from "../local/user-error.ts";
import { onSignal, stopAll } from "../test/support/ending.ts";

interface Options {
  readonly json: boolean;
  readonly cold: boolean;
  /** Some of them, where a bench has several; it says which there are. */
  readonly cases: string | undefined;
  readonly tuned: boolean;
  /** How often, where that can be chosen. */
  readonly runs?: number;
}

/** What each file beside this one exports. */
interface Bench {
  /** One line for the list. */
  readonly summary: string;
  /** Prints a readable table unless asked for JSON; gives the figures. */
  run(options: Options): Promise<Record<string, unknown>>;
}

const names = globSync("*.ts", { cwd: import.meta.dirname })
  .map((file) => basename(file, ".ts"))
  .filter((name) => name !== "bench")
  .sort();
const load = (name: string): Promise<Bench> => import(join(import.meta.dirname, `${name}.ts`));

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ json: { type: "boolean" }, cold: { type: "boolean" }, help: { type: "boolean" } },
      ...{ cases: { type: "string" }, tuned: { type: "boolean" }, runs: { type: "string" } },
    },
  });
  const [name] = positionals;
  if (values.help || name === undefined) {
    console.log("usage: npm run bench -- NAME [--json]\n");
    for (const each of names) console.log(`  ${each.padEnd(16)}${(await load(each)).summary}`);
    return;
  }
  if (!names.includes(name)) throw new UserError(`there is no bench "${name}"; there are ${names.join(", ")}`);
  const { json = false, cold = false, tuned = false, cases, runs } = values;
  if (runs !== undefined && !/^[1-9]\d{0,3}$/.test(runs)) {
    throw new UserError(`--runs: got "${runs}", allowed are whole numbers from 1 on`);
  }
  onSignal(stopAll);
  const figures = await (await load(name)).run({ json, cold, tuned, cases, ...(runs && { runs: Number(runs) }) });
  if (values.json) console.log(JSON.stringify({ bench: name, ...figures }));
});
