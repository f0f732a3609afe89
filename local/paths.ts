import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout. */
export const root = resolve(import.meta.dirname, "..");

/** What a checkout keeps between commands: clusters, Pulumi's state, logs. Removed with the checkout. */
export const stateDir = process.env.RAMPART_STATE ?? join(root, ".rampart");

/** What all checkouts of a user share: built tools. Safe to delete; `npm run setup` makes it again. */
export const cacheDir =
  process.env.RAMPART_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "rampart");
