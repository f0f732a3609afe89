import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Passwords } from "../../../components/postgres/passwords.ts";
import { PatroniCluster, type PatroniClusterArgs } from "../../../components/postgres/patroni-cluster.ts";
import { resourceTopics, stackTopics } from "../../../rollout/baseline/checks.ts";
import { judgeResource, judgeTogether } from "../../../rollout/baseline/judge.ts";
import type { PlainResource } from "../../../rollout/baseline/model.ts";
import { etcdArguments, etcdHosts, keptInEtcd } from "../../../rollout/postgres/etcd.ts";
import { good } from "./fixture.ts";

const image = `registry.example/postgres@sha256:${"a".repeat(64)}`;
const etcd = { members: 3, volumeMiB: 1024, image: `registry.example/etcd@sha256:${"b".repeat(64)}` };
const hosts = [0, 1, 2].map((index) => `demo-etcd-${index}.demo-etcd.data.svc`);

// biome-ignore lint/suspicious/noExplicitAny: inputs of any kind of object
type Declared = PlainResource & { props: any };

/** What a program with one cluster declares. */
async function declared(change: Partial<PatroniClusterArgs>): Promise<Declared[]> {
  const found: Declared[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      found.push({ type, name, props: inputs });
      return { id: `${name}-id`, state: inputs };
    },
    call: () => ({}),
  });
  const scope = change.scope ?? "demo";
  const passwords = new Passwords("demo", { scope, namespace: "data" });
  const args = { ...good, image, tlsSecret: "tls", clients: ["10.0.0.0/8"], passwords, durability: "quorum" as const };
  new PatroniCluster(scope, { ...args, ...change });
  await pulumi.runtime.disconnect();
  return found;
}

describe("a store of its own", () => {
  it("is found by its members and by Patroni under the names of their certificate, and nobody speaks without TLS", () => {
    assert.deepEqual(etcdHosts(good, etcd), hosts);
    // biome-ignore lint/suspicious/noExplicitAny: it is JSON for another program
    const { etcd3 } = keptInEtcd(hosts) as any;
    assert.deepEqual(
      etcd3.hosts,
      hosts.map((host) => `${host}:2379`),
    );
    assert.deepEqual([etcd3.protocol, etcd3.cacert, etcd3.cert], ["https", "/tls/ca.crt", "/tls/tls.crt"]);
    const args = etcdArguments({ name: "demo-etcd-1", host: hosts[1]!, hosts, token: "data/demo" });
    for (const needed of [
      "--client-cert-auth=true",
      "--peer-client-cert-auth=true",
      "--peer-cert-allowed-cn=postgres",
    ]) {
      assert.ok(args.includes(needed), needed);
    }
    assert.ok(args.includes(`--initial-cluster=${hosts.map((h) => `${h.split(".")[0]}=https://${h}:2380`).join(",")}`));
    const plain = args.filter((each) => each.includes("http://"));
    assert.deepEqual(plain, ["--listen-metrics-urls=http://0.0.0.0:2381"]);
  });
});

describe("a cluster with a store of its own", function () {
  this.timeout(20_000);
  let all: Declared[];
  before(async () => {
    all = await declared({ scope: "demo", etcd });
  });

  const named = (name: string): Declared => all.find((one) => one.name === name)!;
  const isOfStore = ({ name }: PlainResource): boolean => /-(etcd|router|open)-/.test(name);

  it("asks the API server for nothing: there are no rights, and no token in any of its pods", () => {
    assert.deepEqual(
      all.filter(({ type }) => /rbac|ServiceAccount/.test(type)),
      [],
    );
    const pods = all.flatMap(({ props }) => props.spec?.template?.spec ?? []);
    assert.equal(pods.length, 5, "members, store, what tells it, router, pools");
    for (const pod of pods) {
      assert.deepEqual([pod.serviceAccountName, pod.automountServiceAccountToken], [undefined, false]);
      for (const { env = [] } of pod.containers) {
        assert.deepEqual(
          env.filter(({ name }: { name: string }) => name.includes("KUBERNETES")),
          [],
        );
      }
    }
  });

  it("has its members look there, and what they agree on written down before they start", () => {
    const config = all.find(({ props }) => props.data?.["patroni.json"])!;
    assert.deepEqual(JSON.parse(config.props.data["patroni.json"]).etcd3.hosts.length, 3);
    const [{ env }] = named("demo-etcd-agreed").props.spec.template.spec.containers;
    const told = Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value]));
    assert.equal(told.NAME, "/service/demo/config");
    assert.equal(JSON.parse(told.AGREED).failsafe_mode, true);
    assert.equal(all.filter(({ name }) => name === "demo-config").length, 0);
  });

  it("tells what they agree on under another name when it is something else", async () => {
    const before = named("demo-etcd-agreed").props.metadata.name;
    const same = await declared({ scope: "demo", namespace: "data2", etcd });
    const other = await declared({ scope: "demo", namespace: "data3", etcd, durability: "asynchronous" });
    const nameIn = (one: Declared[]) => one.find(({ name }) => name === "demo-etcd-agreed")!.props.metadata.name;
    assert.match(before, /^demo-agreed-[0-9a-f]{16}$/);
    assert.notEqual(nameIn(same), nameIn(other));
  });

  it("has Services that lead to the router, under the names that clients know", () => {
    for (const way of ["primary", "replica"]) {
      const { metadata, spec } = named(`demo-router-${way}`).props;
      assert.equal(metadata.name, `demo-${way}`);
      assert.deepEqual([spec.selector["app.kubernetes.io/name"], spec.ports[0].targetPort], ["haproxy", way]);
    }
    assert.equal(
      all.some(({ name }) => name.startsWith("demo-service-")),
      false,
    );
  });

  it("lets nobody to its store but its members, itself and who tells it what is agreed on", () => {
    const { spec } = named("demo-etcd-closed").props;
    assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
    const [peers, clients] = spec.ingress;
    const labelsOf = ({ from }: { from: { podSelector: { matchLabels: Record<string, string> } }[] }) =>
      from.map(({ podSelector }) => podSelector.matchLabels);
    assert.deepEqual([peers.ports[0].port, clients.ports[0].port], [2380, 2379]);
    const members = named("demo-members").props.spec.template.metadata.labels;
    assert.deepEqual(labelsOf(clients)[0], members);
    assert.deepEqual(labelsOf(peers), [named("demo-etcd-members").props.spec.template.metadata.labels]);
  });

  it("meets what the baseline asks of any workload", () => {
    const settings = { registries: ["registry.example"] };
    const alone = all
      .filter(isOfStore)
      .flatMap((one) => resourceTopics.flatMap((topic) => judgeResource(topic, one, settings, [])));
    const together = stackTopics
      .flatMap((topic) => judgeTogether(topic, all, []))
      .filter(({ resource, check }) => isOfStore(resource) || check === "KB-38" || check === "KB-53");
    const findings = [...alone, ...together].filter(({ check }) => check !== "KB-55"); // a priority is the platform's to give
    assert.deepEqual(
      findings.map(({ resource, message }) => `${resource.name}: ${message}`),
      [],
    );
  });

  it("can't become one whose lock is elsewhere member by member: the selector of its members is another", async () => {
    const other = await declared({ scope: "demo", namespace: "data4" });
    const selector = (one: Declared[]) =>
      one.find(({ name }) => name === "demo-members")!.props.spec.selector.matchLabels;
    assert.notDeepEqual(selector(all), selector(other));
  });
});
