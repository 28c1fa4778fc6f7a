/** Estates for tests of analysis, written as what was seen: objects by their second, through the real graph and the real kinds. */
import { Chronicle } from '../../src/analysis/chronicle.ts';
import type { Estate } from '../../src/analysis/estate.ts';
import { Graph } from '../../src/graph/graph.ts';
import { describer } from '../../src/kinds/index.ts';
import type { Change, KubeObject, Occurrence } from '../../src/model/change.ts';
import { explanationOf } from '../../src/operations/explain.ts';

const START = Date.parse('2026-11-21T10:00:00Z');
const cluster = 'test';

/** The time so many seconds after the beginning, as Kubernetes writes it. */
export function at(second: number): string {
  return new Date(START + second * 1_000).toISOString().replace('.000Z', 'Z');
}

export type Seen = { readonly apply: object } | { readonly gone: object } | { readonly occur: Occurrence };

/** What was seen, by the second; `watched`: the kinds count as listed at the beginning, so that what comes later is news. */
export function estateOf(seen: Readonly<Record<number, readonly Seen[]>>): Estate {
  const graph = new Graph({ describer });
  const chronicle = new Chronicle();
  const take = (changes: readonly Change[]): void => chronicle.take(graph.apply(changes), graph.view);
  for (const [second, list] of Object.entries(seen).sort(([a], [b]) => Number(a) - Number(b)))
    for (const one of list) take([changeOf(one, at(Number(second)))]);
  return chronicle.estate(graph.view);
}

function changeOf(seen: Seen, time: string): Change {
  if ('occur' in seen) return { type: 'occur', at: time, cluster, occurrence: seen.occur };
  if ('gone' in seen) return { type: 'delete', at: time, cluster, object: seen.gone as KubeObject };
  return { type: 'apply', at: time, cluster, object: seen.apply as KubeObject };
}

/** What is explained, in short: `Kind/namespace/name Reason` of the causes, best first, by incident. */
export function causesOf(estate: Estate): readonly (readonly string[])[] {
  return explanationOf(estate).incidents.map(({ causes }) =>
    causes.map(
      ({ resource: { kind, namespace, name }, reason }) =>
        `${[kind, namespace, name].filter(Boolean).join('/')} ${reason}`,
    ),
  );
}

interface Meta {
  readonly uid?: string;
  readonly labels?: object;
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid?: string };
  readonly created?: number;
  readonly annotations?: object;
}

/** An object of any kind. Its uid follows from its names unless one is given; `name` may be `namespace/name`. */
export function object(apiVersion: string, kind: string, name: string, body: object = {}, meta: Meta = {}): KubeObject {
  const [namespace, own] = name.includes('/') ? (name.split('/') as [string, string]) : [undefined, name];
  const { uid = `uid-${kind}-${name}`, labels, owner, created = 0, annotations } = meta;
  return {
    apiVersion,
    kind,
    metadata: {
      name: own,
      ...(namespace !== undefined && { namespace }),
      uid,
      creationTimestamp: at(created),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(owner && {
        ownerReferences: [{ controller: true, uid: `uid-${owner.kind}-${namespace}/${owner.name}`, ...owner }],
      }),
    },
    ...body,
  } as unknown as KubeObject;
}

/** A warning, or news, about an object. */
export function event(
  about: KubeObject,
  reason: string,
  message: string,
  {
    first = 0,
    last = first,
    count = 1,
    type = 'Warning',
    fieldPath,
  }: {
    readonly first?: number;
    readonly last?: number;
    readonly count?: number;
    readonly type?: string;
    readonly fieldPath?: string;
  } = {},
): KubeObject {
  const { name, namespace = 'default', uid } = about.metadata;
  return object(
    'v1',
    'Event',
    `${namespace}/${name}.${reason}.${first}`,
    {
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        uid,
        ...(about.metadata.namespace && { namespace }),
        ...(fieldPath && { fieldPath }),
      },
      type,
      reason,
      message,
      count,
      firstTimestamp: at(first),
      lastTimestamp: at(last),
    },
    { created: first },
  );
}

/** A Deployment, its ReplicaSet and one pod, of one container `app`. */
export function deployment(
  name: string,
  {
    spec = {},
    container = {},
    status = {},
    podStatus = {},
    replicas = 1,
    created = 0,
    revision = 1,
    labels = { app: name.split('/')[1] },
  }: {
    readonly spec?: object;
    readonly container?: object;
    readonly status?: object;
    readonly podStatus?: object;
    readonly replicas?: number;
    readonly created?: number;
    readonly revision?: number;
    readonly labels?: object;
  } = {},
): {
  readonly workload: KubeObject;
  readonly set: KubeObject;
  readonly pod: KubeObject;
  readonly all: readonly Seen[];
} {
  const podSpec = {
    containers: [{ name: 'app', image: 'registry.local/app:1', ...container }],
    nodeName: 'n1',
    ...spec,
  };
  const template = { metadata: { labels }, spec: podSpec };
  const selector = { matchLabels: labels };
  const revisions = { annotations: { 'deployment.kubernetes.io/revision': String(revision) } };
  const workload = object(
    'apps/v1',
    'Deployment',
    name,
    { spec: { replicas, selector, template }, status: { replicas, ...status } },
    { created },
  );
  const setName = `${name}-rs${revision}`;
  const set = object(
    'apps/v1',
    'ReplicaSet',
    setName,
    { spec: { replicas, selector, template }, status: { replicas } },
    {
      created,
      labels,
      ...revisions,
      owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload.metadata.name },
    },
  );
  const pod = object(
    'v1',
    'Pod',
    `${setName}-x`,
    { spec: podSpec, status: podStatus },
    {
      created,
      labels,
      owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set.metadata.name },
    },
  );
  return { workload, set, pod, all: [workload, set, pod].map((apply) => ({ apply })) };
}

const READY = { type: 'Ready', status: 'True' };

/** States of a pod with one container `app`. */
export const podStatus = {
  running: (since = 0): object => ({
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { ...READY, lastTransitionTime: at(since) },
    ],
    containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: { startedAt: at(since) } } }],
  }),
  waiting: (reason: string, message = '', last?: object, restartCount = 0): object => ({
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False', lastTransitionTime: at(0) },
    ],
    containerStatuses: [
      {
        name: 'app',
        ready: false,
        restartCount,
        state: { waiting: { reason, message } },
        ...(last && { lastState: { terminated: last } }),
      },
    ],
  }),
  unready: (since: number): object => ({
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False', lastTransitionTime: at(since) },
    ],
    containerStatuses: [{ name: 'app', ready: false, restartCount: 0, state: { running: { startedAt: at(0) } } }],
  }),
  unscheduled: (message: string, since = 0): object => ({
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: at(since) },
    ],
  }),
} as const;
