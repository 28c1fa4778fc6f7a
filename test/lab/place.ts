/**
 * The cluster that the lab works in: a real node, three that are played (one for the control plane, two for batch work), an image registry that has
 * nothing, and the lab's program. It stays up between runs, until `--down`.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { appImage, type Cluster, openCluster, startCluster } from '../stack/components/kubernetes.ts';
import { busyboxImage } from '../stack/image.ts';
import { machineAt, machinePid } from '../stack/machine.ts';
import { exists, type Machine, Runner, run } from '../stack/runner.ts';
import { playedNode } from './nodes.ts';

export const REAL_NODE = 'worker-1';

/** A registry that nobody knows. */
const UNKNOWN_HOST = 'images.example.net';

export interface Place {
  readonly cluster: Cluster;
  readonly machine: Machine;
  /** Runs a shell command on the real node. */
  shell(command: string): Promise<string>;
}

/** The cluster of that name, started when it does not run. */
export async function openPlace(name: string): Promise<Place> {
  const found = await openCluster(name);
  if (found?.running()) return placeOf(found);
  await found?.stop();
  // Leases of components that wait for each other show who has gone silent; every ten seconds is enough.
  const leases = ['--leader-elect=true', '--leader-elect-lease-duration=60s', '--leader-elect-renew-deadline=40s'];
  const flags = [...leases, '--leader-elect-retry-period=10s'];
  const cluster = await startCluster({
    name,
    keep: true,
    realNode: REAL_NODE,
    kwokNodes: 0,
    flags: { scheduler: flags, 'controller-manager': flags },
  });
  const place = placeOf(cluster);
  await furnish(place);
  return place;
}

export async function closePlace(name: string): Promise<void> {
  await (await openCluster(name))?.stop();
}

function placeOf(cluster: Cluster): Place {
  const machine = machineAt(machinePid(cluster.directory) ?? 0, '');
  return { cluster, machine, shell: (command) => run(machine.command(['sh', '-c', command])) };
}

/** Puts images on the node: two releases, one for another processor, and one that ends at once. Whatever else is wanted must be pulled, and cannot be. */
async function furnish({ cluster, machine }: Place): Promise<void> {
  const program = await builtApp(process.arch === 'arm64' ? 'arm64' : 'amd64');
  const programs = {
    [appImage]: program,
    'registry.local/app:2': program,
    'registry.local/app:3': await builtApp(process.arch === 'arm64' ? 'amd64' : 'arm64'),
    'registry.local/app:6': join(import.meta.dirname, 'app', 'release-6.sh'),
  };
  for (const [name, file] of Object.entries(programs)) {
    // No two images are the same, or a node would call them by one name.
    const base = await busyboxImage(name, ['app', 'serve', name]);
    await cluster.loadImage({ ...base, files: { ...base.files, 'bin/app': file } });
  }
  await cluster.kubectl('delete', 'storageclass', '--all');
  await cluster.apply(storageClass, ...playedNodes);
  await cluster.kubectl('label', 'node', REAL_NODE, 'topology.kubernetes.io/zone=eu-1', 'disk=ssd');
  // Whoever pulls asks this registry, whatever its name was, but for hosts that are to be unknown.
  const registries = join(cluster.directory, 'registries');
  for (const host of ['_default', UNKNOWN_HOST]) await mkdir(join(registries, host), { recursive: true });
  await writeFile(join(registries, UNKNOWN_HOST, 'hosts.toml'), `server = "https://${UNKNOWN_HOST}"\n`);
  await writeFile(
    join(registries, '_default', 'hosts.toml'),
    'server = "http://127.0.0.1:5000"\n[host."http://127.0.0.1:5000"]\n  capabilities = ["pull", "resolve"]\n',
  );
  await new Runner(cluster.directory, machine, true).start({ name: 'registry', argv: [program, 'registry'] });
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'local-disk', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'Immediate',
};

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const forBatch = {
  labels: { pool: 'batch', disk: 'hdd' },
  taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }],
};

const playedNodes = [
  playedNode('control-1', { labels: { [CONTROL_PLANE]: '' }, taints: [{ key: CONTROL_PLANE, effect: 'NoSchedule' }] }),
  playedNode('worker-2', forBatch),
  playedNode('worker-3', forBatch),
];

/** The lab's program for a processor, built once for each of its versions. */
async function builtApp(processor: string): Promise<string> {
  const source = join(import.meta.dirname, 'app');
  const hash = createHash('sha256');
  for (const file of (await readdir(source)).sort()) hash.update(await readFile(join(source, file)));
  const home = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kube-kg', 'lab');
  const target = join(home, `app-${processor}-${hash.digest('hex').slice(0, 16)}`);
  if (await exists(target)) return target;
  await mkdir(home, { recursive: true });
  const env = { CGO_ENABLED: '0', GOARCH: processor };
  await run(['go', 'build', '-ldflags', '-s -w', '-o', target, '.'], { cwd: source, env });
  return target;
}
