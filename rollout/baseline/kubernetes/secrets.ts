import { at, entriesAt, listAt, textAt, when } from "../look.ts";
import type { ResourceCheck, Topic } from "../model.ts";
import { eachContainer, isKind, kindOf, namespaceOf } from "./objects.ts";

const secretName =
  /(^|[_.-])(passw(or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credentials?|dsn)($|[_.-])/i;
const secretText =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|:\/\/[^/\s:@]+:[^/\s:@]+@/;

/** A name that promises a secret, or a text that looks like one. Never the text itself: messages are public. */
const looksSecret = (name: string, value: unknown): boolean =>
  typeof value === "string" && value !== "" && (secretName.test(name) || secretText.test(value));

const placed = [
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "Job",
  "CronJob",
  "Pod",
  "Service",
  "ConfigMap",
  "Secret",
  "Ingress",
];

/** Where secrets and pods may lie. */
export const secrets: Topic<ResourceCheck> = {
  name: "kubernetes-secrets",
  description: "Secrets lie in Secrets, and namespaces keep systems apart",
  checks: [
    {
      id: "KB-40",
      title: "no secret in an environment variable's text",
      why: "it stands in the pod's description, in state and in every diff",
      requirement: "CIS 5.4.1",
      find: eachContainer(({ spec }) => {
        const found = listAt(spec, "env").find((one) => looksSecret(textAt(one, "name"), at(one, "value")));
        return found !== undefined && `env ${textAt(found, "name")} holds a secret as text; use valueFrom.secretKeyRef`;
      }),
    },
    {
      id: "KB-41",
      title: "no secret in a ConfigMap",
      why: "everybody in the namespace reads it",
      requirement: "Trivy KSV-0109",
      find: ({ type, name, props }) => {
        if (kindOf({ type, name, props }) !== "ConfigMap") return [];
        const found = entriesAt(props, "data").filter(([key, value]) => looksSecret(key, value));
        return found.map(([key]) => `data.${key} looks like a secret; put it into a Secret`);
      },
    },
    {
      id: "KB-42",
      title: "nothing in the default namespace",
      why: "no quota, no network policy, everybody's neighbour",
      requirement: "CIS 5.6.4",
      find: (resource) =>
        when(
          isKind(resource, ...placed) && namespaceOf(resource) === "default",
          "lies in the default namespace; name another one",
        ),
    },
    {
      id: "KB-43",
      title: "namespaces enforce restricted pods",
      why: "any pod could be privileged there",
      requirement: "CIS 5.2.1",
      find: (resource) => {
        if (!isKind(resource, "Namespace")) return [];
        const labels = Object.fromEntries(entriesAt(resource.props, "metadata.labels"));
        const level = labels["pod-security.kubernetes.io/enforce"];
        return when(
          level !== "restricted",
          `pod-security.kubernetes.io/enforce is ${level ?? "not set"}; it has to be restricted`,
        );
      },
    },
  ],
};
