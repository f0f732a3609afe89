// What `docker stack deploy` would start, started without Docker: each service as a process in a root, a network and mounts
// of its own, all of them in one network. What Docker itself does isn't here: placement, updates, its own DNS.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { exec } from "../../local/exec.ts";
import { ensureImages } from "../../local/images/images.ts";
import { signalProcess } from "../../local/process-id.ts";
import { productionFile } from "../../rollout/postgres/compose/files.ts";
import type { stack } from "../unit/postgres/compose/stack-schema.ts";

type Stack = z.infer<typeof stack>;
type Service = Stack["services"][string];

/** Where something is mounted, or a device is, in a root that can't be written to. */
const folders = ["proc", "run/secrets", "tls", "users", "etc/patroni", "etc/haproxy", "etc/pgbouncer", "dev/shm"];
const files = ["etc/hosts", "etc/resolv.conf", "dev/null", "dev/urandom"];
const filled = ["run/secrets", "tls", "etc/patroni", "etc/haproxy", "etc/pgbouncer"];

/** Ends with the one that started it, however that ends. */
const endsWithUs = ["setpriv", "--pdeathsig", "KILL"];
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const plain = (text: string): string => text.replaceAll("$$", "$");

export class Swarm {
  readonly #folder: string;
  readonly #stack: Stack;
  readonly #secrets: Readonly<Record<string, string>>;
  readonly #roots = new Map<string, string>();
  readonly #running = new Map<string, ChildProcess>();
  readonly #net = `rampart-swarm-${process.pid}`;

  private constructor(folder: string, stack: Stack, secrets: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#stack = stack;
    this.#secrets = secrets;
  }

  /** Starts the files of a stack, with what its external secrets hold. */
  static async start(
    written: Readonly<Record<string, string>>,
    secrets: Readonly<Record<string, string>>,
  ): Promise<Swarm> {
    const folder = await mkdtemp(join(tmpdir(), "rampart-swarm-"));
    for (const [name, text] of Object.entries(written)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const swarm = new Swarm(folder, parse(written[productionFile]!), secrets);
    try {
      await swarm.#prepare();
      for (const name of Object.keys(swarm.#stack.services)) await swarm.#run(name);
    } catch (error) {
      await swarm.stop();
      throw error;
    }
    return swarm;
  }

  get services(): readonly string[] {
    return Object.keys(this.#stack.services);
  }

  async stop(): Promise<void> {
    for (const name of this.#running.keys()) await this.kill(name);
    for (const space of [...this.services.map((name) => this.#spaceOf(name)), this.#net]) {
      await exec("ip", ["netns", "delete", space]).catch(() => undefined);
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Ends a container at once, with all that runs in it. */
  async kill(name: string): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (!child?.pid || child.exitCode !== null) return;
    signalProcess(child.pid, "SIGKILL");
    await once(child, "exit");
  }

  /** Runs something in a service's container. */
  async exec(name: string, command: readonly string[]): Promise<string> {
    const first = await this.#firstProcess(this.#running.get(name)!.pid!);
    const inside = ["--target", String(first), "--mount", "--net", "--pid"];
    const { user } = this.#stack.services[name]!;
    return exec("nsenter", [...inside, "chroot", `--userspec=${user}`, this.#mountPoint, ...command]);
  }

  /** Whether a service's own health check is content; true where it has none. */
  async isWell(name: string): Promise<boolean> {
    const { healthcheck } = this.#stack.services[name]!;
    if (!("test" in healthcheck)) return true;
    return this.exec(name, healthcheck.test.slice(1).map(plain)).then(
      () => true,
      () => false,
    );
  }

  /** Asks as the application, from the same network; one line for each row. */
  async ask(host: string, port: number, query: string): Promise<string[]> {
    const root = this.#roots.get(this.#stack.services[this.services.find((name) => name.endsWith("-pooler"))!]!.image)!;
    const where = `host=${host} port=${port} user=app dbname=app sslmode=verify-full sslrootcert=/ca.crt connect_timeout=3`;
    const psql = ["psql", where, "--no-align", "--tuples-only", "--quiet", "--command", query].map(quoted).join(" ");
    const script = [
      `mount --bind ${this.#folder}/hosts ${root}/etc/hosts`,
      `export PGPASSWORD=${quoted(this.#secrets.app!)} HOME=/tmp PATH=/usr/lib/postgresql/17/bin:$PATH`,
      `exec chroot ${root} ${psql}`,
    ];
    const asked = await exec("ip", ["netns", "exec", this.#net, "unshare", "--mount", "sh", "-euc", script.join("\n")]);
    return asked.trim().split("\n");
  }

  get #mountPoint(): string {
    return join(this.#folder, "root");
  }

  #spaceOf(name: string): string {
    return `${this.#net}-${name}`;
  }

  async #firstProcess(pid: number): Promise<number> {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return Number(children.trim().split(" ")[0]);
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#mountPoint);
    await writeFile(join(this.#folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    for (const volume of Object.keys(this.#stack.volumes)) {
      await mkdir(join(this.#folder, "volumes", volume), { recursive: true });
      await chmod(join(this.#folder, "volumes", volume), 0o1777);
    }
    for (const [name, text] of Object.entries(this.#secrets)) await writeFile(join(this.#folder, name), text);
    for (const { name, reference, tar } of await ensureImages(["postgres", "etcd"])) {
      this.#roots.set(reference, await this.#unpack(name, tar));
    }
    await this.#connect();
  }

  /** The root that containers of an image have. */
  async #unpack(name: string, tar: string): Promise<string> {
    const [layout, root] = [join(this.#folder, "layouts", name), join(this.#folder, "images", name)];
    for (const folder of [layout, ...folders.map((each) => join(root, each))]) await mkdir(folder, { recursive: true });
    await exec("tar", ["--extract", "--file", tar, "--directory", layout]);
    const blob = async (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
    const read = async (file: string) => JSON.parse(await readFile(file, "utf8"));
    const { manifests } = await read(join(layout, "index.json"));
    const { layers } = await read(await blob(manifests[0].digest));
    for (const { digest } of layers)
      await exec("tar", ["--extract", "--file", await blob(digest), "--directory", root]);
    for (const file of files) await writeFile(join(root, file), "");
    await writeFile(join(root, "ca.crt"), this.#secrets["ca.crt"]!);
    return root;
  }

  /** One network for all, in which the names of each are known to each. */
  async #connect(): Promise<void> {
    const ip = (...args: string[]) => exec("ip", args);
    const addresses = this.#stack.networks.cluster.ipam.config[0]!.subnet;
    const [prefix, bits] = [addresses.replace(/\d+\/\d+$/, ""), addresses.replace(/.*\//, "")];
    await ip("netns", "add", this.#net);
    await ip("-n", this.#net, "link", "add", "bridge0", "type", "bridge");
    await ip("-n", this.#net, "address", "add", `${prefix}1/${bits}`, "dev", "bridge0");
    for (const link of ["bridge0", "lo"]) await ip("-n", this.#net, "link", "set", link, "up");
    const hosts = ["127.0.0.1 localhost"];
    for (const [index, [name, { networks }]] of Object.entries(this.#stack.services).entries()) {
      const [space, address] = [this.#spaceOf(name), `${prefix}${10 + index}`];
      hosts.push(...(networks.cluster.aliases ?? []).map((alias) => `${address} ${alias}`));
      await ip("netns", "add", space);
      const ends = ["type", "veth", "peer", "name", "eth0", "netns", space];
      await ip("-n", this.#net, "link", "add", `to${index}`, ...ends);
      await ip("-n", this.#net, "link", "set", `to${index}`, "master", "bridge0", "up");
      await ip("-n", space, "address", "add", `${address}/${bits}`, "dev", "eth0");
      for (const link of ["eth0", "lo"]) await ip("-n", space, "link", "set", link, "up");
    }
    await writeFile(join(this.#folder, "hosts"), `${hosts.join("\n")}\n`);
  }

  async #run(name: string): Promise<void> {
    const service = this.#stack.services[name]!;
    const script = [...this.#mounts(service), this.#start(service)].join("\n");
    const apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", script];
    const command = [...endsWithUs, "ip", "netns", "exec", this.#spaceOf(name), ...apart];
    this.#running.set(name, spawn(command[0]!, command.slice(1), { stdio: "ignore" }));
  }

  /** As Docker lays them into the container before it starts. */
  #mounts({ image, configs = [], secrets = [], volumes = [] }: Service): string[] {
    const [root, from] = [this.#mountPoint, this.#folder];
    const laid = ({ mode }: { mode: number }, source: string, target: string, owner = "0"): string =>
      `install --mode=${mode.toString(8)} --owner=${owner} --group=${owner} ${source} ${root}${target}`;
    return [
      `mount --bind ${this.#roots.get(image)} ${root}`,
      `mount -t proc proc ${root}/proc`,
      ...filled.map((folder) => `mount -t tmpfs -o mode=0755 files ${root}/${folder}`),
      ...["hosts", "resolv.conf"].map((file) => `mount --bind ${from}/${file} ${root}/etc/${file}`),
      ...["null", "urandom"].map((device) => `mount --bind /dev/${device} ${root}/dev/${device}`),
      ...configs.map((each) => laid(each, join(from, this.#stack.configs[each.source]!.file), each.target)),
      ...secrets.map((each) => {
        const target = each.target.startsWith("/") ? each.target : `/run/secrets/${each.target}`;
        return laid(each, join(from, each.source), target, each.uid);
      }),
      ...volumes.flatMap((each) => {
        const target = `${root}${each.target}`;
        if (each.type === "tmpfs") return [`mount -t tmpfs -o mode=1777,size=${each.tmpfs.size} memory ${target}`];
        const bind = `mount --bind ${from}/volumes/${each.source} ${target}`;
        return each.read_only ? [bind, `mount -o remount,bind,ro ${target}`] : [bind];
      }),
      `mount -o remount,bind,ro ${root}`,
    ];
  }

  #start({ user, environment = {}, entrypoint, command = [] }: Service): string {
    const own = { PATH: "/usr/lib/postgresql/17/bin:/usr/bin", LC_ALL: "C.UTF-8", HOME: "/tmp", ...environment };
    const variables = Object.entries(own).map(([name, value]) => quoted(`${name}=${plain(value)}`));
    const argv = [...entrypoint, ...command].map((each) => quoted(plain(each)));
    const chroot = `/usr/sbin/chroot --userspec=${user} --groups= ${this.#mountPoint}`;
    // The shell stays, as what it starts has another user: that one wouldn't end with the test.
    return `env -i ${variables.join(" ")} ${chroot} ${argv.join(" ")} || exit $?`;
  }
}
