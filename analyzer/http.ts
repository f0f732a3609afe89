import { type Agent, request } from "node:http";

export interface Exchange {
  readonly agent: Agent;
  readonly timeoutMs: number;
  /** A form; without it nothing is sent. */
  readonly form?: string;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Not by `fetch`: a library that is loaded beside it puts a client of another version in its place. */
export function exchange(url: string, { agent, timeoutMs, form }: Exchange): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sends = form === undefined ? {} : formHeaders(form);
    const signal = AbortSignal.timeout(timeoutMs);
    const method = form === undefined ? "GET" : "POST";
    const sent = request(url, { method, agent, headers: sends, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.on("error", (error) => reject(new Error(`${url}: ${error.message}`, { cause: error })));
    sent.end(form);
  });
}

const formHeaders = (form: string) => ({
  "content-type": "application/x-www-form-urlencoded",
  "content-length": Buffer.byteLength(form),
});
