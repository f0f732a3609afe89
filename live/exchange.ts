import { type RequestOptions, request } from "node:https";

/** So long nothing comes, and nothing more is waited for. */
export const timeoutMs = 10_000;

export interface Answer {
  status: number;
  text: string;
  date: string | undefined;
}

export function exchange(url: URL, options: RequestOptions, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, timeout: timeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, date: response.headers.date }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`nothing within ${timeoutMs / 1000} s`)));
    sent.on("error", reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}
