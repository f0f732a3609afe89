import type { Log } from "./ports.ts";

/** One JSON object a line, as log collectors read it. */
export const jsonLog: Log = (level, message, more = {}) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...more })}\n`);
};
