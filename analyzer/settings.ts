import { z } from "zod";

const place = z
  .string()
  .regex(/^[a-z0-9-]+\/[a-z0-9-]+:\d+$/, "expected NAMESPACE/APP:PORT")
  .transform((text) => {
    const [namespace, app, port] = text.split(/[/:]/) as [string, string, string];
    return { namespace, app, port: Number(port) };
  });

const schema = z.object({
  /** A context of the kubeconfig; in a cluster it is the pod's own account. */
  CONTEXT: z.string().min(1).default("inClusterContext"),
  /** Addresses of all replicas. */
  PROMETHEUS: z.string().transform((list) => list.split(",")),
  /** Where the proxy's pods tell what they count; without it only Prometheus is asked. */
  GATEWAY: place.optional(),
  PLANS: z.string().min(1),
  STACK: z.string().min(1),
  REHEARSAL: z.enum(["true", "false"]).default("false"),
  /** How many times smaller than its plans a rehearsal is. */
  SIZE: z.coerce.number().min(1).default(1),
  /** There where the platform has given the analyzer a key of its own. */
  KEY: z.string().default("/etc/rampart/key/key.pem"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
});

/** What the pod's environment says; everything else is in the cluster's objects. */
export function readSettings(environment: NodeJS.ProcessEnv): z.infer<typeof schema> {
  const { data, error } = schema.safeParse(environment);
  if (data) return data;
  const [issue] = error.issues;
  throw new Error(`the variable ${issue?.path.join(".")} is wrong: ${issue?.message}; the platform stack sets it`);
}
