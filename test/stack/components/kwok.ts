/** kwok: plays the kubelets of nodes that do not exist, so that thousands of pods run on two cores. Volumes of its storage class are bound too. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { built } from '../build.ts';
import { listening, type Program } from '../runner.ts';
import { kubeconfigOf, type Site } from './site.ts';

/** The storage class that kwok serves; the cluster's default. A pod of a real node gets a folder of that node. */
export const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'kwok-volume',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'kwok.x-k8s.io/volume',
};

export async function kwok(site: Site): Promise<Program> {
  const { directory, machine, ports } = site;
  const home = await built('kwok');
  const config = join(directory, 'kwok.yaml');
  await writeFile(config, await configFile(join(home, 'files'), join(directory, 'volumes')));
  return {
    name: 'kwok',
    argv: [
      join(home, 'kwok'),
      `--kubeconfig=${kubeconfigOf(site)}`,
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      `--server-address=${machine.address}:${ports.kwok}`,
      '--node-lease-duration-seconds=40',
      `--config=${config}`,
    ],
    ready: () => listening(machine.address, ports.kwok),
  };
}

/** More pods at once than kwok's four: it waits for the API server most of the time. With a configuration it has no other defaults. */
const configuration = `apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options:
  cidr: 10.0.0.1/24
  podPlayStageParallelism: 32
  podsOnNodeSyncParallelism: 4
  nodePlayStageParallelism: 4
  nodeLeaseParallelism: 4
`;

/** kwok's configuration and its own stages (what happens to a node, pod or volume, and when) as one file, with volumes kept in the cluster's folder. */
async function configFile(from: string, volumes: string): Promise<string> {
  const parts = [configuration];
  for (const folder of ['node/heartbeat-with-lease', 'node/fast', 'pod/fast', 'volume/fast']) {
    for (const name of (await readdir(join(from, folder))).sort()) {
      const text = await readFile(join(from, folder, name), 'utf8');
      if (/^kind: Stage$/m.test(text)) parts.push(text.replaceAll('/tmp/kwok-local-path-provisioner', volumes));
    }
  }
  return parts.join('\n---\n');
}

/** A node that kwok plays. `taint`: only pods that tolerate `kwok.x-k8s.io/node` are put there. */
export function kwokNode(name: string, taint: boolean): object {
  const room = { cpu: '64', memory: '512Gi', pods: '2000' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        type: 'kwok',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
      },
    },
    spec: taint ? { taints: [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }] } : {},
    status: { allocatable: room, capacity: room },
  };
}
