import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import { tlsFolder } from "../../rollout/postgres/patroni.ts";
import { metricsPort } from "../../rollout/postgres/watched.ts";
import type { MemberArgs } from "./members.ts";
import { lockedContainer } from "./pods.ts";

const file = "attendant.py";
const folder = "/etc/pgbackrest";

/** To be laid beside a member's configuration. */
export const attendantScript = { [file]: readFileSync(join(import.meta.dirname, file), "utf8") };

/** Tells Prometheus how a member is, and has its copy made anew when that can't be trusted. */
export const attendantContainer = ({ request, image, passwords }: MemberArgs): k8s.types.input.core.v1.Container =>
  lockedContainer({
    name: "attendant",
    image,
    command: ["python3", `${folder}/${file}`],
    ports: [{ name: "health", containerPort: metricsPort }],
    env: [
      { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "SCOPE", value: request.scope },
      { name: "PORT", value: String(metricsPort) },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: passwords, key: "rest" } } },
    ],
    resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "128Mi" } },
    volumeMounts: [
      { name: "pgdata", mountPath: "/pgdata", readOnly: true },
      { name: "config", mountPath: folder },
      { name: "tls", mountPath: tlsFolder },
      { name: "socket", mountPath: "/run/postgresql" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  });
