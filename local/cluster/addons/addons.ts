import { exec } from "../../exec.ts";
import { ensureImages } from "../../images/images.ts";
import { waitFor } from "../../wait.ts";
import { apply, type Cluster, execInNode, kubectl } from "../cluster.ts";
import { containerdSocket } from "../config.ts";
import { clusterDomain, dnsAddress, namespaceOf } from "../layout.ts";
import { dns } from "./dns.ts";
import { gateway, gatewayManifests, gatewayNamespace } from "./gateway.ts";
import { ensureVolumes } from "./volumes.ts";

const ctr = (cluster: Cluster, ...args: string[]): Promise<string> =>
  execInNode(cluster, ["ctr", "--address", containerdSocket, "--namespace", "k8s.io", ...args]);

/** Brings images into the node, but only those that aren't there. */
export async function importImages(cluster: Cluster, names: readonly string[]): Promise<Map<string, string>> {
  const images = await ensureImages(names);
  const there = new Set((await ctr(cluster, "images", "list", "--quiet")).split("\n"));
  for (const image of images.filter(({ reference }) => !there.has(reference))) {
    await ctr(cluster, "images", "import", image.tar);
  }
  return new Map(images.map((image) => [image.name, image.reference]));
}

/** Makes a bare node a cluster that one can deploy to: DNS, volumes, a gateway. */
export async function installAddons(cluster: Cluster, onProgress: (text: string) => void = () => {}): Promise<void> {
  onProgress("bringing DNS, volumes and the gateway");
  const images = await importImages(cluster, ["pause", "coredns", "contour", "envoy"]);
  const image = (name: string): string => images.get(name)!;
  await ensureVolumes(cluster);
  await apply(cluster, [...dns(image("coredns")), gatewayNamespace]);
  await kubectl(cluster, ["apply", "--server-side", "--force-conflicts", "-f", "-"], {
    input: await gatewayManifests(),
  });
  await apply(cluster, gateway(image("contour"), image("envoy")));

  onProgress("waiting for DNS and the gateway");
  await Promise.all(
    ["kube-system/coredns", "projectcontour/contour", "projectcontour/envoy"].map(async (each) => {
      const [namespace, name] = each.split("/");
      await kubectl(cluster, ["-n", namespace!, "rollout", "status", `deployment/${name}`, "--timeout=120s"]);
    }),
  );
  await waitFor("an answer of the cluster's DNS", () => resolves(cluster, `kubernetes.default.svc.${clusterDomain}`));
}

/** After a restart, conditions still tell of the last run; an answer doesn't lie. */
async function resolves(cluster: Cluster, name: string): Promise<boolean> {
  const script = `
    const resolver = new (require("node:dns").promises.Resolver)({ timeout: 500, tries: 1 });
    resolver.setServers(["${dnsAddress}"]);
    resolver.resolve4("${name}").catch(() => process.exit(1));`;
  await exec("nsenter", [`--net=/run/netns/${namespaceOf(cluster.slot)}`, process.execPath, "-e", script]);
  return true;
}
