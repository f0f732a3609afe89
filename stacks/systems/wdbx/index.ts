import { HttpRoute } from "../../../components/routing/http-route.ts";
import { Workload } from "../../../components/workload.ts";
import type { SystemConfig } from "../../../rollout/config/model.ts";
import { gateway } from "../../platform.ts";

const system = "wdbx";
const hostname = "wdbx.example.com";

/** WDBX: a vector database behind HTTP. */
export function deployWdbx(config: SystemConfig): object {
  if (!config.settled)
    throw new Error("rampart:wdbx: only a settled system can be deployed yet; set artifact to stable");
  const stable = new Workload("wdbx-stable", {
    system,
    track: "stable",
    namespace: system,
    image: config.stable,
    replicas: 2,
    env: { SYSTEM: system, TRACK: "stable" },
    resources: { cpu: "100m", memory: "64Mi" },
    ports: { app: 8080, health: 9090 },
  });
  new HttpRoute("wdbx", {
    system,
    namespace: system,
    hostnames: [hostname],
    gateway,
    backends: [{ service: stable.service, weight: 100 }],
  });
  return { hostname, stable: config.stable, artifact: config.artifact, percent: config.percent };
}
