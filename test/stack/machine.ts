/**
 * A machine of its own for a cluster with a real node, made of Linux namespaces (processes, mounts, network). Needs root.
 * Everything in it, the pods, their mounts and their network included, ends when its first process does, and nothing of it is seen outside
 * but one address. So several real nodes live side by side with the usual ports, paths and subnets, and nothing has to be cleaned up by hand.
 * Nothing gets out either: whatever is sent elsewhere vanishes, and so times out, as in a cluster that cannot reach the internet.
 */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, loopback, type Machine, Runner, run } from './runner.ts';

const init = 'machine';

/** Mounts and network devices, then the process that collects what other processes leave behind. `$1` is the cluster's folder. */
const boot = `
set -e
mount --make-rshared /
mount -t tmpfs tmpfs /run
mount --bind "$1/log" /var/log
mount --bind "$1/kubelet" /var/lib/kubelet
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
ip link add dead type bridge
ip link set dead arp off up
ip route add default dev dead
echo ready >/run/booted
trap : TERM
while :; do sleep 1000000 & wait $! || :; done
`;

/** Makes the machine; `stop` on it, or the end of this process unless `keep`, ends all that runs there. */
export async function bootMachine(directory: string, keep: boolean): Promise<Machine> {
  if (process.getuid?.() !== 0) throw new Error('a real node needs root: run as root, or start the cluster without it');
  await needCommands({ ip: 'iproute2', unshare: 'util-linux', nsenter: 'util-linux', mount: 'mount' });
  for (const folder of [join(directory, 'log'), join(directory, 'kubelet'), '/var/lib/kubelet']) {
    await mkdir(folder, { recursive: true });
  }
  const flags = ['--fork', '--kill-child', '--pid', '--mount-proc', '--mount', '--net'];
  const argv = ['unshare', ...flags, 'sh', '-c', boot, init, directory];
  const outside = new Runner(directory, { ...loopback, forks: true }, keep);
  const ready = (): Promise<boolean> => exists(`/proc/${outside.pid(init)}/root/run/booted`);
  const pid = await outside.start({ name: init, argv, ready });
  return machineAt(pid, await connectNetwork(pid));
}

/** A machine that runs already. */
export function machineAt(pid: number, address: string): Machine {
  return {
    address,
    port: (usual) => Promise.resolve(usual),
    command: (argv) => ['nsenter', '--target', String(pid), '--pid', '--mount', '--net', '--wd=.', '--', ...argv],
    forks: true,
  };
}

/** Ends the machine and with it everything that runs there. */
export async function haltMachine(directory: string): Promise<void> {
  await new Runner(directory, loopback, true).kill(init);
}

/** The pid of a running machine's first process. */
export function machinePid(directory: string): number | undefined {
  return new Runner(directory, loopback, true).pid(init);
}

/**
 * Joins the machine to this one by a pair of devices; returns its address. 198.18.0.0/15 is set aside for test networks (RFC 2544).
 * The kernel removes the pair with the machine.
 */
async function connectNetwork(pid: number): Promise<string> {
  for (let number = 1; number < 255; number += 1) {
    const device = `kube-kg${number}`;
    const add = ['ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)];
    if (await exists(`/sys/class/net/${device}`)) continue;
    try {
      await run(add);
    } catch (error) {
      if (await exists(`/sys/class/net/${device}`)) continue;
      throw error;
    }
    const address = `198.18.${number}.2`;
    await run(['ip', 'address', 'add', `198.18.${number}.1/30`, 'dev', device]);
    await run(['ip', 'link', 'set', device, 'up']);
    const inside = (...args: string[]): Promise<string> => run(['nsenter', '-t', String(pid), '-n', 'ip', ...args]);
    await inside('address', 'add', `${address}/30`, 'dev', 'eth0');
    await inside('link', 'set', 'eth0', 'up');
    return address;
  }
  throw new Error('254 machines run already');
}

/** A control group below which one kubelet keeps its pods: kubelets that share one end each other's pods. Returns its path. */
export async function makeControlGroup(name: string): Promise<string> {
  const path = controlGroup(name);
  for (const root of await controlGroupRoots()) {
    const inherit = async (file: string): Promise<void> =>
      writeFile(join(root, path, file), await readFile(join(root, file)));
    if (await exists(join(root, 'cgroup.subtree_control'))) {
      await writeFile(join(root, 'cgroup.subtree_control'), '+cpu +cpuset +memory +pids').catch(() => undefined);
    }
    await mkdir(join(root, path), { recursive: true });
    if (root.endsWith('/cpuset')) for (const file of ['cpuset.cpus', 'cpuset.mems']) await inherit(file);
  }
  return path;
}

/** Removes the control group after everything in it has ended. */
export async function removeControlGroup(name: string): Promise<void> {
  for (const root of await controlGroupRoots()) await removeGroups(join(root, controlGroup(name)));
}

function controlGroup(name: string): string {
  return `/kube-kg-${name}`;
}

async function removeGroups(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(path, entry.name));
  await rmdir(path).catch(() => undefined);
}

/** Version 2 has one hierarchy, version 1 one for each controller. */
async function controlGroupRoots(): Promise<string[]> {
  const root = '/sys/fs/cgroup';
  if (await exists(join(root, 'cgroup.controllers'))) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
}

/** Throws with the packages to install when commands are missing. */
export async function needCommands(packages: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packages)) {
    await run(['sh', '-c', `command -v ${command}`]).catch(() => missing.push(name));
  }
  if (missing.length > 0) throw new Error(`missing programs: apt-get install ${[...new Set(missing)].join(' ')}`);
}
