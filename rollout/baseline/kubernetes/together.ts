import { at, entriesAt, isObject, listAt, numberAt, selects, textAt, textsAt, when } from "../look.ts";
import type { PlainResource, StackCheck, Topic } from "../model.ts";
import { isDatabase, isKind, isServing, kindOf, namespaceOf, objectName, podOf } from "./objects.ts";

type Findings = ReturnType<StackCheck["across"]>;

const of = (resources: readonly PlainResource[], ...kinds: string[]): PlainResource[] =>
  resources.filter((resource) => isKind(resource, ...kinds));
const workloads = (resources: readonly PlainResource[]): PlainResource[] => resources.filter(isServing);
const say = (resource: PlainResource, said: readonly string[]): Findings =>
  said.map((each) => ({ resource, said: each }));
const sameNamespace = (one: PlainResource, other: PlainResource): boolean => namespaceOf(one) === namespaceOf(other);

/** Expressions aren't looked into: a selector with them may select anything. */
const selectsPod = (selector: unknown, workload: PlainResource): boolean =>
  listAt(selector, "matchExpressions").length > 0 || selects(at(selector, "matchLabels"), podOf(workload)?.labels);

const deniesAll = ({ props }: PlainResource, direction: "Ingress" | "Egress"): boolean => {
  const selector = at(props, "spec.podSelector");
  const isForAll =
    isObject(selector) &&
    entriesAt(selector, "matchLabels").length === 0 &&
    listAt(selector, "matchExpressions").length === 0;
  const rules = listAt(props, `spec.${direction.toLowerCase()}`);
  return isForAll && textsAt(props, "spec.policyTypes").includes(direction) && rules.length === 0;
};

const lowersNothing = (value: unknown): boolean => value === 0 || value === "0" || value === "0%";

const isSuspended = ({ props }: PlainResource): boolean => at(props, "spec.suspend") === true;

/** What only shows when all resources of a stack are looked at together. */
export const together: Topic<StackCheck> = {
  name: "kubernetes-together",
  description: "Resources that belong together find each other",
  checks: [
    {
      id: "KB-34",
      title: "what serves has a disruption budget that lets one pod go",
      why: "a node that is emptied takes all pods at once, or can't be emptied at all",
      requirement: "kube-score deployment-has-poddisruptionbudget",
      across: (resources) => [
        ...workloads(resources)
          .filter(
            (workload) =>
              isKind(workload, "Deployment", "StatefulSet") && numberAt(workload.props, "spec.replicas") !== 1,
          )
          .flatMap((workload) => {
            const budget = of(resources, "PodDisruptionBudget").find(
              (one) => sameNamespace(one, workload) && selectsPod(at(one.props, "spec.selector"), workload),
            );
            return say(workload, when(budget === undefined, "no PodDisruptionBudget selects its pods"));
          }),
        ...of(resources, "PodDisruptionBudget").flatMap((budget) => {
          const { props } = budget;
          const isBlocking =
            lowersNothing(at(props, "spec.maxUnavailable")) || at(props, "spec.minAvailable") === "100%";
          return say(budget, when(isBlocking, "never lets a pod go; allow at least one"));
        }),
      ],
    },
    {
      id: "KB-37",
      title: "an autoscaler has a target that leaves the number to it, and a minimum of two",
      why: "they undo each other's numbers, or scale nothing",
      requirement: "kube-score horizontalpodautoscaler-has-target",
      across: (resources) =>
        of(resources, "HorizontalPodAutoscaler").flatMap((scaler) => {
          const [kind, name] = [
            textAt(scaler.props, "spec.scaleTargetRef.kind"),
            textAt(scaler.props, "spec.scaleTargetRef.name"),
          ];
          const target = resources.find(
            (one) => kindOf(one) === kind && objectName(one) === name && sameNamespace(one, scaler),
          );
          return say(scaler, [
            ...when(target === undefined, `there is no ${kind} ${name} in this stack`),
            ...when((numberAt(scaler.props, "spec.minReplicas") ?? 1) < 2, "spec.minReplicas has to be 2 or more"),
            ...when(
              // The API server fills in a 1 where nobody has said anything.
              (numberAt(target?.props, "spec.replicas") ?? 1) !== 1,
              `${kind} ${name} says a number of replicas itself`,
            ),
          ]);
        }),
    },
    {
      id: "KB-38",
      title: "a network policy speaks for every pod",
      why: "everybody in the cluster may talk to it otherwise",
      requirement: "CIS 5.3.2",
      across: (resources) => {
        const policies = of(resources, "NetworkPolicy");
        if (policies.length === 0) return [];
        return workloads(resources).flatMap((workload) => {
          const isCovered = policies.some(
            (policy) => sameNamespace(policy, workload) && selectsPod(at(policy.props, "spec.podSelector"), workload),
          );
          return say(workload, when(!isCovered, "no NetworkPolicy selects its pods"));
        });
      },
    },
    {
      id: "KB-39",
      title: "every namespace is closed but for what is opened",
      why: "a pod that nobody thought of talks to everybody",
      requirement: "CIS 5.3.2",
      across: (resources) =>
        of(resources, "Namespace").flatMap((namespace) => {
          const policies = of(resources, "NetworkPolicy").filter((one) => namespaceOf(one) === objectName(namespace));
          const open = (["Ingress", "Egress"] as const).filter(
            (direction) => !policies.some((policy) => deniesAll(policy, direction)),
          );
          return say(
            namespace,
            when(open.length > 0, `no NetworkPolicy denies all ${open.join(" and ").toLowerCase()} by default`),
          );
        }),
    },
    {
      id: "KB-53",
      title: "Services and workloads find their pods",
      why: "requests go nowhere, or to somebody else's pods",
      requirement: "kube-score service-targets-pod",
      across: (resources) => [
        ...workloads(resources).flatMap((workload) =>
          say(
            workload,
            when(
              !selectsPod(at(workload.props, "spec.selector"), workload),
              "spec.selector doesn't select its own template",
            ),
          ),
        ),
        ...of(resources, "Service").flatMap((service) => {
          const selector = at(service.props, "spec.selector");
          if (!isObject(selector) || workloads(resources).length === 0) return [];
          const isFound = workloads(resources).some(
            (workload) => sameNamespace(workload, service) && selects(selector, podOf(workload)?.labels),
          );
          return say(service, when(!isFound, "spec.selector selects no pods of this stack"));
        }),
      ],
    },
    {
      id: "KB-64",
      title: "a database's backups are tried",
      why: "a backup that nobody has restored is a hope",
      requirement: "S3-081",
      across: (resources) =>
        resources.filter(isDatabase).flatMap((database) => {
          const own = of(resources, "CronJob").filter((one) => sameNamespace(one, database));
          const trial = own.find((one) => /(restore|verification)$/.test(objectName(one)) && !isSuspended(one));
          return say(database, when(trial === undefined, "no CronJob of its namespace restores a backup of it"));
        }),
    },
  ],
};
