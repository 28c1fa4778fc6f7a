/**
 * The worst case for selectors: one namespace with thousands of pods under one Service and one policy that matches them all.
 * Comes on top of the census when asked for.
 */
import type { KubeObject } from '../../src/model/change.ts';
import { type App, appLabels } from './apps.ts';
import { censusTime, dayMs } from './names.ts';
import { defaultPolicy, endpointSlice, type ServiceFacts, service } from './network.ts';
import { kubectl, kubeObject } from './object.ts';
import type { Plan } from './plan.ts';
import { deploymentPod, type PodFacts, pod } from './pods.ts';
import { deployment, replicaSet } from './workloads.ts';

export const hotNamespace = 'hot';

export function hotApp(pods: number): App {
  return {
    key: 'hot',
    namespace: hotNamespace,
    name: 'storefront',
    partOf: 'hot',
    serviceAccount: 'default',
    configMaps: [],
    secrets: [],
    calls: [],
    replicas: pods,
    revisions: 1,
    ...appLabels('storefront', 'hot', 'web'),
  };
}

export function hotPod(plan: Plan, app: App, ordinal: number): PodFacts {
  return { ...deploymentPod(plan, app, 1, ordinal, plan.counts.Pod + ordinal), state: 'Running', restarts: 0 };
}

const endpointsPerSlice = 100;
const createdAt = censusTime - dayMs;

type Make = (plan: Plan, pods: number, index: number) => KubeObject;

const simple =
  (kind: string, name: string): Make =>
  ({ seed }) =>
    kubeObject(seed, { apiVersion: 'v1', kind, namespace: hotNamespace, name, createdAt, writers: [kubectl] }, {});

const one =
  (make: (seed: number, app: App, pods: number) => KubeObject): Make =>
  ({ seed }, pods) =>
    make(seed, hotApp(pods), pods);

const allReady = (pods: number) => ({ revision: 1, replicas: pods, ready: pods });

const hotService = (app: App): Omit<ServiceFacts, 'pods'> => ({ app, name: app.name, headless: false, port: 8080 });

/** One object of each kind, but for pods and slices. */
const makers: Readonly<Record<string, Make>> = {
  Namespace: ({ seed }) => {
    const labels = { 'kubernetes.io/metadata.name': hotNamespace };
    const identity = { apiVersion: 'v1', kind: 'Namespace', name: hotNamespace, createdAt, labels };
    return kubeObject(seed, identity, { status: { phase: 'Active' } });
  },
  ServiceAccount: simple('ServiceAccount', 'default'),
  Secret: simple('Secret', 'registry-pull'),
  ConfigMap: simple('ConfigMap', 'kube-root-ca.crt'),
  Deployment: one((seed, app, pods) => deployment(seed, app, allReady(pods))),
  ReplicaSet: one((seed, app, pods) => replicaSet(seed, app, allReady(pods))),
  Service: one((seed, app) => service(seed, hotService(app))),
  NetworkPolicy: one((seed) =>
    defaultPolicy(seed, hotNamespace, 'match-all', { ingress: [{ from: [{ podSelector: {} }] }] }),
  ),
  EndpointSlice: (plan, pods, part) => {
    const app = hotApp(pods);
    const first = part * endpointsPerSlice;
    const count = Math.min(endpointsPerSlice, pods - first);
    const members = Array.from({ length: count }, (_, ordinal) => hotPod(plan, app, first + ordinal));
    return endpointSlice(plan.seed, { ...hotService(app), pods: members }, part);
  },
  Pod: (plan, pods, ordinal) => pod(plan.seed, hotPod(plan, hotApp(pods), ordinal)),
};

/** How many objects of a kind the hot namespace adds. */
export function hotCount(kind: string, pods: number): number {
  if (pods === 0 || makers[kind] === undefined) return 0;
  if (kind === 'Pod') return pods;
  return kind === 'EndpointSlice' ? Math.ceil(pods / endpointsPerSlice) : 1;
}

export function hotObject(plan: Plan, kind: string, pods: number, index: number): KubeObject {
  const make = makers[kind];
  if (make === undefined) throw new RangeError(`the hot namespace has no ${kind}`);
  return make(plan, pods, index);
}
