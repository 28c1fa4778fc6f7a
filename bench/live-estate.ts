/**
 * A real cluster as the published comparison had it: an API server with kwok's nodes, 5,000 pods in 50 Deployments with a Service and an
 * Ingress each, about a thousand ConfigMaps and Secrets, and the Events that come of it.
 */
import { type Cluster, startCluster } from '../test/stack/components/kubernetes.ts';
import { rollout } from '../test/stack/workloads.ts';

export interface EstateOptions {
  readonly name: string;
  readonly pods?: number;
  readonly deployments?: number;
  readonly configMaps?: number;
  readonly secrets?: number;
  readonly nodes?: number;
}

const namespace = 'rollout';

/** Starts it and returns when all pods are ready. Stop it with `await using` or `stop()`. */
export async function startEstate(options: EstateOptions): Promise<Cluster> {
  const { name, pods = 5_000, deployments = 50, configMaps = 965, secrets = 1_000, nodes = 20 } = options;
  const cluster = await startCluster({ name, kwokNodes: nodes });
  try {
    await rollout(cluster, { namespace, pods, deployments });
    const many = (count: number, make: (index: number) => object): object[] =>
      Array.from({ length: count }, (_, index) => make(index));
    await cluster.apply(...many(deployments, ingress), ...many(configMaps, configMap), ...many(secrets, secret));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

function ingress(index: number): object {
  const service = { name: `app-${index}`, port: { number: 80 } };
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service } }];
  const spec = { rules: [{ host: `app-${index}.example.com`, http: { paths } }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: `app-${index}`, namespace }, spec };
}

function configMap(index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `settings-${index}`, namespace },
    data: { index: String(index) },
  };
}

function secret(index: number): object {
  const stringData = { password: `not-a-secret-${index}` };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `secret-${index}`, namespace },
    type: 'Opaque',
    stringData,
  };
}
