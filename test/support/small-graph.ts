/** Small views written as sentences, for tests: `smallGraph(['Pod/shop/web-1 RUNS_ON Node/n1'])`. Ids are what the sentences say. */

import type { Edge, Evidence } from '../../src/model/edge.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { View } from '../../src/model/view.ts';
import { type ViewContent, viewFromArrays } from './view-from-arrays.ts';

export interface Extras extends Partial<Omit<ViewContent, 'resources' | 'edges'>> {
  /** What differs from a healthy, bare resource, by id. */
  readonly resources?: Readonly<Record<string, Partial<Resource>>>;
  /** What differs from an exact statement, by sentence. */
  readonly evidence?: Readonly<Record<string, Partial<Evidence>>>;
}

const groups: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Deployment: 'apps',
    Job: 'batch',
    CronJob: 'batch',
    EndpointSlice: 'discovery.k8s.io',
    PriorityClass: 'scheduling.k8s.io',
    ReplicaSet: 'apps',
    StatefulSet: 'apps',
    DaemonSet: 'apps',
    Ingress: 'networking.k8s.io',
    NetworkPolicy: 'networking.k8s.io',
    PodDisruptionBudget: 'policy',
    HorizontalPodAutoscaler: 'autoscaling',
    RoleBinding: 'rbac.authorization.k8s.io',
    Role: 'rbac.authorization.k8s.io',
    StorageClass: 'storage.k8s.io',
    CustomResourceDefinition: 'apiextensions.k8s.io',
  }),
);

const pseudoKinds = new Set(['Image', 'Host', 'Zone', 'Actor', 'Occurrence', 'Incident']);

/** A view of the sentences `from TYPE to`, and of lone resources. Resources are written `Kind/name` or `Kind/namespace/name`. */
export function smallGraph(sentences: readonly string[], extras: Extras = {}): View {
  const { resources: overrides = {}, evidence = {}, ...content } = extras;
  const ids = new Set<string>(Object.keys(overrides));
  const edges: Edge[] = [];
  for (const sentence of sentences) {
    const [from = '', type, to] = sentence.split(' ');
    ids.add(from);
    if (type === undefined || to === undefined) continue;
    ids.add(to);
    edges.push(edgeOf(sentence, type, from, to, evidence[sentence]));
  }
  return viewFromArrays({ ...content, resources: [...ids].map((id) => resourceOf(id, overrides[id])), edges });
}

function edgeOf(sentence: string, type: string, from: string, to: string, detail: Partial<Evidence> = {}): Edge {
  return { type, from, to, detail: { rule: sentence, field: 'spec', class: 'exact', confidence: 1, ...detail } };
}

function resourceOf(id: string, override: Partial<Resource> = {}): Resource {
  const [kind = '', ...rest] = id.split('/');
  const name = rest.at(-1) ?? '';
  const pseudo = pseudoKinds.has(kind);
  return {
    id,
    cluster: 'c',
    group: groups.get(kind) ?? '',
    kind,
    namespace: rest.length > 1 ? (rest[0] ?? '') : '',
    name,
    uid: pseudo ? '' : `uid-${name}`,
    pseudo,
    labels: {},
    summary: {},
    health: { status: 'healthy' },
    ...override,
  };
}
