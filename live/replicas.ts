import type { Api } from "./api.ts";
import { LiveError } from "./live-error.ts";

/** Where the platform stack puts its monitoring. */
const namespace = "rampart-monitoring";

export interface Program {
  /** `Prometheus`; its pods are `prometheus-0` and `prometheus-1`. */
  readonly name: string;
  readonly port: number;
}

/** What the first replica that answers says, through the API server: whoever may see its pods needs no other way in. */
export async function firstAnswer<T>(
  api: Api,
  { name, port }: Program,
  path: string,
  read: (answer: unknown) => T | undefined,
): Promise<{ answer: T; at: string }> {
  const problems: string[] = [];
  for (const pod of [0, 1].map((index) => `${name.toLowerCase()}-${index}`)) {
    const at = `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy`;
    try {
      const answer = read(await api.get(`${at}${path}`));
      if (answer !== undefined) return { answer, at };
      problems.push(`${pod} isn't there, or no ${name}`);
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      problems.push(error.message);
    }
  }
  throw new LiveError(`${api.context}: no ${name} in ${namespace} answers: ${problems.join("; ")}`);
}
