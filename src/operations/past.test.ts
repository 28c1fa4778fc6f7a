/** What is told of the past, by the recorded incident of the demo: a Secret is removed, and later a rollout cannot start. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { load } from '../program/config.ts';
import { takeSnapshot } from '../program/open.ts';
import { type OpenPast, pastOfRecording } from '../program/past-input.ts';
import { operations } from './index.ts';
import { perform } from './operation.ts';

const never = new AbortController().signal;
const io = { now: () => Date.parse('2026-11-21T15:00:00Z'), stop: never, stdin: process.stdin, environment: {} };
const file = new URL('../../demo/shop.jsonl.gz', import.meta.url).pathname;
const ROLLOUT = '2026-11-21T14:29:30.833Z';
const REMOVED = '2026-11-21T14:29:10.637Z';

let opened: OpenPast;
before(async () => {
  opened = await pastOfRecording(load({ environment: {} }), { file }, io);
});
after(() => opened.close());

interface Answer {
  readonly items: readonly Item[];
  readonly resources: readonly Item[];
  readonly edges: readonly { readonly change: string; readonly type: string }[];
  readonly existences: readonly { readonly until?: string }[];
  readonly next?: string;
  readonly [other: string]: unknown;
}

interface Item {
  readonly at: string;
  readonly type: string;
  readonly change: string;
  readonly text: string;
  readonly resource?: { readonly kind: string; readonly name: string };
  readonly changes?: readonly {
    readonly path: string;
    readonly before?: unknown;
    readonly after?: unknown;
    readonly by?: { manager: string };
  }[];
}

async function ask(name: string, input: Readonly<Record<string, unknown>>): Promise<Answer> {
  const operation = operations.find((each) => each.name === name);
  assert.ok(operation);
  return (await perform(operation, opened.context, input)) as Answer;
}

test('HI50 a timeline tells which fields changed and who changed them, Events, and edges won and lost, newest first', async () => {
  const { items } = await ask('timeline', { resource: 'Deployment/payments/payments-api' });
  const rollout = items.find(({ at, type }) => at === ROLLOUT && type === 'changed');
  assert.deepEqual(
    rollout?.changes?.map(({ path, before: was, after: is, by }) => [path, was, is, by?.manager]),
    [
      [
        'spec.template.spec.containers[name=api].image',
        'registry.example.com/payments/api:4.1.0',
        'registry.example.com/payments/api:4.2.0',
        'kubectl-set',
      ],
    ],
  );
  assert.ok(
    items.some(
      ({ type, text }) => type === 'event' && /Scaled up replica set payments-api-f888fd97f from 0 to 2/.test(text),
    ),
  );
  assert.ok(
    items.some(
      ({ at, type, text }) =>
        at === REMOVED && type === 'edge-removed' && /Secret\/payments\/db-credentials/.test(text),
    ),
  );
  assert.deepEqual(
    items.map(({ at }) => at),
    items
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );
});

test('HI51 pages of a timeline are the whole of it, each happening once, in either order', async () => {
  for (const order of ['newest', 'oldest']) {
    const question = { resource: 'Deployment/payments/payments-api', neighbours: true, order };
    const whole = await ask('timeline', { ...question, limit: 1_000 });
    assert.ok(whole.items.length > 60 && whole.next === undefined);
    const texts: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Answer = await ask('timeline', { ...question, limit: 7, ...(cursor !== undefined && { cursor }) });
      texts.push(...page.items.map(({ at, text }) => `${at} ${text}`));
      cursor = page.next;
    } while (cursor !== undefined);
    assert.deepEqual(texts.toSorted(), whole.items.map(({ at, text }) => `${at} ${text}`).toSorted());
  }
});

test('HI52 what is gone is found by its name, as it was', async () => {
  const { existences, items } = await ask('timeline', { resource: 'secrets/payments/db-credentials' });
  assert.equal(existences[0]?.until, REMOVED);
  assert.equal(items[0]?.type, 'deleted');
  const found = await ask('object', { resource: 'Secret/payments/db-credentials' });
  assert.equal(found['gone'], true);
  assert.match(JSON.stringify(found['object']), /redacted:/);
  await assert.rejects(ask('timeline', { resource: 'Secret/payments/never-was' }), { code: 'not-found' });
});

test('HI53 a diff tells what came, went and changed between two instants, with authors and without noise', async () => {
  const { resources, edges } = await ask('diff', {
    from: '2026-11-21T14:28:30Z',
    to: '2026-11-21T14:29:30.9Z',
    namespaces: ['payments'],
  });
  const told = resources.map(({ change, resource }) => `${change} ${resource?.kind}/${resource?.name}`);
  assert.ok(told.includes('removed Secret/db-credentials'));
  assert.ok(told.includes('changed Deployment/payments-api'));
  assert.ok(!told.some((line) => /Lease|Event/.test(line)));
  assert.deepEqual(
    edges.map(({ change, type }) => `${change} ${type}`).filter((line) => line.endsWith('USES_IMAGE')),
    ['removed USES_IMAGE'],
  );
});

test('HI54 pages of a diff are the whole of it, and an instant differs from itself in nothing', async () => {
  const [a, b] = ['2026-11-21T14:28:30Z', '2026-11-21T14:30:00Z'];
  const { resources } = await ask('diff', { from: a, to: b, limit: 5_000 });
  const one = await ask('diff', { from: a, to: b, limit: 3 });
  assert.ok(one.next !== undefined && one.resources.length === 3);
  const pages = [...one.resources];
  for (let cursor: string | undefined = one.next; cursor !== undefined; ) {
    const page = await ask('diff', { from: a, to: b, limit: 3, cursor });
    pages.push(...page.resources);
    cursor = page.next;
  }
  assert.deepEqual(pages, resources);
  assert.deepEqual((await ask('diff', { from: a, to: a })).resources, []);
});

test('HI55 every operation about the graph answers for an instant, and what is no instant says how to write one', async () => {
  const { total, asOf } = (await ask('resources', {
    kinds: ['Secret'],
    namespaces: ['payments'],
    at: '2026-11-21T14:29:00Z',
  })) as unknown as { total: number; asOf: string };
  const later = (await ask('resources', {
    kinds: ['Secret'],
    namespaces: ['payments'],
    at: '2026-11-21T14:30:00Z',
  })) as unknown as { total: number };
  assert.equal(asOf, '2026-11-21T14:29:00Z');
  assert.equal(total - later.total, 1);
  await assert.rejects(ask('resources', { at: 'yesterday' }), { code: 'invalid-input', message: /15m/ });
  await assert.rejects(ask('resources', { at: '2026-11-21T14:40:00Z' }), {
    code: 'invalid-input',
    message: /after the recording, which ends at 2026-11-21T14:30:30.402Z/,
  });
  const ago = (await ask('resources', { at: '30s' })) as unknown as { asOf: string };
  assert.equal(ago.asOf, '2026-11-21T14:30:00.402Z', 'of a recording it counts from the end');
  await assert.rejects(ask('resources', { at: '2d' }), {
    code: 'not-found',
    message: /history begins at 2026-11-21T14:28:13/,
  });
});

test('HI56 Cypher answers for an instant', async () => {
  const query = 'MATCH (s:Secret {namespace: "payments"}) RETURN s.name ORDER BY s.name';
  const then = await ask('query', { query, at: '2026-11-21T14:29:00Z' });
  const later = await ask('query', { query, at: '2026-11-21T14:30:00Z' });
  assert.deepEqual(then['rows'], [['card-network'], ['db-credentials']]);
  assert.deepEqual(later['rows'], [['card-network']]);
});

test('HI114 the diff of a recording begins when everything had been listed, so that it tells what happened', async () => {
  const { from, counts, resources, hints } = await ask('diff', {});
  assert.equal(from, '2026-11-21T14:28:14.431Z');
  assert.deepEqual(counts, { added: 7, 'first-seen': 0, removed: 5, changed: 14 });
  assert.ok(resources.some(({ change, resource }) => change === 'removed' && resource?.name === 'db-credentials'));
  assert.equal(hints, undefined);
});

test('HI117 `at` is another name of `to` where a question about the past ends, and refused where it means nothing', async () => {
  const question = { resource: 'Secret/payments/db-credentials' };
  const then = '2026-11-21T14:29:00Z';
  for (const [name, input] of [
    ['object', question],
    ['timeline', question],
    ['diff', { namespaces: ['payments'] }],
  ] as const) {
    const asked = await ask(name, { ...input, at: then });
    assert.equal(asked['to'], then, name);
    assert.deepEqual(asked, await ask(name, { ...input, to: then }), name);
    await assert.rejects(ask(name, { ...input, at: then, to: then }), {
      code: 'invalid-input',
      message: /another name of "to".*give one of both/,
    });
  }
  assert.equal((await ask('object', { ...question, at: then }))['gone'], false);
  for (const name of ['history', 'relations', 'rejections'])
    await assert.rejects(ask(name, { at: then }), {
      code: 'invalid-input',
      message: `at: "${name}" is the same at every instant, or about now; ask without it`,
    });
});

test('HI120 before a recording begins nothing is known, whether it is read or asked as a history', async () => {
  const early = '2026-11-21T14:28:00Z';
  const message = /nothing was observed until.*begins at 2026-11-21T14:28:13.520Z/;
  await assert.rejects(ask('trouble', { at: early }), { code: 'not-found', message });
  await assert.rejects(takeSnapshot(load({ environment: {} }), { file, at: early }, io), {
    code: 'not-found',
    message,
  });
  for (const name of ['object', 'timeline'])
    await assert.rejects(ask(name, { resource: 'Secret/payments/db-credentials', to: early }), {
      code: 'not-found',
      message,
    });
  await assert.rejects(ask('diff', { to: early }), { code: 'not-found', message });
  await assert.rejects(ask('diff', { from: '2026-11-21T14:31:00Z' }), {
    code: 'invalid-input',
    message: 'from (2026-11-21T14:31:00Z) is after the end of history, 2026-11-21T14:30:30.402Z',
  });
  const { hints } = await ask('diff', { from: '1d', to: '2026-11-21T18:00:00Z' });
  assert.deepEqual(hints, [
    'history begins later than 2026-11-20T14:30:30.402Z: compared with 2026-11-21T14:28:14.431Z, when everything was known first',
    'history ends at 2026-11-21T14:30:30.402Z; what came after is not known',
  ]);
});

test('HI123 a pod of a Job that has ended is not made anew, and nobody misses it', async () => {
  const drained = (await ask('what-if', { drain: ['worker-1'] })) as unknown as {
    gone: readonly { resource: { name: string }; recreatedBy?: { kind: string; name: string }; isDone?: true }[];
    notes: readonly { code: string; resources: readonly { name: string }[] }[];
    impacted: readonly { resource: { kind: string; name: string } }[];
  };
  const done = drained.gone.filter(({ isDone }) => isDone).map(({ resource }) => resource.name);
  assert.deepEqual(done.toSorted(), ['catalog-import-4cglx', 'settlement-29921188-hxf4c', 'settlement-29921189-7jsrm']);
  assert.ok(drained.gone.every(({ isDone, recreatedBy }) => isDone !== true || recreatedBy === undefined));
  const mentioned = drained.notes.flatMap(({ resources }) => resources.map(({ name }) => name));
  assert.ok(!done.some((name) => mentioned.includes(name)));
  const jobs = drained.impacted.filter(({ resource }) => resource.kind === 'Job').map(({ resource }) => resource.name);
  assert.deepEqual(jobs, ['settlement-29921190'], 'that one has not ended');
});
