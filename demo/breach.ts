// `npm run demo:breach`: a bad release of wdbx reaches its first users, and what happens then, second by second.
import { parseArgs } from "node:util";
import { ensureSetup } from "../local/setup/ensure.ts";
import { main, UserError } from "../local/user-error.ts";
import { show } from "./show.ts";

const help = `usage: npm run demo:breach [-- --errors RATIO] [-- --rate N] [-- --stay]

Brings up a cluster of its own on this machine, with the platform, the analyzer and ten systems; rolls a new version of
wdbx out to 5 % of its users by changing one line of the config; then lets the new version fail and shows what happens,
until its last request. It takes a few minutes, most of them for the cluster, and leaves nothing behind. Ctrl-C ends it.

  --errors RATIO   the share of the new version's requests that fails from then on (default: 1)
  --rate N         requests per second, of which 5 % reach the new version (default: 200)
  --stay           leaves the cluster up to look around in, until Ctrl-C`;

const number = (name: string, text: string, lowest: number, highest: number): number => {
  const value = Number(text);
  if (value >= lowest && value <= highest) return value;
  throw new UserError(`--${name} is ${text}; it has to be a number from ${lowest} to ${highest}`);
};

await main(async () => {
  const { values } = parseArgs({
    options: {
      errors: { type: "string", default: "1" },
      rate: { type: "string", default: "200" },
      stay: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(help);
  const errors = number("errors", values.errors, 0.02, 1);
  const rate = number("rate", values.rate, 50, 2000);
  await ensureSetup("node");
  await show({ errors, rate, stays: values.stay });
});
