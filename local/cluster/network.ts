import { existsSync } from "node:fs";
import { exec } from "../exec.ts";
import { hostAddress, linkOf, namespaceOf, nodeAddress, podRange, serviceRange, slots } from "./layout.ts";

const ip = (...args: string[]): Promise<string> => exec("ip", args);
const inNode = (slot: number, ...args: string[]): Promise<string> => ip("-n", namespaceOf(slot), ...args);

/** Takes a free slot by making its network namespace, which fails where another cluster was quicker. */
export async function takeSlot(preferred: number | undefined): Promise<number> {
  const order = preferred === undefined ? slots : [preferred, ...slots];
  for (const slot of order) {
    if (namespaceExists(slot)) continue;
    const taken = await ip("netns", "add", namespaceOf(slot)).then(
      () => true,
      (error) => {
        if (namespaceExists(slot)) return false;
        throw error;
      },
    );
    if (taken) return slot;
  }
  throw new Error(`all ${slots.length} network slots are in use; stop a cluster first`);
}

export const namespaceExists = (slot: number): boolean => existsSync(`/run/netns/${namespaceOf(slot)}`);
export const linkExists = (slot: number): boolean => existsSync(`/sys/class/net/${linkOf(slot)}`);

/** Joins the namespace to the host by one link and gives it no way out: no default route, no masquerading. */
export async function connect(slot: number): Promise<void> {
  await ip("link", "add", linkOf(slot), "type", "veth", "peer", "name", "up0", "netns", namespaceOf(slot));
  await ip("addr", "add", `${hostAddress(slot)}/30`, "dev", linkOf(slot));
  await ip("link", "set", linkOf(slot), "up");
  await inNode(slot, "link", "set", "lo", "up");
  await inNode(slot, "addr", "add", `${nodeAddress(slot)}/30`, "dev", "up0");
  await inNode(slot, "link", "set", "up0", "up");
  // The node's own processes need some route to service addresses, or connect() fails before kube-proxy's rules apply.
  await inNode(slot, "route", "add", serviceRange, "dev", "lo", "src", nodeAddress(slot));
  // A pod's packet that kube-proxy did not redirect fails at once instead of vanishing in lo.
  await inNode(slot, "rule", "add", "from", podRange, "to", serviceRange, "priority", "100", "unreachable");
  await exec("nsenter", [`--net=/run/netns/${namespaceOf(slot)}`, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
}

/** Removes whatever is left of the slot's network. */
export async function disconnect(slot: number): Promise<void> {
  if (linkExists(slot)) await ip("link", "del", linkOf(slot)).catch(() => undefined);
  if (namespaceExists(slot)) await ip("netns", "del", namespaceOf(slot)).catch(() => undefined);
}

/** The slots of this machine in use, by whichever checkout. */
export const usedSlots = (): number[] => slots.filter((slot) => namespaceExists(slot) || linkExists(slot));
