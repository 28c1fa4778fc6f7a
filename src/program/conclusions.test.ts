import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { read } from '../../test/lab/finish.ts';
import { RECORDINGS } from '../../test/lab/labels.ts';
import { Graph } from '../graph/graph.ts';
import { describer } from '../kinds/index.ts';
import type { View } from '../model/view.ts';
import { entriesOf } from '../sinks/history/remember.ts';
import { changeFromJson } from '../sources/change-from-json.ts';
import { conclusionsOf } from './conclusions.ts';
import { load } from './config.ts';
import { takeSnapshot } from './open.ts';

const file = join(RECORDINGS, 'development', 'config-key-removed.jsonl.zst');
const io = { stdin: process.stdin, environment: {}, now: () => 0, stop: new AbortController().signal };

const triggers = (view: View): string[] =>
  [...view.edges()].filter(({ type }) => type === 'TRIGGERED').map(({ from, to }) => `${from} ${to}`);

test('HA9 a recording has conclusions when they are asked for, and nothing more when they are not', async () => {
  const config = load({ environment: {} });
  const plain = await takeSnapshot(config, { file }, io);
  assert.deepEqual(triggers(plain.pipeline.view), []);
  assert.deepEqual(
    [...plain.pipeline.view.resources({ kind: 'Occurrence' })].filter(({ labels }) => labels['derived']),
    [],
  );
  const concluded = await takeSnapshot(config, { file }, { ...io, concluded: true });
  assert.ok(triggers(concluded.pipeline.view).length > 0);
  await Promise.all([plain.close(), concluded.close()]);
});

test('HA6 history is told nothing of conclusions, and a recording may keep them', () => {
  const graph = new Graph({ describer });
  graph.apply(read(file));
  const conclusions = conclusionsOf(graph.view);
  assert.ok(conclusions.length > 0);
  const lines = conclusions.map((change) => changeFromJson(JSON.parse(JSON.stringify(change)), 'main'));
  assert.deepEqual(
    lines,
    conclusions.map((change) => ({ is: 'change', change, unknownFields: [] })),
  );
  const commit = graph.apply(conclusions);
  assert.ok(commit.diff.edges.added.length > 0);
  assert.deepEqual(entriesOf(commit, graph.view, describer), []);
  for (const bad of [
    { of: 5 },
    { relations: {} },
    { relations: [{ edge: 'no type', target: 'x' }] },
    { relations: [{ edge: 'A' }] },
  ])
    assert.equal(changeFromJson({ ...conclusions[0], ...bad }, 'main').is, 'bad');
});
