import { type RequestOptions, request } from "node:https";
import { createInterface } from "node:readline";
import { type Answer, timeoutMs } from "./exchange.ts";

/** What has become of an object, or that there was nothing new. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: object;
}

export interface WatchFrom {
  /** All that came after it is told. */
  readonly version: string;
  /** So long the server tells it; then one asks again, and knows that there still is somebody who answers. */
  readonly seconds: number;
}

/** The server's refusal as an answer, also where it comes in the middle. */
export function follow(
  url: URL,
  options: RequestOptions,
  { version, seconds }: WatchFrom,
  told: (change: Change) => void,
): Promise<Answer> {
  const asked = {
    watch: "true",
    resourceVersion: version,
    timeoutSeconds: String(seconds),
    allowWatchBookmarks: "true",
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      let refused: { readonly status: number; readonly text: string } | undefined;
      const lines = createInterface({ input: response });
      const take = (line: string): void => {
        if (status !== 200) refused = { status, text: `${refused?.text ?? ""}${line}` };
        if (refused) return;
        const { type, object } = JSON.parse(line) as Change | { type: "ERROR"; object: { code: number } };
        if (type === "ERROR") refused = { status: (object as { code: number }).code, text: JSON.stringify(object) };
        else told({ type, object });
      };
      lines.on("line", (line) => {
        try {
          take(line);
        } catch (error) {
          sent.destroy(error as Error);
        }
      });
      lines.on("close", () => {
        if (!response.complete) reject(new Error("what changes was no longer told"));
        resolve({ status, text: "", ...refused, date: headers.date });
      });
      // It says too, and before, what went wrong with the response.
      lines.on("error", reject);
    });
    // Whoever is cut off hears no end of it either.
    const late = setTimeout(() => sent.destroy(new Error("nothing more was heard")), seconds * 1000 + timeoutMs);
    sent.on("close", () => clearTimeout(late));
    sent.on("error", reject);
    sent.end();
  });
}
