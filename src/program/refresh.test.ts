import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Logger } from '../lib/logger.ts';
import { silentLogger } from '../lib/logger.ts';
import type { Change, KubeObject } from '../model/change.ts';
import type { GraphDiff } from '../model/diff.ts';
import { load } from './config.ts';
import type { Input } from './inputs.ts';
import { rulesOf } from './live-relations.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { followRelations, refreshOf } from './refresh.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-refresh-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'relations.yaml');

const shop = '{from: {group: example.com, kind: Shop}, to: {kind: Secret}';
const first = `relations:\n  - ${shop}, edge: PAYS_WITH, path: spec.payment}\n`;
const second = `${first}  - ${shop}, edge: HIDES, path: spec.hidden}\n`;

const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'n', uid: `uid-${name}` },
  ...more,
});
const change = (second: number, type: 'apply' | 'delete', what: KubeObject): Change => ({
  type,
  at: `2026-01-01T00:00:0${second}Z`,
  cluster: 'c',
  object: what,
});

const estate: readonly Change[] = [
  change(0, 'apply', object('v1', 'Secret', 'card')),
  change(1, 'apply', object('v1', 'Secret', 'key')),
  change(2, 'apply', object('example.com/v1', 'Shop', 'early')),
  change(3, 'delete', object('example.com/v1', 'Shop', 'early')),
  change(4, 'apply', object('example.com/v1', 'Shop', 's', { spec: { payment: 'card', hidden: 'key' } })),
];

/** A recording in memory, which notes how often it was read. */
function recording(): Input & { reads: number } {
  return {
    name: 'a recording',
    repeatable: true,
    reads: 0,
    async *changes() {
      this.reads++;
      yield estate;
    },
  };
}

function opened(): { pipeline: Pipeline; rules: ReturnType<typeof rulesOf> } {
  const rules = rulesOf(load({ environment: { KG_GRAPH_RELATIONS: path } }));
  const { describer } = rules;
  return { rules, pipeline: openPipeline({ describer, epoch: 'e', log: silentLogger, now: () => performance.now() }) };
}

const edges = ({ view }: Pipeline): string[] => [...view.edges()].map(({ type, to }) => `${type} ${to}`).sort();

test('C22 an edit links again what is there, the kinds concerned and nothing else; what stays the same is left alone', async () => {
  writeFileSync(path, first);
  const { pipeline, rules } = opened();
  const input = recording();
  const stop = new AbortController();
  await pipeline.run(input, stop.signal);
  assert.deepEqual(edges(pipeline), ['PAYS_WITH c/uid-card']);

  const diffs: GraphDiff[] = [];
  const seen: Change[] = [];
  pipeline.feed.subscribe(({ diff, changes }) => {
    diffs.push(diff);
    seen.push(...changes);
  });
  const told = Promise.withResolvers<void>();
  const log: Logger = {
    ...silentLogger,
    info: () => told.resolve(),
    error: (_, message) => told.reject(new Error(message)),
  };
  const refresh = refreshOf([input], pipeline, async () => undefined, stop.signal);
  writeFileSync(path, second);
  const { describer, relations } = rules;
  assert.ok(relations);
  const following = followRelations({ relations, describer, refresh, log, everyMs: 2 }, stop.signal);
  await told.promise;
  stop.abort();
  await following;
  assert.deepEqual(edges(pipeline), ['HIDES c/uid-key', 'PAYS_WITH c/uid-card']);
  assert.equal(input.reads, 2);
  const kinds = seen.map((one) => ('object' in one ? one.object.kind : one.type));
  assert.deepEqual(kinds, ['Shop', 'Shop', 'Shop']);
  assert.deepEqual(
    diffs.map(({ resources, edges: { added, updated, removed } }) => [
      resources.added.length + resources.updated.length + resources.removed.length,
      added.map(({ type }) => type),
      updated.length + removed.length,
    ]),
    [[0, ['HIDES'], 0]],
  );
});

test('C22 a relation that is taken out of the file takes its edges along', async () => {
  writeFileSync(path, second);
  const { pipeline, rules } = opened();
  const stop = new AbortController().signal;
  await pipeline.run(recording(), stop);
  writeFileSync(path, 'relations: []\n');
  const { describer, relations } = rules;
  await relations?.look();
  assert.equal(await relations?.look(), 'changed');
  const changed = describer.relate(relations?.relations ?? new Map());
  assert.deepEqual([...changed], ['example.com/Shop']);
  await refreshOf([recording()], pipeline, async () => undefined, stop)?.();
  assert.deepEqual(edges(pipeline), []);
});

test('C22 a faulty edit is told with its lines, and what cannot be read again is told as well', async () => {
  writeFileSync(path, first);
  const { rules } = opened();
  const { describer, relations } = rules;
  assert.ok(relations);
  const stop = new AbortController();
  let told = Promise.withResolvers<unknown>();
  const note = (fields: object): void => told.resolve(fields);
  const log: Logger = { ...silentLogger, error: note, warn: note };
  assert.equal(
    refreshOf([{ ...recording(), repeatable: false }], opened().pipeline, async () => 0, stop.signal),
    undefined,
  );
  writeFileSync(path, `${first}  - {edge: x}\n`);
  const following = followRelations({ relations, describer, refresh: undefined, log, everyMs: 2 }, stop.signal);
  assert.match(JSON.stringify(await told.promise), /relations\.yaml:3: /);
  told = Promise.withResolvers();
  writeFileSync(path, second);
  assert.deepEqual(await told.promise, { path, kinds: ['example.com/Shop'] });
  stop.abort();
  await following;
});

test('C23 what is no object of any kind does not keep the rest from being read again', async () => {
  const { pipeline } = opened();
  const stop = new AbortController().signal;
  const odd = { metadata: { name: 'odd', uid: 'uid-odd' } } as unknown as KubeObject;
  const input: Input = {
    ...recording(),
    async *changes() {
      yield [change(0, 'apply', odd), change(0, 'delete', { ...odd, apiVersion: 'v1' } as KubeObject), ...estate];
    },
  };
  const seen: Change[] = [];
  pipeline.feed.subscribe(({ changes }) => seen.push(...changes));
  await refreshOf([input], pipeline, async () => undefined, stop)?.(({ kind }) => kind === 'Secret');
  assert.deepEqual(
    seen.map((one) => ('object' in one ? one.object.metadata.name : '')),
    ['card', 'key'],
  );
});
