import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { kinds } from '../../kinds/index.ts';
import type { Edge } from '../../model/edge.ts';
import type { Resource } from '../../model/resource.ts';
import { edgeRow, nodeRow } from '../cypher/rows.ts';
import { Batches } from './batches.ts';
import type { Connection, Statement } from './connection.ts';
import { Fingerprints, hash } from './fingerprint.ts';
import { quoted } from './names.ts';
import { schemaOf } from './schema.ts';
import { valuesFrom } from './values.ts';

const view = smallGraph(['Pod/shop/web RUNS_ON Node/n1'], {
  resources: {
    'Pod/shop/web': {
      labels: { app: 'web' },
      summary: { ready: '1/1', restarts: 3, started: '2026-01-01T00:00:00.5Z' },
      createdAt: '2026-01-01T00:00:00Z',
      health: { status: 'warning', reason: 'Slow', message: 'is slow' },
    },
  },
  evidence: {
    'Pod/shop/web RUNS_ON Node/n1': { value: 'n1', since: '2026-01-01T00:00:00Z', attributes: { port: 80 } },
  },
});
const pod = view.get('Pod/shop/web')!;
const [edge] = [...view.edges()] as [Edge];

test('NJ13 every fact of a node changes its fingerprint, and nothing else does', () => {
  const of = (changed: Partial<Resource>): number => new Fingerprints().node({ ...pod, ...changed });
  const changes: Partial<Resource>[] = [
    {},
    { name: 'other' },
    { labels: { app: 'other' } },
    { labels: { app: 'web', tier: 'x' } },
    { labels: {} },
    { summary: { ...pod.summary, restarts: 4 } },
    { summary: { ...pod.summary, restarts: '3' } },
    { summary: { ready: '1/1' } },
    { createdAt: '2026-01-01T00:00:01Z' },
    { health: { status: 'critical', reason: 'Slow', message: 'is slow' } },
    { health: { status: 'warning', message: 'is slow' } },
    { health: { status: 'warning', reason: 'Slow' } },
  ];
  assert.equal(new Set(changes.map(of)).size, changes.length);
  assert.equal(of({}), of(structuredClone(pod)));
  const many = new Fingerprints();
  many.node({ ...pod, name: 'another' });
  assert.equal(many.node(pod), of({}), 'whatever was seen before');
});

test('NJ13 every fact of an edge changes its fingerprint, but the time since when it is known does not', () => {
  const of = (detail: Partial<Edge['detail']>): number =>
    new Fingerprints().edge({ ...edge, detail: { ...edge.detail, ...detail } });
  const changes: Partial<Edge['detail']>[] = [
    {},
    { rule: 'x' },
    { field: 'x' },
    { class: 'approximate' as Edge['detail']['class'] },
    { confidence: 0.5 },
    { value: 'x' },
    { via: 'template' },
    { more: 1 },
    { optional: true },
    { attributes: { port: 81 } },
  ];
  assert.equal(new Set(changes.map(of)).size, changes.length);
  assert.equal(of({ since: '2020-01-01T00:00:00Z' }), of({}));
  assert.notEqual(new Fingerprints().edge({ ...edge, to: 'x' }), of({}));
});

test('NJ13 rows say facts as they did when the layout of fingerprints was counted last', () => {
  // When this fails, raise LAYOUT in fingerprint.ts, and then this number: mirrors made before are written anew.
  assert.equal(hash(JSON.stringify([nodeRow(pod), edgeRow(edge), valuesFrom(nodeRow(pod).properties)])), LAYOUT_SEEN);
});

const LAYOUT_SEEN = 174_999_186;

test('NJ4 a name is quoted so that nothing in it ends the name', () => {
  assert.equal(quoted('Pod'), '`Pod`');
  assert.equal(quoted('a`b'), '`a``b`');
  assert.equal(quoted('\\u0060'), '`\\u005Cu0060`');
  assert.equal(quoted(''), '`_`');
  assert.equal(quoted('a\0b'), '`a\uFFFDb`');
});

test('NJ10 constraints and indexes come of the table of kinds, each once', () => {
  const items = schemaOf(kinds);
  const labels = new Set(kinds.map(({ kind }) => kind));
  assert.equal(items.length, 2 + 3 + labels.size);
  assert.equal(new Set(items.map(({ name }) => name)).size, items.length);
  assert.ok(
    items.some(({ text }) => text === 'CREATE INDEX `kube_kg_Pod_name` IF NOT EXISTS FOR (n:`Pod`) ON (n.`name`)'),
  );
});

test('NJ14 whole numbers are integers, instants are datetimes to the nanosecond, and all else is as it was', () => {
  const { ready, restarts, started, createdAt } = valuesFrom(nodeRow(pod).properties) as Record<string, object>;
  assert.equal(String(ready), '1/1');
  assert.equal(restarts?.constructor.name, 'Integer');
  assert.equal(String(started), '2026-01-01T00:00:00.500000000Z');
  assert.equal(String(createdAt), '2026-01-01T00:00:00Z');
  const { big, part } = valuesFrom({ big: 2 ** 60, part: 0.5 });
  assert.deepEqual([big, part], [2 ** 60, 0.5]);
});

test('NJ15 transactions are bounded, keep the order in which statements came, and hold together what fits', async () => {
  const sent: Statement[][] = [];
  const connection: Connection = {
    async write(statements) {
      sent.push([...statements]);
      return [];
    },
    async *read() {},
    async verify() {},
    async close() {},
  };
  const batches = new Batches(connection, 4);
  for (const text of ['a', 'b', 'a', 'b', 'c', 'a', 'b']) await batches.add(text, {});
  await batches.flush();
  await batches.flush();
  const shapes = sent.map((statements) =>
    statements.map(({ text, params }) => `${text}${(params['rows'] as object[]).length}`),
  );
  assert.deepEqual(shapes, [
    ['a2', 'b2'],
    ['c1', 'a1', 'b1'],
  ]);
});
