// Moves the lead of two clusters with the same data to the one that shall have it, and ends when it has. Whoever is started
// after one that died goes on where that one was: all that counts is what is seen.
import { gaveUp } from "../../rollout/postgres/cutover.ts";
import { isLogical } from "../../rollout/postgres/pair.ts";
import { connect } from "../api.ts";
import { moveByRows } from "./logical.ts";
import { moveByWal } from "./physical.ts";
import { readSettings } from "./settings.ts";
import { Way } from "./way.ts";

const settings = readSettings(process.env);
const way = new Way(connect(settings.CONTEXT), settings);
const isMoved = await (isLogical(way.pair) ? moveByRows(way) : moveByWal(way));
// Somebody before may have died while clients waited.
if (!isMoved) await way.pools.resume();
process.exit(isMoved ? 0 : gaveUp);
