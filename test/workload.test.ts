/** The synthetic estate is what the benchmarks say it is: exact in number, consistent in every reference, the same each time. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Action, churn, type Happening } from '../bench/workload/churn.ts';
import { radarCensus } from '../bench/workload/plan.ts';
import { type Census, type CensusOptions, census, objectsOfPage } from '../bench/workload.ts';
import type { KubeObject, ObjectRef } from '../src/model/change.ts';
import { matches, selectorFrom, selectorFromMap } from '../src/model/selector.ts';
import { seededRandom } from './support/random.ts';

const small: CensusOptions = { scale: 0.02, seed: 7 };

/** Reads a path through objects and lists (`*`), collecting every text found at its end. */
function texts(value: unknown, path: string): string[] {
  const [head, ...rest] = path.split('.');
  if (head === undefined || value === null || value === undefined) return [];
  const next = head === '*' ? (Array.isArray(value) ? value : []) : [(value as Record<string, unknown>)[head]];
  return rest.length === 0
    ? next.filter((entry): entry is string => typeof entry === 'string')
    : next.flatMap((entry) => texts(entry, rest.join('.')));
}

const keyOf = ({ kind, metadata }: ObjectRef): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** Names of what a pod spec needs, as `Kind/namespace/name`; optional references left out. */
function needs(namespace: string, spec: unknown): string[] {
  const named = (kind: string, path: string): string[] =>
    texts(spec, path).map((name) => `${kind}/${namespace}/${name}`);
  return [
    ...named('Secret', 'containers.*.env.*.valueFrom.secretKeyRef.name'),
    ...named('Secret', 'volumes.*.secret.secretName'),
    ...named('Secret', 'imagePullSecrets.*.name'),
    ...named('ConfigMap', 'containers.*.env.*.valueFrom.configMapKeyRef.name'),
    ...named('ConfigMap', 'containers.*.envFrom.*.configMapRef.name'),
    ...named('ConfigMap', 'volumes.*.configMap.name'),
    ...named('ConfigMap', 'volumes.*.projected.sources.*.configMap.name'),
    ...named('PersistentVolumeClaim', 'volumes.*.persistentVolumeClaim.claimName'),
    ...named('ServiceAccount', 'serviceAccountName'),
    ...texts(spec, 'nodeName').map((name) => `Node//${name}`),
    ...texts(spec, 'containers.*.env.*.value').flatMap((value) => {
      const [, service, of] = /^http:\/\/([^.]+)\.([^.]+)\.svc\./.exec(value) ?? [];
      return service === undefined ? [] : [`Service/${of}/${service}`];
    }),
  ];
}

/** Everything an object names, by kind. */
function references(object: KubeObject): string[] {
  const { kind, metadata } = object;
  const namespace = metadata.namespace ?? '';
  const named = (target: string, path: string): string[] =>
    texts(object, path).map((name) => `${target}/${namespace}/${name}`);
  const global = (target: string, path: string): string[] => texts(object, path).map((name) => `${target}//${name}`);
  const byKind: Readonly<Record<string, () => string[]>> = {
    Pod: () => needs(namespace, object['spec']),
    Ingress: () => [
      ...named('Service', 'spec.rules.*.http.paths.*.backend.service.name'),
      ...named('Secret', 'spec.tls.*.secretName'),
      ...global('IngressClass', 'spec.ingressClassName'),
    ],
    EndpointSlice: () => named('Pod', 'endpoints.*.targetRef.name'),
    HorizontalPodAutoscaler: () => named('Deployment', 'spec.scaleTargetRef.name'),
    StatefulSet: () => [
      ...named('Service', 'spec.serviceName'),
      ...needs(namespace, (object as never)['spec']['template']['spec']),
    ],
    PersistentVolumeClaim: () => [
      ...global('PersistentVolume', 'spec.volumeName'),
      ...global('StorageClass', 'spec.storageClassName'),
    ],
    ServiceAccount: () => named('Secret', 'imagePullSecrets.*.name'),
  };
  const template = kind === 'Deployment' || kind === 'ReplicaSet' || kind === 'DaemonSet' || kind === 'Job';
  const inTemplate = template ? needs(namespace, (object as never)['spec']['template']['spec']) : [];
  return [...(byKind[kind]?.() ?? []), ...inTemplate, ...(namespace === '' ? [] : [`Namespace//${namespace}`])];
}

function digestOf(made: Census): string {
  const hash = createHash('sha256');
  for (const { kind } of made.kinds) for (const page of made.asJsonPages(kind)) hash.update(page);
  return hash.digest('hex');
}

test('WL1 the same options make the same bytes, another seed makes others', () => {
  assert.equal(digestOf(census({ ...small, scale: 0.003 })), digestOf(census({ ...small, scale: 0.003 })));
  assert.notEqual(digestOf(census({ ...small, scale: 0.003 })), digestOf(census({ ...small, scale: 0.003, seed: 8 })));
});

test('WL2 at scale 1 every kind has exactly the number of the published census, and one EndpointSlice per Service', () => {
  const counts = new Map(census().kinds.map(({ kind, count }) => [kind, count]));
  for (const [kind, count] of Object.entries(radarCensus)) assert.equal(counts.get(kind), count, kind);
  assert.equal(counts.get('EndpointSlice'), radarCensus.Service);
});

test('WL2 as many objects are made as are announced, and about as many as were asked for', () => {
  for (const options of [small, { objects: 5_000 }, { scale: 0.01, hotPods: 250 }]) {
    const made = census(options);
    for (const { kind, count } of made.kinds) assert.equal([...made.objects(kind)].length, count, kind);
    if ('objects' in options) assert.ok(Math.abs(made.size / 5_000 - 1) < 0.01, String(made.size));
  }
});

test('WL3 uids and names are unique, owners exist with their uid, and all references but the stated share resolve', () => {
  const made = census({ ...small, danglingShare: 0.05 });
  const uids = new Map<string, string>();
  for (const object of made.objects()) {
    assert.ok(!uids.has(keyOf(object)), `two of ${keyOf(object)}`);
    uids.set(keyOf(object), object.metadata.uid ?? '');
  }
  assert.equal(new Set(uids.values()).size, uids.size);
  const missing = new Set<string>();
  let checked = 0;
  for (const object of made.objects()) {
    for (const { kind, name, uid } of object.metadata.ownerReferences ?? []) {
      const namespace = kind === 'Node' ? '' : (object.metadata.namespace ?? '');
      assert.equal(uids.get(`${kind}/${namespace}/${name}`), uid, `owner of ${keyOf(object)}`);
    }
    for (const key of references(object)) {
      checked++;
      if (!uids.has(key)) missing.add(key);
    }
  }
  assert.ok(checked > 20_000, `only ${checked} references`);
  assert.ok(
    [...missing].every((key) => /^Secret\/.*-credentials$/.test(key)),
    [...missing].join(' '),
  );
  const share = missing.size / made.plan.counts.Deployment;
  assert.ok(share > 0.02 && share < 0.08, `${missing.size} absent Secrets`);
});

test('WL3 endpoints carry the uid of their pod, and a Service selects exactly the pods in its slice or not yet started', () => {
  const made = census(small);
  const pods = [...made.objects('Pod')];
  const uids = new Map(pods.map((pod) => [keyOf(pod), pod.metadata.uid]));
  const slices = new Map(
    [...made.objects('EndpointSlice')].map((slice) => [slice.metadata.ownerReferences?.[0]?.uid, slice]),
  );
  let endpoints = 0;
  for (const service of made.objects('Service')) {
    const slice = slices.get(service.metadata.uid ?? '') as unknown as {
      endpoints: { targetRef: ObjectRef['metadata'] }[];
    };
    for (const { targetRef } of slice.endpoints) {
      assert.equal(uids.get(`Pod/${targetRef.namespace}/${targetRef.name}`), targetRef.uid);
    }
    const selector = selectorFromMap((service as never)['spec']['selector']) ?? [];
    const selected = pods.filter(
      ({ metadata }) => metadata.namespace === service.metadata.namespace && matches(selector, metadata.labels ?? {}),
    );
    const listed = new Set(slice.endpoints.map(({ targetRef }) => targetRef.name));
    for (const pod of selected)
      if (!listed.has(pod.metadata.name)) assert.equal((pod as never)['status']['phase'], 'Pending');
    assert.ok(selected.length >= listed.size);
    endpoints += listed.size;
  }
  assert.ok(endpoints > 300);
});

test('WL4 pages hold at most 500 items without apiVersion and kind, and parse back to the objects', () => {
  const made = census(small);
  const pages = [...made.asJsonPages('ReplicaSet')].map((page) => JSON.parse(page));
  assert.deepEqual(
    pages.map(({ items }) => items.length),
    [500, 361],
  );
  assert.deepEqual(
    pages.map(({ metadata }) => 'continue' in metadata),
    [true, false],
  );
  assert.ok(pages.every(({ items }) => !('kind' in items[0]) && !('apiVersion' in items[0])));
  const parsed = [...made.asJsonPages('ReplicaSet')].flatMap(objectsOfPage);
  assert.deepEqual(
    parsed,
    [...made.objects('ReplicaSet')].map((object) => JSON.parse(JSON.stringify(object))),
  );
});

test('WL5 objects are as large as real ones: a pod 7–10 kB, about half of it managedFields', () => {
  const made = census(small);
  const sizes = [...made.objects('Pod')].map((pod) => ({
    all: JSON.stringify(pod).length,
    managed: JSON.stringify(pod.metadata.managedFields).length,
  }));
  const average = (of: 'all' | 'managed'): number => sizes.reduce((sum, size) => sum + size[of], 0) / sizes.length;
  assert.ok(average('all') > 7_000 && average('all') < 10_000, String(average('all')));
  assert.ok(average('managed') / average('all') > 0.3 && average('managed') / average('all') < 0.5);
});

test('WL6 the hot namespace has one Service that selects all its pods and a policy that matches them all', () => {
  const made = census({ scale: 0.005, hotPods: 250 });
  const inHot = (kind: string): KubeObject[] =>
    [...made.objects(kind)].filter(({ metadata }) => metadata.namespace === 'hot');
  const pods = inHot('Pod');
  assert.equal(pods.length, 250);
  for (const [kind, path] of [
    ['Service', 'selector'],
    ['NetworkPolicy', 'podSelector'],
  ] as const) {
    const [object] = inHot(kind);
    const raw: unknown = (object as never)['spec'][path];
    const selector = kind === 'Service' ? selectorFromMap(raw) : selectorFrom(raw);
    assert.ok(
      pods.every(({ metadata }) => matches(selector ?? [], metadata.labels ?? {})),
      kind,
    );
  }
  assert.equal(inHot('EndpointSlice').length, 3);
});

function happenings(seed: number, count: number, options: CensusOptions = small): Happening[] {
  return [...churn(census(options), seededRandom(seed)).take(count)];
}

test('WL7 churn is the same for the same seed and different for another', () => {
  assert.deepEqual(happenings(1, 100), happenings(1, 100));
  assert.notDeepEqual(happenings(1, 100), happenings(2, 100));
});

test('WL8 churn is consistent: nothing deleted is touched again, names come back with new uids, owners exist, versions and times rise', () => {
  const made = census({ ...small, scale: 0.004 });
  const present = new Map<string, string>();
  for (const object of made.objects()) present.set(keyOf(object), object.metadata.uid ?? '');
  const seen = new Set<Action>();
  const retired = new Set<string>();
  let version = 0;
  let at = '';
  let recreated = 0;
  for (const { action, changes } of churn(made, seededRandom(3)).take(1_500)) {
    seen.add(action);
    for (const change of changes) {
      assert.ok(change.at > at, `${change.at} after ${at}`);
      at = change.at;
      if (change.type === 'delete') {
        const key = keyOf(change.object);
        assert.equal(present.get(key), change.object.metadata.uid, `${action}: deletes ${key}`);
        present.delete(key);
        retired.add(change.object.metadata.uid ?? '');
        continue;
      }
      assert.ok(change.type === 'apply');
      const { metadata } = change.object;
      const key = keyOf(change.object);
      assert.ok(Number(metadata.resourceVersion) > version);
      version = Number(metadata.resourceVersion);
      assert.equal(
        present.get(key) ?? metadata.uid,
        metadata.uid,
        `${action}: ${key} changed its uid without a delete`,
      );
      assert.ok(!retired.has(metadata.uid ?? ''), `${action}: ${key} came back with its old uid`);
      if (!present.has(key) && change.object.kind === 'Secret') recreated++;
      present.set(key, metadata.uid ?? '');
      for (const owner of metadata.ownerReferences ?? []) {
        const namespace = owner.kind === 'Node' ? '' : metadata.namespace;
        assert.equal(present.get(`${owner.kind}/${namespace}/${owner.name}`), owner.uid, `${action}: owner of ${key}`);
      }
    }
  }
  assert.equal(seen.size, 14);
  assert.ok(recreated > 0);
});

test('WL8 what was released, lost or uninstalled shows in the changes', () => {
  const all = happenings(5, 1_000, { ...small, scale: 0.004 });
  const of = (action: Action): KubeObject[] =>
    all
      .filter((one) => one.action === action)
      .flatMap(({ changes }) => changes.flatMap((change) => (change.type === 'apply' ? [change.object] : [])));
  assert.ok(of('pod isolated').some(({ kind, metadata }) => kind === 'Pod' && metadata.ownerReferences === undefined));
  assert.ok(of('rolled out').some(({ kind }) => kind === 'ReplicaSet'));
  const deletes = (action: Action): number =>
    all.filter((one) => one.action === action).flatMap(({ changes }) => changes.filter(({ type }) => type === 'delete'))
      .length;
  assert.ok(deletes('cron run') > 0 && deletes('secret lost or found') > 0 && deletes('uninstalled or installed') > 0);
});
