import { isDeepStrictEqual } from "node:util";
import { at, entriesAt, isObject, listAt, numberAt, textAt, when } from "../look.ts";
import type { PlainResource, ResourceCheck, Topic } from "../model.ts";
import { type Container, containersOf, eachContainer, eachPod, isKind, isServing, podOf } from "./objects.ts";

const isSet = (value: unknown): boolean => (typeof value === "string" && value !== "") || typeof value === "number";
const missing = (container: Container, ...paths: string[]): string[] =>
  paths.filter((path) => !isSet(at(container.spec, `resources.${path}`)));
const lacks = (...paths: string[]) =>
  eachContainer((container) => {
    const open = missing(container, ...paths);
    return open.length > 0 && `resources lack ${open.join(" and ")}`;
  });

const serving =
  (find: ResourceCheck["find"]): ResourceCheck["find"] =>
  (resource, settings) =>
    isServing(resource) ? find(resource, settings) : [];

const probes = ["livenessProbe", "readinessProbe", "startupProbe"];
const lacksProbe = (probe: string) =>
  serving(eachContainer(({ spec, isInit }) => !isInit && !isObject(at(spec, probe)) && `has no ${probe}`));

/** A canary or anything else that is scaled to nothing, or by an autoscaler, has a number of its own. */
const replicasOf = ({ props }: PlainResource): number | undefined => numberAt(props, "spec.replicas");

/** Nobody notices when a node goes, a pod hangs or a neighbour is greedy. */
export const running: Topic<ResourceCheck> = {
  name: "kubernetes-running",
  description: "Pods keep serving when nodes go and neighbours are greedy",
  checks: [
    {
      id: "KB-26",
      title: "CPU is requested",
      why: "the scheduler puts too much onto one node otherwise",
      requirement: "Checkov CKV_K8S_10",
      find: lacks("requests.cpu"),
    },
    {
      id: "KB-27",
      title: "memory is requested and limited",
      why: "a leak takes the node down otherwise",
      requirement: "Checkov CKV_K8S_12, 13",
      find: lacks("requests.memory", "limits.memory"),
    },
    {
      id: "KB-28",
      title: "ephemeral storage is bounded",
      why: "a log that grows evicts the neighbours",
      requirement: "kube-score container-ephemeral-storage-request-and-limit",
      level: "advisory",
      find: lacks("limits.ephemeral-storage"),
    },
    {
      id: "KB-29",
      title: "what serves has a liveness probe",
      why: "a pod that hangs stays for ever",
      requirement: "Checkov CKV_K8S_8",
      find: lacksProbe("livenessProbe"),
    },
    {
      id: "KB-30",
      title: "what serves has a readiness probe",
      why: "requests reach pods that can't answer yet",
      requirement: "Checkov CKV_K8S_9",
      find: lacksProbe("readinessProbe"),
    },
    {
      id: "KB-31",
      title: "liveness and readiness ask different questions",
      why: "what is only busy gets killed",
      requirement: "kube-score pod-probes-identical",
      find: eachContainer(({ spec }) => {
        const [live, ready] = [at(spec, "livenessProbe"), at(spec, "readinessProbe")].map(questionOf);
        return live !== undefined && isDeepStrictEqual(live, ready) && "livenessProbe and readinessProbe ask the same";
      }),
    },
    {
      id: "KB-32",
      title: "probes ask a port that the container has",
      why: "the probe fails for ever, or asks somebody else",
      requirement: "kube-linter liveness-port, readiness-port, startup-port",
      find: eachContainer(({ spec }) => {
        const open = listAt(spec, "ports").flatMap((port) => [at(port, "name"), at(port, "containerPort")]);
        const asked = probes.map((probe) => at(spec, `${probe}.httpGet.port`) ?? at(spec, `${probe}.tcpSocket.port`));
        const odd = asked.filter((port) => port !== undefined && !open.includes(port));
        return odd.length > 0 && `a probe asks port ${odd[0]}, which it doesn't declare`;
      }),
    },
    {
      id: "KB-33",
      title: "two replicas or more",
      why: "a node that goes takes the service with it",
      requirement: "kube-score deployment-replicas",
      find: (resource) =>
        isKind(resource, "Deployment", "StatefulSet") && isStableTrack(resource)
          ? when(replicasOf(resource) === 1, "spec.replicas is 1; at least 2, or an autoscaler with a minimum of 2")
          : [],
    },
    {
      id: "KB-35",
      title: "replicas are spread",
      why: "they all stand on the node that goes",
      requirement: "kube-linter no-anti-affinity",
      find: (resource) =>
        isKind(resource, "Deployment", "StatefulSet") && replicasOf(resource) !== 1
          ? eachPod(
              (spec) =>
                listAt(spec, "topologySpreadConstraints").length === 0 &&
                !isObject(at(spec, "affinity.podAntiAffinity")) &&
                "has neither topologySpreadConstraints nor podAntiAffinity",
            )(resource)
          : [],
    },
    {
      id: "KB-36",
      title: "pods are replaced one after the other",
      why: "Recreate is an outage",
      requirement: "kube-linter no-rolling-update-strategy",
      find: (resource) =>
        isKind(resource, "Deployment")
          ? when(
              textAt(resource.props, "spec.strategy.type") === "Recreate" && replicasOf(resource) !== 1,
              "spec.strategy is Recreate; use RollingUpdate",
            )
          : [],
    },
    {
      id: "KB-55",
      title: "a priority class is set",
      why: "what serves users is evicted before a batch job",
      requirement: "Polaris priorityClassNotSet",
      level: "advisory",
      find: serving(eachPod((spec) => textAt(spec, "priorityClassName") === "" && "has no priorityClassName")),
    },
    {
      id: "KB-56",
      title: "no environment variable twice",
      why: "the last one wins, and nobody sees which that is",
      requirement: "kube-linter duplicate-env-var",
      find: eachContainer(({ spec }) => {
        const names = listAt(spec, "env").map((one) => textAt(one, "name"));
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        return twice !== undefined && `sets ${twice} twice`;
      }),
    },
    {
      id: "KB-57",
      title: "no SSH in a container",
      why: "nobody logs in there but an intruder",
      requirement: "kube-linter ssh-port",
      find: eachContainer(
        ({ spec }) => listAt(spec, "ports").some((port) => at(port, "containerPort") === 22) && "opens port 22",
      ),
    },
    {
      id: "KB-58",
      title: "labels say what it is and what it belongs to",
      why: "nobody knows whom to ask",
      requirement: "Gatekeeper requiredlabels",
      level: "advisory",
      find: (resource) => {
        if (!podOf(resource)) return [];
        const labels = entriesAt(resource.props, "metadata.labels").map(([key]) => key);
        const open = ["app.kubernetes.io/name", "app.kubernetes.io/part-of"].filter((label) => !labels.includes(label));
        return when(open.length > 0, `has no label ${open.join(" and ")}`);
      },
    },
    {
      id: "KB-59",
      title: "no pod of its own",
      why: "nobody starts it again when its node goes",
      requirement: "Kyverno prevent-bare-pods",
      find: (resource) =>
        when(isKind(resource, "Pod") && containersOf(resource).length > 0, "use a Deployment or a Job"),
    },
    {
      id: "KB-60",
      title: "jobs have an end and are cleaned up",
      why: "one that hangs holds its resources for ever",
      requirement: "kube-linter job-ttl-seconds-after-finished",
      find: (resource) => {
        const spec = isKind(resource, "Job")
          ? "spec"
          : isKind(resource, "CronJob")
            ? "spec.jobTemplate.spec"
            : undefined;
        if (!spec) return [];
        const open = ["activeDeadlineSeconds", "ttlSecondsAfterFinished"].filter(
          (key) => numberAt(resource.props, `${spec}.${key}`) === undefined,
        );
        return when(open.length > 0, `has no ${open.join(" and ")}`);
      },
    },
  ],
};

/** A canary may be a single pod: users are on stable. */
const isStableTrack = (resource: PlainResource): boolean => {
  const labels = podOf(resource)?.labels;
  return !isObject(labels) || labels["rampart.dev/track"] !== "canary";
};

/** What a probe asks, without how often. */
function questionOf(probe: unknown): unknown {
  if (!isObject(probe)) return undefined;
  const { httpGet, tcpSocket, exec, grpc } = probe;
  return { httpGet, tcpSocket, exec, grpc };
}
