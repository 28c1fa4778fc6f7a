/**
 * A Kubernetes cluster of real components. `startCluster` builds what is missing, starts them in order and returns a handle to ask, disturb
 * and stop them. Clusters live side by side. All of a cluster is in one folder; nothing outside it is written (but for control groups).
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { built } from '../build.ts';
import type { Login } from '../client.ts';
import { busyboxImage, type Image, writeImage } from '../image.ts';
import {
  bootMachine,
  haltMachine,
  machineAt,
  machinePid,
  makeControlGroup,
  needCommands,
  removeControlGroup,
} from '../machine.ts';
import { exists, loopback, type Machine, type Program, Runner, run } from '../runner.ts';
import { controllerManager } from './controller-manager.ts';
import { corednsImage, corednsManifests } from './coredns.ts';
import { compactEtcd, etcd } from './etcd.ts';
import { kubeApiserver, prepareApiserver } from './kube-apiserver.ts';
import { containerd, kubelet, kubeProxy, loadImage, pauseImage } from './kubelet.ts';
import { kwok, kwokNode, storageClass } from './kwok.ts';
import { scheduler } from './scheduler.ts';
import { kubeconfigOf, loginOf, newTokens, type Site, type User, writeKubeconfig } from './site.ts';

/** In the order of starting. */
const components = [
  'etcd',
  'apiserver',
  'controller-manager',
  'scheduler',
  'kwok',
  'containerd',
  'kubelet',
  'kube-proxy',
] as const;

export type Component = (typeof components)[number];

export interface ClusterOptions {
  /** Names the cluster, its folder and its contexts. */
  readonly name: string;
  /** Name of a real node: containerd, kubelet, kube-proxy, and CoreDNS as a pod. Needs root. */
  readonly realNode?: string;
  /** How many nodes kwok plays, `kwok-0` and on (default 1). With a real node they are tainted `kwok.x-k8s.io/node`. */
  readonly kwokNodes?: number;
  /** More command line flags for a component. */
  readonly flags?: Readonly<Partial<Record<Component, readonly string[]>>>;
  /** More names for the busybox image on the real node, besides `registry.local/app:1`. */
  readonly images?: readonly string[];
  /** The cluster outlives this process; `openCluster(name)` finds it again. */
  readonly keep?: boolean;
}

export const appImage = 'registry.local/app:1';

/** The folder in which clusters have theirs. */
function clustersFolder(): string {
  return join(tmpdir(), `kube-kg-stack-${process.getuid?.() ?? 0}`);
}

/** What `openCluster` needs to know again. */
interface Saved {
  readonly options: ClusterOptions;
  readonly site: Omit<Site, 'machine'>;
  readonly address: string;
}

/** Starts a cluster and returns when its nodes are ready. What was started is stopped again when a part fails; the error has the end of its log. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { name, keep = false } = options;
  if (!/^[a-z0-9-]{1,40}$/.test(name)) throw new Error(`not a cluster name: ${name} (small letters, digits, dashes)`);
  await sweep();
  const directory = join(clustersFolder(), keep ? name : `${name}-${process.pid}`);
  await mkdir(clustersFolder(), { recursive: true });
  await mkdir(directory).catch((error: unknown) => {
    throw new Error(`a cluster of this name is there already: ${directory}`, { cause: error });
  });
  const machine = options.realNode ? await boot(directory, keep) : loopback;
  const cluster = new Cluster(options, await makeSite(name, directory, machine));
  try {
    await cluster.up();
  } catch (error) {
    await cluster.stop({ purge: false });
    throw error;
  }
  return cluster;
}

async function boot(directory: string, keep: boolean): Promise<Machine> {
  try {
    return await bootMachine(directory, keep);
  } catch (error) {
    await haltMachine(directory);
    await rm(directory, { recursive: true });
    throw error;
  }
}

/** A cluster that was started with `keep` and still runs. */
export async function openCluster(name: string): Promise<Cluster | undefined> {
  return openFolder(join(clustersFolder(), name));
}

async function openFolder(directory: string): Promise<Cluster | undefined> {
  const text = await readFile(join(directory, 'cluster.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { options, site, address } = JSON.parse(text) as Saved;
  if (!options.realNode) return new Cluster(options, { ...site, machine: loopback });
  return new Cluster(options, { ...site, machine: machineAt(machinePid(directory) ?? 0, address) });
}

/** Clears away what test runs left behind that were ended by force: the kernel ended their programs with them. */
async function sweep(): Promise<void> {
  for (const folder of await readdir(clustersFolder()).catch(() => [])) {
    const owner = /-(\d+)$/.exec(folder)?.[1];
    if (owner === undefined || (await exists(`/proc/${owner}`))) continue;
    const cluster = await openFolder(join(clustersFolder(), folder));
    if (cluster && !cluster.options.keep) await cluster.stop();
  }
}

async function makeSite(name: string, directory: string, machine: Machine): Promise<Site> {
  const [etcdPort, etcdPeer, apiserver, kwokPort] = await Promise.all([2379, 2380, 6443, 10247].map(machine.port));
  const ports = { etcd: etcdPort ?? 0, etcdPeer: etcdPeer ?? 0, apiserver: apiserver ?? 0, kwok: kwokPort ?? 0 };
  return { name, directory, machine, ports, tokens: newTokens() };
}

export class Cluster {
  readonly options: ClusterOptions;
  readonly #site: Site;
  readonly #runner: Runner;

  constructor(options: ClusterOptions, site: Site) {
    this.options = options;
    this.#site = site;
    this.#runner = new Runner(site.directory, site.machine, options.keep ?? false);
  }

  get name(): string {
    return this.options.name;
  }

  get directory(): string {
    return this.#site.directory;
  }

  /** Path of the kubeconfig; contexts NAME and NAME-viewer. */
  get kubeconfig(): string {
    return kubeconfigOf(this.#site);
  }

  /** For asking the API server without any client library (`client.ts`). */
  login(user: User = 'admin'): Login {
    return loginOf(this.#site, user);
  }

  /** Starts everything; `startCluster` calls it. */
  async up(): Promise<void> {
    const { machine, ...site } = this.#site;
    const saved: Saved = { options: this.options, site, address: machine.address };
    await writeFile(join(this.directory, 'cluster.json'), JSON.stringify(saved), { mode: 0o600 });
    await prepareApiserver(this.#site);
    await writeKubeconfig(this.#site);
    for (const component of ['etcd', 'apiserver', 'controller-manager', 'scheduler', 'kwok'] as const) {
      await this.start(component);
    }
    await this.apply(storageClass, ...this.#kwokNodes());
    if (this.options.realNode) await this.#startRealNode();
    await this.kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=60s');
  }

  #kwokNodes(): object[] {
    const { kwokNodes = 1, realNode } = this.options;
    return Array.from({ length: kwokNodes }, (_, index) => kwokNode(`kwok-${index}`, realNode !== undefined));
  }

  async #startRealNode(): Promise<void> {
    await needCommands({ runc: 'runc', iptables: 'iptables', conntrack: 'conntrack', busybox: 'busybox-static' });
    await mkdir(join(this.directory, 'network'), { recursive: true });
    await this.start('containerd');
    await this.loadImage(await busyboxImage(pauseImage, ['sleep', '1000000']));
    await this.loadImage(await busyboxImage(appImage, ['sh']), this.options.images);
    await this.loadImage(await corednsImage());
    await this.start('kubelet');
    await this.start('kube-proxy');
    await this.apply(...corednsManifests);
    await this.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s');
  }

  /** Puts an image on the real node, under more names if wanted. */
  async loadImage(image: Image, aliases: readonly string[] = []): Promise<void> {
    const file = await writeImage(join(this.directory, 'images'), image);
    await loadImage(this.#site, file, image.name, aliases);
    await rm(file);
  }

  /** Starts a component that does not run, with more flags if wanted. Returns its pid when it is ready. */
  async start(component: Component, flags: readonly string[] = []): Promise<number> {
    const program = await this.#program(component);
    const argv = [...program.argv, ...(this.options.flags?.[component] ?? []), ...flags];
    return this.#runner.start({ ...program, argv });
  }

  /** Ends a component at once, as a crash would; or sends it another signal (`SIGSTOP` makes it hang). */
  async kill(component: Component, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL') return this.#runner.kill(component);
    this.#runner.signal(component, signal);
  }

  /** Ends a component if it runs and starts it again, with more flags if wanted. It has two seconds to end in order: an API server waits for its watchers. */
  async restart(component: Component, flags: readonly string[] = []): Promise<number> {
    await this.#runner.stop(component, 2000);
    return this.start(component, flags);
  }

  #program(component: Component): Promise<Program> {
    const site = this.#site;
    const node = this.options.realNode ?? '';
    switch (component) {
      case 'etcd':
        return etcd(site);
      case 'apiserver':
        return kubeApiserver(site);
      case 'controller-manager':
        return controllerManager(site);
      case 'scheduler':
        return scheduler(site);
      case 'kwok':
        return kwok(site);
      case 'containerd':
        return containerd(site);
      case 'kubelet':
        return makeControlGroup(basename(site.directory)).then((group) => kubelet(site, node, group));
      case 'kube-proxy':
        return kubeProxy(site, node);
      default:
        return component satisfies never;
    }
  }

  /** Process id of a component on this machine. */
  pid(component: Component): number | undefined {
    return this.#runner.pid(component);
  }

  /** True while any component runs. */
  running(): boolean {
    return components.some((component) => this.#runner.alive(component));
  }

  /** Runs kubectl as admin and returns what it prints. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return this.#kubectl(args);
  }

  async #kubectl(args: readonly string[], input = ''): Promise<string> {
    const program = join(await built('kubernetes'), 'kubectl');
    const cache = join(this.directory, 'kubectl-cache');
    return run([program, `--kubeconfig=${this.kubeconfig}`, `--cache-dir=${cache}`, ...args], { input });
  }

  /** Applies manifests: YAML texts (each may hold many documents) or objects. */
  async apply(...manifests: readonly (string | object)[]): Promise<void> {
    const texts = manifests.map((manifest) => (typeof manifest === 'string' ? manifest : JSON.stringify(manifest)));
    await this.#kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], texts.join('\n---\n'));
  }

  /** Compacts etcd up to now and returns the revision: see `compactEtcd`. */
  compact(): Promise<number> {
    return compactEtcd(this.#site);
  }

  /** Makes the API server answer 410 to every page token and resource version from before: a compaction, and a restart that empties its memory. */
  async forget(): Promise<void> {
    await this.compact();
    await this.restart('apiserver');
  }

  /** Stops everything and removes the folder, unless `purge` is false. */
  async stop({ purge = true } = {}): Promise<void> {
    if (this.options.realNode) await haltMachine(this.directory);
    for (const component of components.toReversed()) await this.#runner.stop(component);
    if (this.options.realNode) await removeControlGroup(basename(this.directory));
    if (purge) await rm(this.directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
