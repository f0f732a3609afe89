import { at, isObject, listAt, numberAt, textAt, textsAt } from "../look.ts";
import type { ResourceCheck, Topic } from "../model.ts";
import { eachContainer, eachPod, securityOf } from "./objects.ts";

const allowedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const safeSysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
];
const sockets = /\/(docker|containerd|crio)(\/(containerd|crio))?\.sock$|^\/(var\/)?run\/(docker|containerd|crio)\/?$/;
const volumesOf = (spec: unknown): unknown[] => listAt(spec, "volumes").filter(isObject);
const forbidden = (path: string) => eachPod((spec) => at(spec, path) === true && `${path} is true; leave it out`);

/** What keeps a pod from its node and its neighbours. */
export const pods: Topic<ResourceCheck> = {
  name: "kubernetes-pods",
  description: "Pods can do little to the node that they run on",
  checks: [
    {
      id: "KB-01",
      title: "no privileged container",
      why: "it is root on the node",
      requirement: "CIS 5.2.2",
      find: eachContainer(
        ({ spec }) => at(spec, "securityContext.privileged") === true && "privileged is true; leave it out",
      ),
    },
    {
      id: "KB-02",
      title: "no privilege escalation",
      why: "a setuid program would get more than the container has",
      requirement: "CIS 5.2.6",
      find: eachContainer(
        ({ spec }) =>
          at(spec, "securityContext.allowPrivilegeEscalation") !== false && "allowPrivilegeEscalation has to be false",
      ),
    },
    {
      id: "KB-03",
      title: "not as root",
      why: "root in a container is root on the node after an escape",
      requirement: "CIS 5.2.7",
      find: eachContainer((container, pod) => {
        if (securityOf(container, pod, "runAsUser") === 0) return "runAsUser is 0; name another user";
        return securityOf(container, pod, "runAsNonRoot") !== true && "runAsNonRoot has to be true";
      }),
    },
    {
      id: "KB-04",
      title: "user and group ids from 10000 on",
      why: "lower ids may be those of users on the node",
      requirement: "Checkov CKV_K8S_40",
      level: "advisory",
      find: eachContainer((container, pod) => {
        const low = ["runAsUser", "runAsGroup"].filter((key) => !(Number(securityOf(container, pod, key)) >= 10_000));
        return low.length > 0 && `${low.join(" and ")} should be 10000 or more`;
      }),
    },
    {
      id: "KB-05",
      title: "the root file system is read-only",
      why: "an intruder can't leave anything behind",
      requirement: "Kubescape C-0017",
      find: eachContainer(
        ({ spec }) =>
          at(spec, "securityContext.readOnlyRootFilesystem") !== true &&
          "readOnlyRootFilesystem has to be true; mount an emptyDir where it writes",
      ),
    },
    {
      id: "KB-06",
      title: "all capabilities are dropped",
      why: "few programs need any",
      requirement: "CIS 5.2.9",
      find: eachContainer(
        ({ spec }) =>
          !textsAt(spec, "securityContext.capabilities.drop").includes("ALL") && "capabilities.drop has to hold ALL",
      ),
    },
    {
      id: "KB-07",
      title: "no capability is added but NET_BIND_SERVICE",
      why: "most of them are as good as root",
      requirement: "CIS 5.2.10",
      find: eachContainer(({ spec }) => {
        const added = textsAt(spec, "securityContext.capabilities.add").filter((one) => one !== "NET_BIND_SERVICE");
        return added.length > 0 && `adds ${added.join(", ")}; take them out`;
      }),
    },
    {
      id: "KB-08",
      title: "a seccomp profile is set",
      why: "hundreds of system calls that nobody needs are open otherwise",
      requirement: "CIS 5.6.2",
      find: eachContainer((container, pod) => {
        const profile = securityOf(container, pod, "seccompProfile");
        return (
          !["RuntimeDefault", "Localhost"].includes(textAt(profile, "type")) &&
          "seccompProfile has to be RuntimeDefault or Localhost"
        );
      }),
    },
    {
      id: "KB-09",
      title: "AppArmor and SELinux aren't loosened",
      why: "what the node forbids stays forbidden",
      requirement: "Pod Security Standards, baseline",
      find: eachContainer((container, pod) => {
        if (textAt(securityOf(container, pod, "appArmorProfile"), "type") === "Unconfined")
          return "appArmorProfile is Unconfined; use RuntimeDefault";
        const selinux = securityOf(container, pod, "seLinuxOptions");
        return (
          (textAt(selinux, "user") || textAt(selinux, "role")) !== "" && "seLinuxOptions may not name a user or role"
        );
      }),
    },
    {
      id: "KB-10",
      title: "not in the node's process namespace",
      why: "it sees, and may kill, every process of the node",
      requirement: "CIS 5.2.3",
      find: forbidden("hostPID"),
    },
    {
      id: "KB-11",
      title: "not in the node's IPC namespace",
      why: "it reads the shared memory of others",
      requirement: "CIS 5.2.4",
      find: forbidden("hostIPC"),
    },
    {
      id: "KB-12",
      title: "not in the node's network",
      why: "network policies don't count there",
      requirement: "CIS 5.2.5",
      find: forbidden("hostNetwork"),
    },
    {
      id: "KB-13",
      title: "no folder of the node is mounted",
      why: "data of the node and of other pods lie there",
      requirement: "CIS 5.2.12",
      find: eachPod((spec) => {
        const paths = volumesOf(spec).flatMap((volume) => textAt(volume, "hostPath.path") || []);
        return paths.length > 0 && `mounts ${paths.join(", ")} of the node`;
      }),
    },
    {
      id: "KB-14",
      title: "no socket of the container runtime is mounted",
      why: "whoever holds it starts any container as root",
      requirement: "Checkov CKV_K8S_27",
      find: eachPod((spec) => {
        const socket = volumesOf(spec)
          .map((volume) => textAt(volume, "hostPath.path"))
          .find((path) => sockets.test(path));
        return socket !== undefined && `mounts the container runtime's ${socket}`;
      }),
    },
    {
      id: "KB-15",
      title: "no port of the node",
      why: "it goes round Service and NetworkPolicy",
      requirement: "CIS 5.2.13",
      find: eachContainer(({ spec }) => {
        const taken = listAt(spec, "ports").flatMap((port) => numberAt(port, "hostPort") || []);
        return taken.length > 0 && `takes port ${taken.join(", ")} of the node`;
      }),
    },
    {
      id: "KB-16",
      title: "/proc is masked",
      why: "it shows the kernel's secrets otherwise",
      requirement: "Pod Security Standards, baseline",
      find: eachContainer(({ spec }) => {
        const mount = at(spec, "securityContext.procMount") ?? "Default";
        return mount !== "Default" && `procMount is ${mount}; leave it out`;
      }),
    },
    {
      id: "KB-17",
      title: "only sysctls that stay inside of the pod",
      why: "the others change the node for everybody",
      requirement: "Pod Security Standards, baseline",
      find: eachPod((spec) => {
        const names = listAt(spec, "securityContext.sysctls").map((one) => textAt(one, "name"));
        const unsafe = names.filter((name) => !safeSysctls.includes(name));
        return unsafe.length > 0 && `sets ${unsafe.join(", ")}`;
      }),
    },
    {
      id: "KB-18",
      title: "no process of a Windows node",
      why: "it is the node's administrator",
      requirement: "CIS 5.2.11",
      find: eachContainer(
        (container, pod) =>
          at(securityOf(container, pod, "windowsOptions"), "hostProcess") === true &&
          "hostProcess is true; leave it out",
      ),
    },
    {
      id: "KB-19",
      title: "only volumes that Kubernetes manages",
      why: "other kinds reach storage past all quotas and policies",
      requirement: "Pod Security Standards, restricted",
      find: eachPod((spec) => {
        const odd = volumesOf(spec).flatMap((volume) =>
          Object.keys(volume as object).filter(
            (key) => key !== "name" && key !== "hostPath" && !allowedVolumes.includes(key),
          ),
        );
        return odd.length > 0 && `has a volume of the kind ${odd.join(", ")}; allowed are ${allowedVolumes.join(", ")}`;
      }),
    },
  ],
};
