import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../../model/resource.ts';
import { edgeRow, lackRow, nodeRow } from './rows.ts';

const pod: Resource = {
  id: 'c/u1',
  cluster: 'c',
  group: '',
  kind: 'Pod',
  namespace: 'shop',
  name: 'web',
  uid: 'u1',
  pseudo: false,
  labels: { app: 'web', 'app.kubernetes.io/name': 'w' },
  createdAt: '2026-11-20T10:00:00Z',
  summary: { ready: '1/1', restarts: 2, name: 'shadowed', startedAt: '2026-11-20T10:00:05.5Z', ratio: Number.NaN },
  health: { status: 'critical', reason: 'CrashLoopBackOff' },
};

test('Y8 a node has its kind and Resource as labels, and its columns, labels and instants as properties', () => {
  assert.deepEqual(nodeRow(pod), {
    labels: ['Pod', 'Resource'],
    properties: {
      id: 'c/u1',
      uid: 'u1',
      cluster: 'c',
      group: '',
      kind: 'Pod',
      namespace: 'shop',
      name: 'web',
      createdAt: { $zoned_datetime: '2026-11-20T10:00:00Z' },
      health: 'critical',
      healthReason: 'CrashLoopBackOff',
      ready: '1/1',
      restarts: 2,
      'summary.name': 'shadowed',
      startedAt: { $zoned_datetime: '2026-11-20T10:00:05.5Z' },
      'label.app': 'web',
      'label.app.kubernetes.io/name': 'w',
    },
  });
});

test('Y8 what is no object is labelled Pseudo, and a kind called Resource carries the label once', () => {
  assert.deepEqual(nodeRow({ ...pod, kind: 'Image', pseudo: true }).labels, ['Image', 'Resource', 'Pseudo']);
  assert.deepEqual(nodeRow({ ...pod, kind: 'Resource' }).labels, ['Resource']);
  const occurrence = nodeRow({ ...pod, kind: 'Occurrence', pseudo: true });
  assert.deepEqual(
    occurrence.labels,
    ['Occurrence', 'Resource', 'Pseudo', 'Event'],
    'whatever happens is an Event elsewhere',
  );
});

test('Y8 an Event’s timestamp is when it was last seen; other kinds have none', () => {
  const event = { ...pod, kind: 'Event', summary: { lastSeen: '2026-11-20T11:00:00+01:00', type: 'pod_restart' } };
  assert.deepEqual(nodeRow(event).properties['timestamp'], { $zoned_datetime: '2026-11-20T10:00:00Z' });
  assert.equal(nodeRow(event).properties['type'], 'pod_restart');
  const occurrence = { ...pod, kind: 'Occurrence', pseudo: true, summary: {} };
  assert.deepEqual(nodeRow(occurrence).properties['timestamp'], { $zoned_datetime: '2026-11-20T10:00:00Z' });
  assert.equal(nodeRow(pod).properties['timestamp'], undefined);
  assert.equal(nodeRow({ ...event, group: 'example.com' }).properties['timestamp'], undefined);
});

test('Y8 what looks like an instant and is none stays text', () => {
  const row = nodeRow({ ...pod, summary: { at: '2026-13-45T99:00:00Z', on: '2026-11-20' } });
  assert.equal(row.properties['at'], '2026-13-45T99:00:00Z');
  assert.equal(row.properties['on'], '2026-11-20');
});

const detail = { rule: 'Pod/x', field: 'spec.x', class: 'exact', confidence: 1 } as const;

test('Y8 an edge carries its evidence, and its attributes under their own names unless those are taken', () => {
  const evidence = {
    ...detail,
    via: 'template',
    more: 2,
    attributes: { port: 80, value: 'v' },
    since: '2026-11-20T10:00:00Z',
  } as const;
  assert.deepEqual(edgeRow({ type: 'MOUNTS', from: 'a', to: 'b', detail: evidence }), {
    type: 'MOUNTS',
    from: 'a',
    to: 'b',
    properties: {
      ...detail,
      via: 'template',
      more: 2,
      since: { $zoned_datetime: '2026-11-20T10:00:00Z' },
      port: 80,
      'attributes.value': 'v',
    },
  });
});

test('Y9 a broken reference says which edge it would be and why it is none; the same target is the same node', () => {
  const target = { group: '', kind: 'Secret', namespace: 'shop', name: 'db' };
  const dangling = {
    type: 'MOUNTS',
    from: 'c/u1',
    target,
    detail: { ...detail, reason: 'missing', optional: false },
  } as const;
  const row = lackRow(dangling, 'c');
  assert.deepEqual(row.missing, {
    labels: ['Missing'],
    properties: { id: 'c/~Missing//Secret/shop/db', cluster: 'c', ...target },
  });
  assert.equal(row.properties['edge'], 'MOUNTS');
  assert.equal(row.properties['reason'], 'missing');
  assert.equal(lackRow({ ...dangling, from: 'c/u2' }, 'c').missing.properties.id, row.missing.properties.id);
  assert.notEqual(lackRow({ ...dangling, detail: { ...dangling.detail, reason: 'refused' } }, 'c').key, row.key);
});
