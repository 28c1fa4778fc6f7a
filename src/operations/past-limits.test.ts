/** What is told of the past where it is told least: before a history begins, of what is forgotten, of very much, and of what has no uid. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { momentAt, named, START } from '../../test/contracts/history-life.ts';
import { Graph } from '../graph/graph.ts';
import { describer, kinds } from '../kinds/index.ts';
import type { Time } from '../model/time.ts';
import { timeOfMicroseconds } from '../model/time.ts';
import { load } from '../program/config.ts';
import { pastOfHistory } from '../program/past-input.ts';
import type { Database } from '../sinks/history/database.ts';
import type { Entry, Named } from '../sinks/history/entries.ts';
import { Queries } from '../sinks/history/queries.ts';
import { openSqlite } from '../sinks/history/sqlite.ts';
import { HistoryWriter } from '../sinks/history/writer.ts';
import { operations } from './index.ts';
import { type Context, perform } from './operation.ts';

const at = (second: number): Time => timeOfMicroseconds(START + second * 1_000_000);

/** A version that holds some data, made at a second. */
function version(of: Named, data: object, made = 0): Entry {
  const { kind, group, namespace, name, uid } = of;
  const metadata = { namespace, name, ...(uid && { uid }), creationTimestamp: `${at(made).slice(0, 19)}Z` };
  return {
    type: 'version',
    of,
    text: JSON.stringify({ apiVersion: group ? `${group}/v1` : 'v1', kind, metadata, data }),
  };
}

function edge(type: 'link' | 'unlink', name: string, from: Named, to: Named): Entry {
  return { type, edge: name, from: from.id, to: to.id };
}

function observe(second: number, kind: string, coverage: string): Entry {
  const scope = { group: kind === '*' ? '*' : '', kind };
  return { type: 'observe', text: JSON.stringify({ type: 'observe', at: at(second), cluster: 'c', scope, coverage }) };
}

interface Item {
  readonly at: string;
  readonly type: string;
  readonly text: string;
  readonly change: string;
}

interface Answer {
  readonly items: readonly Item[];
  readonly resources: readonly Item[];
  readonly hints?: readonly string[];
  readonly next?: string;
  readonly [other: string]: unknown;
}

type Ask = (name: string, input: Readonly<Record<string, unknown>>) => Promise<Answer>;

function asking(context: Context): Ask {
  return async (name, input) => {
    const operation = operations.find((each) => each.name === name);
    assert.ok(operation);
    return (await perform(operation, context, input)) as Answer;
  };
}

/** A history in memory, and who asks it: without a view, as where there is no server. */
async function history(): Promise<{ writer: HistoryWriter; db: Database; ask: Ask }> {
  const db = openSqlite(':memory:');
  const past = { history: new Queries(db), answer: () => Promise.reject(new Error('not asked')) };
  return {
    db,
    writer: await HistoryWriter.open(db),
    ask: asking({ view: new Graph({ describer }).view, kinds, past }),
  };
}

const DAY = 86_400;

test('HI110 an object is there also when nothing of it changed since history begins', async () => {
  const { writer, ask } = await history();
  const [quiet, busy] = [named('quiet'), named('busy')];
  await writer.write([momentAt(0), version(quiet, { a: 1 }), version(busy, { n: 0 })]);
  for (let day = 1; day < 20; day++) await writer.write([momentAt(day * DAY), version(busy, { n: day })]);
  const keep = { days: 14, kindDays: {}, maxBytes: 0 };
  for await (const _ of writer.prune(keep, { now: START / 1_000 + 20 * DAY * 1_000 }));
  const told = await ask('object', { resource: 'ConfigMap/shop/quiet' });
  assert.deepEqual([told['at'], told['gone']], [at(0), false]);
  await assert.rejects(ask('object', { resource: 'ConfigMap/shop/quiet', at: at(DAY) }), {
    code: 'not-found',
    message: `nothing was observed until ${at(DAY)}; history begins at ${at(6 * DAY)}`,
  });
});

test('HI110 an object is told by its uid, also when another bears its name', async () => {
  const { writer, ask } = await history();
  const [old, now] = [named('s', { uid: 'old' }), named('s', { uid: 'new' })];
  await writer.write([momentAt(0), version(old, { v: 'OLD' }), momentAt(10), { type: 'end', id: old.id }]);
  await writer.write([momentAt(20), version(now, { v: 'NEW' }), momentAt(30)]);
  const data = async (input: object): Promise<unknown> => {
    const { object, gone } = await ask('object', { ...input });
    return [(object as { data: unknown }).data, gone];
  };
  assert.deepEqual(await data({ resource: 'old' }), [{ v: 'OLD' }, true]);
  assert.deepEqual(await data({ resource: 'old', to: at(5) }), [{ v: 'OLD' }, false]);
  assert.deepEqual(await data({ resource: 'ConfigMap/shop/s' }), [{ v: 'NEW' }, false]);
  assert.deepEqual(await data({ resource: 'ConfigMap/shop/s', at: at(15) }), [{ v: 'OLD' }, true]);
});

/** Every happening, page after page. */
async function pagesOf(ask: Ask, input: object): Promise<readonly string[]> {
  const told: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await ask('timeline', { ...input, ...(cursor !== undefined && { cursor }) });
    told.push(...items.map((item) => `${item.at} ${item.text}`));
    if (next === undefined) return told;
    cursor = next;
  }
}

test('HI111 a timeline loses nothing, however many edges there were, and from whichever end it is told', async () => {
  const { writer, ask } = await history();
  const node = named('n', { kind: 'Node', namespace: '' });
  const pods = Array.from({ length: 2_600 }, (_, index) => named(`p${index}`, { kind: 'Pod' }));
  const come = (pod: Named): readonly Entry[] => [version(pod, {}), edge('link', 'RUNS_ON', pod, node)];
  // Many at the same instant, then one after the other.
  await writer.write([momentAt(0), version(node, {}), momentAt(1), ...pods.slice(0, 1_500).flatMap(come)]);
  for (const [index, pod] of pods.slice(1_500).entries()) await writer.write([momentAt(2 + index), ...come(pod)]);
  for (const order of ['oldest', 'newest']) {
    const told = await pagesOf(ask, { resource: 'Node/n', order, limit: 900 });
    assert.equal(new Set(told).size, 2_601, order);
    assert.equal(told.length, 2_601, 'each once');
    const times = told.map((line) => line.split(' ')[0]);
    assert.deepEqual(times, order === 'oldest' ? times.toSorted() : times.toSorted().toReversed());
  }
});

test('HI111 Events are told as often as they were seen, also those that had begun before', async () => {
  const { writer, ask } = await history();
  const pod = named('p', { kind: 'Pod' });
  const events = Array.from({ length: 700 }, (_, index) => named(`p.${index}`, { kind: 'Event' }));
  await writer.write([momentAt(0), version(pod, {})]);
  for (const [index, event] of events.entries())
    await writer.write([momentAt(1 + index), version(event, { n: 1 }), edge('link', 'ABOUT', event, pod)]);
  await writer.write([momentAt(900), ...events.slice(0, 5).map((event) => version(event, { n: 2 }))]);
  for (const order of ['oldest', 'newest']) {
    const question = { resource: 'Pod/shop/p', order, limit: 100 };
    assert.equal((await pagesOf(ask, question)).length, 1 + 700 + 5, order);
    assert.equal((await pagesOf(ask, { ...question, from: at(800) })).length, 5, order);
  }
});

test('HI113 a diff begins when everything was known, and calls nothing new that was there before', async () => {
  const { writer, ask } = await history();
  const [old, late, fresh] = [named('old'), named('late'), named('fresh')];
  await writer.write([momentAt(0), observe(0, '*', 'ready'), observe(0, 'ConfigMap', 'loading')]);
  await writer.write([momentAt(2), version(old, {}, -500), momentAt(3), observe(3, 'ConfigMap', 'ready')]);
  await writer.write([momentAt(60), version(late, {}, -500), momentAt(70), version(fresh, {}, 69)]);
  const told = async (input: object) => {
    const { from, resources, counts, hints } = await ask('diff', { ...input });
    return { from, told: resources.map(({ change, text }) => `${change} ${text}`), counts, hints };
  };
  const counts = { added: 1, 'first-seen': 1, removed: 0, changed: 0 };
  const since = [
    `first-seen ConfigMap/shop/late was first seen, created ${at(-500).slice(0, 19)}Z`,
    'added ConfigMap/shop/fresh is new',
  ];
  assert.deepEqual(await told({}), { from: at(3), told: since, counts, hints: undefined });
  const hints = [`history begins later than ${at(-900)}: compared with ${at(3)}, when everything was known first`];
  assert.deepEqual(await told({ from: at(-900) }), { from: at(3), told: since, counts, hints });
  assert.equal((await told({ from: at(1) })).told[0]?.split(' ')[0], 'first-seen', 'also while the first was listed');
  assert.equal((await told({ to: at(2.5) })).from, at(0));
});

test('HI113 of a kind of which less is kept a diff says that it cannot tell, as an object does, and a timeline since when it can', async () => {
  const { writer, ask } = await history();
  const [config, set] = [named('config'), named('set', { kind: 'ReplicaSet', group: 'apps' })];
  await writer.write([momentAt(0), version(config, { n: 0 }), version(set, { n: 0 })]);
  for (let day = 1; day < 10; day++)
    await writer.write([momentAt(day * DAY), version(config, { n: day }), version(set, { n: day })]);
  const keep = { days: 20, kindDays: { ReplicaSet: 3 }, maxBytes: 0 };
  for await (const _ of writer.prune(keep, { now: START / 1_000 + 10 * DAY * 1_000 }));
  const told = async (from: number, more: object = {}) => {
    const { resources, incomplete } = await ask('diff', { from: at(from * DAY), ...more });
    return [
      resources.map(({ text }) => text.split(':')[0]),
      (incomplete as { kind: string; message: string }[]).map(({ kind, message }) => `${kind} ${message}`),
    ];
  };
  const forgotten = `ReplicaSet kept in history since ${at(7 * DAY)} only`;
  assert.deepEqual(await told(2), [['ConfigMap/shop/config'], [forgotten]]);
  assert.deepEqual(await told(8), [['ConfigMap/shop/config', 'ReplicaSet/shop/set'], []]);
  assert.deepEqual(await told(2, { kinds: ['ConfigMap'] }), [['ConfigMap/shop/config'], []]);
  await assert.rejects(ask('object', { resource: 'ReplicaSet/shop/set', at: at(2 * DAY) }), {
    code: 'not-found',
    message: `how ReplicaSet/shop/set was at ${at(2 * DAY)} is not known any more: of its kind less is kept, "kube-kg history" tells how much`,
  });
  const hint = `of ReplicaSet less is kept: what was before ${at(7 * DAY)} is not known any more`;
  assert.deepEqual((await ask('timeline', { resource: 'ReplicaSet/shop/set' })).hints, [hint]);
  assert.equal((await ask('timeline', { resource: 'ReplicaSet/shop/set', from: '1d' })).hints, undefined);
});

test('HI116 neighbours are those that history knows, and nobody is taken for one who bears the same names', async () => {
  const { writer, ask } = await history();
  const web = named('web', { kind: 'Deployment', group: 'apps', uid: '' });
  const api = named('api', { kind: 'Service', namespace: 'pay', uid: '' });
  const stranger = named('web', { kind: 'Service', namespace: 'pay', uid: '' });
  const hub = named('shop', { kind: 'Namespace', namespace: '' });
  const all = [web, api, stranger, hub].map((of) => version(of, {}));
  await writer.write([momentAt(0), ...all, edge('link', 'CALLS', web, api), edge('link', 'IN_NAMESPACE', web, hub)]);
  await writer.write([momentAt(10), version(stranger, { x: 2 }), version(api, { x: 3 }), version(hub, { x: 4 })]);
  const { items } = await ask('timeline', { resource: 'Deployment/shop/web', neighbours: true, from: at(5) });
  assert.deepEqual(
    items.map(({ text }) => text),
    ['Service/pay/api: data.x added (3)'],
  );
  const many = Array.from({ length: 70 }, (_, index) => named(`c${index}`));
  await writer.write([momentAt(20), ...many.flatMap((of) => [version(of, {}, 20), edge('link', 'MOUNTS', web, of)])]);
  const { hints } = await ask('timeline', { resource: 'Deployment/shop/web', neighbours: true });
  assert.deepEqual(hints, ['it was connected with more than 60 others: only those that came last are told']);
});

test('HI118 counts of a diff grow from page to page, and are those of all of it on the last', async () => {
  const { writer, ask } = await history();
  const things = Array.from({ length: 12 }, (_, index) => named(`t${index}`));
  await writer.write([momentAt(0), ...things.slice(0, 8).map((of) => version(of, { n: 0 }))]);
  await writer.write([momentAt(10), ...things.slice(0, 5).map((of) => version(of, { n: 1 }))]);
  await writer.write([
    momentAt(20),
    ...things.slice(8).map((of) => version(of, {}, 20)),
    { type: 'end', id: things[6]?.id ?? '' },
  ]);
  const seen: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const { counts, next } = await ask('diff', { limit: 4, ...(cursor !== undefined && { cursor }) });
    seen.push(counts);
    if (next === undefined) break;
    cursor = next;
  }
  const of = (added: number, removed: number, changed: number) => ({ added, 'first-seen': 0, removed, changed });
  assert.deepEqual(seen, [of(0, 0, 4), of(2, 1, 5), of(4, 1, 5)]);
  assert.deepEqual((await ask('diff', {}))['counts'], of(4, 1, 5));
  await assert.rejects(ask('diff', { cursor: '17' }), { code: 'invalid-input', message: /not a cursor/ });
});

test('HI119 after the last sign of life nobody looked, and every question says so', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-history-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'history.db');
  const db = openSqlite(path);
  const writer = await HistoryWriter.open(db);
  await writer.write([
    momentAt(0),
    observe(0, '*', 'ready'),
    observe(0, 'ConfigMap', 'ready'),
    observe(0, 'Pod', 'forbidden'),
  ]);
  await writer.write([momentAt(1), version(named('x'), {}), momentAt(100)]);
  await db.close();
  const config = load({ environment: {}, overrides: { 'history.url': path } });
  const { context, close } = await pastOfHistory(config, () => START / 1_000 + 3_600_000);
  t.after(close);
  const ask = asking(context);
  const told = async (instant: string) => {
    const [cluster] = (await ask('clusters', { at: instant })).items as unknown as {
      state: string;
      gaps: unknown[];
      incomplete: { kind: string; coverage: string; message?: string }[];
    }[];
    const incomplete = cluster?.incomplete.map(({ kind, coverage, message = '' }) => `${kind} ${coverage} ${message}`);
    return [cluster?.state, incomplete, cluster?.gaps];
  };
  const watched = ['ready', ['Pod forbidden '], []];
  const silent = [
    'degraded',
    ['ConfigMap broken kube-kg was not running, or could not write its history', 'Pod forbidden '],
    [{ group: '', kind: 'ConfigMap', namespace: '', from: at(100) }],
  ];
  assert.deepEqual(await told(at(110)), watched, 'signs of life come every few seconds');
  assert.deepEqual(await told('30m'), silent);
  assert.deepEqual(await told(at(50)), watched);
  assert.deepEqual(await told(at(100)), watched, 'also after somebody asked of later');
  assert.deepEqual(await told(at(300)), silent);
  const { items, hints } = await ask('timeline', { resource: 'ConfigMap/shop/x', to: at(300) });
  assert.equal(items[0]?.text, `nobody watched ConfigMap of cluster c since ${at(100)}`);
  assert.deepEqual(hints, [`history ends at ${at(100)}; what came after is not known`]);
  assert.equal((await ask('timeline', { resource: 'ConfigMap/shop/x' })).items[0]?.type, 'created');
  assert.deepEqual((await ask('object', { resource: 'ConfigMap/shop/x', at: at(300) })).hints, hints);
});
