/** Workloads for tests: pods that land on kwok's nodes, and many of them. */
import { get } from './client.ts';
import type { Cluster } from './components/kubernetes.ts';
import { waitFor } from './runner.ts';

/** The part of a pod's spec that puts it on kwok's nodes, with or without a real node beside them. */
export const onKwok = {
  nodeSelector: { type: 'kwok' },
  tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists', effect: 'NoSchedule' }],
};

/** A pod that runs busybox for ever. */
export function pod(name: string, spec: object = {}, namespace = 'default'): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: { ...podSpec, ...spec },
  };
}

export const podSpec = {
  terminationGracePeriodSeconds: 0,
  containers: [
    { name: 'main', image: 'registry.local/app:1', imagePullPolicy: 'IfNotPresent', command: ['sleep', '1000000'] },
  ],
};

export interface Rollout {
  readonly namespace: string;
  /** How many pods there are together. */
  scale(pods: number): Promise<void>;
}

/**
 * Creates a namespace with `deployments` Deployments on kwok's nodes, each with a Service that selects its pods and a ConfigMap that they mount,
 * and waits until all `pods` are ready. `scale` changes the number and waits until the rest is gone.
 */
export async function rollout(
  cluster: Cluster,
  {
    namespace = 'rollout',
    pods,
    deployments = Math.ceil(pods / 500),
  }: { namespace?: string; pods: number; deployments?: number },
): Promise<Rollout> {
  const apply = (total: number): Promise<void> =>
    cluster.apply(
      ...Array.from({ length: deployments }, (_, index) =>
        deployment(namespace, index, share(total, deployments, index)),
      ),
    );
  const scale = async (total: number): Promise<void> => {
    await apply(total);
    await waitFor(
      `${total} pods in ${namespace}`,
      async () => (await readyPods(cluster, namespace)) === total,
      60_000 + total * 120,
      500,
    );
  };
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (let index = 0; index < deployments; index += 1)
    await cluster.apply(service(namespace, index), config(namespace, index));
  await scale(pods);
  return { namespace, scale };
}

/** Parts of a total that differ by one at most and add up to it. */
function share(total: number, parts: number, index: number): number {
  return Math.floor((total * (index + 1)) / parts) - Math.floor((total * index) / parts);
}

/** Ready pods of a namespace; undefined while some are still coming or going. */
async function readyPods(cluster: Cluster, namespace: string): Promise<number | undefined> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { items } = await get<{ items: DeploymentObject[] }>(cluster.login(), path);
  const settled = items.every(
    ({ metadata, spec, status }) =>
      status.observedGeneration === metadata.generation &&
      (status.replicas ?? 0) === spec.replicas &&
      (status.readyReplicas ?? 0) === spec.replicas,
  );
  return settled ? items.reduce((sum, { spec }) => sum + spec.replicas, 0) : undefined;
}

interface DeploymentObject {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
  };
}

function deployment(namespace: string, index: number, replicas: number): object {
  const name = `app-${index}`;
  const labels = { app: name };
  const volume = { name: 'config', configMap: { name } };
  const spec = { ...podSpec, ...onKwok, volumes: [volume] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function service(namespace: string, index: number): object {
  const name = `app-${index}`;
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

function config(namespace: string, index: number): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `app-${index}`, namespace }, data: { mode: 'test' } };
}
