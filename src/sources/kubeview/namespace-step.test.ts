import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, KubeObject } from '../../model/change.ts';
import type { Failure } from '../kubernetes/failure.ts';
import type { RawObject } from '../raw-object.ts';
import { redactor } from '../redact.ts';
import { toldKinds } from './kinds.ts';
import { announcement, firstState } from './namespace-draft.ts';
import type { Effect, Input, State, Subject } from './namespace-state.ts';
import { REPEATED_PINGS, step } from './namespace-step.ts';
import { preparing, UNSEEN } from './payload.ts';

const subject: Subject = {
  cluster: 'c',
  namespace: 'shop',
  refreshSeconds: 300,
  once: false,
  prepare: preparing(redactor('a key for this test')),
};

const pod = (name: string, version: string, more: object = {}): RawObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: version },
  ...more,
});

/** An answer of `/api/fetch`: everything is empty but what is given. */
const body = (lists: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries([...toldKinds.keys()].filter((key) => key !== 'endpoints').map((key) => [key, []])),
  ...lists,
});
const gone: Failure = { type: 'unreachable', message: 'gone' };
const many = Array.from({ length: 1_000 }, (_, number) => pod(`many-${number}`, '1'));

type Plain = Input extends infer I ? (I extends Input ? Omit<I, 'at'> : never) : never;

/** A machine under test: feeds inputs, a second apart, and keeps what was said. */
class Machine {
  state: State = firstState();
  said: readonly Change[] = [];
  effect: Effect = { type: 'none' };
  #second = 0;
  readonly #subject: Subject;

  constructor(options: Partial<Subject> = {}) {
    this.#subject = { ...subject, ...options };
    this.feed({ type: 'start' });
  }

  feed(input: Plain): this {
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, this.#second++)).toISOString();
    const { state, changes, effect } = step(this.#subject, this.state, { ...input, at } as Input);
    Object.assign(this, { state, said: changes, effect });
    return this;
  }

  apply(...objects: readonly RawObject[]): this {
    return this.tell(objects.map((object) => ({ type: 'apply', object })));
  }

  tell(updates: Extract<Input, { type: 'updates' }>['updates'], pings = 0, unreadable = false): this {
    return this.feed({ type: 'updates', updates, pings, unreadable });
  }

  /** A stream that has spoken, and a fetch that was answered. */
  whole(lists: Readonly<Record<string, unknown>> = {}): this {
    return this.feed({ type: 'opened' }).feed({ type: 'fetched', body: body(lists) });
  }

  /** What was said, in short: `+web-1@2`, `-web-1`, `Pod broken`. */
  get short(): readonly string[] {
    return this.said.map((change) => {
      if (change.type === 'apply') return `+${change.object.metadata?.name}@${change.object.metadata?.resourceVersion}`;
      if (change.type === 'delete') return `-${change.object.metadata.name}`;
      return change.type === 'observe' ? `${change.scope.kind} ${change.coverage}` : change.type;
    });
  }

  coverage(kind: string): string | undefined {
    return this.state.shown.get(`/${kind}`)?.coverage;
  }
}

test('KV10 nothing is fetched before the stream has spoken, nor after it was lost', () => {
  const machine = new Machine();
  assert.equal(machine.effect.type, 'open');
  const early: readonly Plain[] = [{ type: 'due' }, { type: 'refresh', wanted: () => true }, { type: 'nudge' }];
  for (const input of early) assert.equal(machine.feed(input).effect.type, 'none', input.type);
  assert.equal(machine.tell([], 1).effect.type, 'none');
  assert.equal(machine.feed({ type: 'opened' }).effect.type, 'fetch');
  assert.deepEqual(machine.feed({ type: 'lost', failure: gone }).effect, { type: 'wait', failures: 1, atLeastMs: 0 });
  assert.equal(machine.feed({ type: 'fetched', body: body() }).effect.type, 'none', 'an answer that came too late');
  assert.equal(machine.feed({ type: 'due' }).effect.type, 'open');
  assert.equal(machine.feed({ type: 'opened' }).effect.type, 'fetch');
});

test('KV11 after every break everything is fetched again, as a diff', () => {
  const machine = new Machine().whole({ pods: [pod('a', '1'), pod('b', '2')] });
  assert.deepEqual(
    machine.short.filter((text) => text.startsWith('+')),
    ['+a@1', '+b@2'],
  );
  machine.feed({ type: 'lost', failure: gone }).feed({ type: 'due' });
  machine.whole({ pods: [pod('b', '3'), pod('c', '4')] });
  assert.deepEqual(
    machine.short.filter((text) => !text.includes(' ')),
    ['+b@3', '+c@4', '-a'],
  );
});

test('KV12 what is repeated is not said again, nor an older version after a newer one', () => {
  const machine = new Machine().whole({ pods: [pod('a', '9')] });
  assert.deepEqual(machine.apply(pod('a', '9')).short, []);
  assert.deepEqual(machine.apply(pod('a', '8')).short, [], 'as numbers, not as text: 9 is less than 10');
  assert.deepEqual(machine.apply(pod('a', '10')).short, ['+a@10']);
  assert.deepEqual(machine.apply(pod('a', '9'), pod('a', '10')).short, []);
  assert.deepEqual(machine.apply(pod('a', 'other')).short, ['+a@other'], 'versions that cannot be compared');
  assert.deepEqual(machine.apply(pod('a', 'other')).short, []);
});

test('KV13 a fetch does not undo what the stream says meanwhile', () => {
  const machine = new Machine().whole({ pods: [pod('a', '1'), pod('b', '1'), pod('d', 'x')] });
  assert.equal(machine.feed({ type: 'due' }).effect.type, 'fetch');
  machine.tell([
    { type: 'apply', object: pod('a', '5') },
    { type: 'delete', object: pod('b', '1') },
    { type: 'apply', object: pod('c', '6') },
    { type: 'apply', object: pod('d', 'y') },
  ]);
  assert.deepEqual(machine.short, ['+a@5', '-b', '+c@6', '+d@y']);
  machine.feed({ type: 'fetched', body: body({ pods: [pod('a', '4'), pod('b', '3'), pod('d', 'z')] }) });
  assert.deepEqual(machine.short, []);
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body({ pods: [pod('a', '7'), pod('d', 'z')] }) });
  assert.deepEqual(machine.short, ['+a@7', '+d@z', '-c']);
});

test('KV14 what was deleted does not come back by a late word, only under another uid', () => {
  const machine = new Machine().whole({ pods: [pod('a', '1')] });
  assert.deepEqual(machine.tell([{ type: 'delete', object: pod('a', '2') }]).short, ['-a']);
  assert.deepEqual(machine.apply(pod('a', '3')).short, []);
  const again = pod('a', '4');
  assert.deepEqual(machine.apply({ ...again, metadata: { ...again.metadata, uid: 'another' } }).short, ['+a@4']);
  for (let round = 0; round < 5; round++) machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body() });
  assert.equal(machine.state.known.size, 0, 'and is forgotten in the end');
});

test('KV15 null keeps what was known: broken where it could be listed, forbidden where it never could', () => {
  const machine = new Machine().whole({ pods: [pod('a', '1')], secrets: null });
  assert.deepEqual([machine.coverage('Pod'), machine.coverage('Secret')], ['ready', 'forbidden']);
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body({ pods: null, secrets: null }) });
  assert.deepEqual(machine.short, ['Pod broken']);
  assert.ok(machine.said[0]?.type === 'observe' && machine.said[0].since !== undefined, 'the gap begins there');
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body() });
  assert.deepEqual(machine.short, ['-a', 'Pod ready', 'Secret ready'], 'an empty list empties it');
});

test('KV16 of exactly 1,000 nothing unlisted is taken for gone, and the kind is complete when everything was repeated', () => {
  const machine = new Machine().whole({ pods: many });
  assert.equal(machine.coverage('Pod'), 'loading');
  assert.deepEqual(machine.apply(pod('beyond', '2')).short, ['+beyond@2']);
  machine.tell([], REPEATED_PINGS - 1);
  assert.equal(machine.coverage('Pod'), 'loading');
  assert.deepEqual(machine.tell([], 1).short, ['Pod ready']);
  assert.match(machine.state.shown.get('/Pod')?.message ?? '', /1,000/);
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body({ pods: many }) });
  assert.deepEqual(machine.short, [], 'still complete, and the one beyond is still there');
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body({ pods: many.slice(1) }) });
  assert.deepEqual(machine.short, ['-many-0', '-beyond', 'Pod ready'], 'fewer are all there are');
  assert.equal(machine.state.shown.get('/Pod')?.message, undefined);
});

test('KV16 a list that is cut after a break is broken until everything was repeated', () => {
  const machine = new Machine().whole({ pods: [] });
  machine.feed({ type: 'lost', failure: gone }).feed({ type: 'due' }).whole({ pods: many });
  assert.equal(machine.coverage('Pod'), 'broken');
  machine.feed({ type: 'due' }).feed({ type: 'unfetched', failure: gone });
  machine.tell([], REPEATED_PINGS);
  assert.equal(machine.coverage('Pod'), 'broken', 'nor by words that came while nothing could be listed');
});

test('KV17 a stream that is lost is a gap since its last sign of life; what is not streamed says how old it is', () => {
  const machine = new Machine();
  assert.deepEqual(
    announcement(subject, '2026-01-01T00:00:00Z').map((change) => change.type === 'observe' && change.coverage),
    Array(14).fill('loading'),
  );
  machine.whole();
  assert.match(machine.state.shown.get('apps/DaemonSet')?.message ?? '', /every 300 seconds/);
  assert.equal(machine.coverage('Endpoints'), undefined, 'of the two kinds of endpoints only one is told of');
  machine.tell([], 1).feed({ type: 'lost', failure: gone });
  assert.ok(machine.said.length === 15 && machine.said.every((change) => change.type === 'observe'));
  for (const change of machine.said)
    if (change.type === 'observe')
      assert.deepEqual(
        [change.coverage, change.since, change.at],
        ['broken', '2026-01-01T00:00:03.000Z', '2026-01-01T00:00:04.000Z'],
      );
  machine.feed({ type: 'due' }).whole();
  assert.ok(machine.said.length === 15 && machine.said.every((change) => change.type === 'observe' && !change.resumed));
});

test('KV18 a fetch that fails is tried again, later each time; what may not be looked at waits for the next one due', () => {
  const machine = new Machine().feed({ type: 'opened' });
  machine.feed({ type: 'unfetched', failure: { type: 'unreachable', message: 'HTTP 500' } });
  assert.deepEqual([machine.effect, machine.coverage('Pod')], [{ type: 'wait', failures: 1, atLeastMs: 0 }, 'loading']);
  machine.feed({ type: 'due' }).feed({ type: 'unfetched', failure: { ...gone, retryAfterMs: 9 } });
  assert.deepEqual(machine.effect, { type: 'wait', failures: 2, atLeastMs: 9 });
  machine.feed({ type: 'due' }).feed({ type: 'unfetched', failure: { type: 'forbidden', message: 'no' } });
  assert.deepEqual(
    [machine.effect, machine.coverage('Pod')],
    [{ type: 'wait', failures: 0, atLeastMs: 0 }, 'forbidden'],
  );
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body() });
  assert.deepEqual([machine.effect, machine.coverage('Pod')], [{ type: 'wait', failures: 0, atLeastMs: 0 }, 'ready']);
  const lost = new Machine();
  for (const failures of [1, 2, 3]) {
    assert.deepEqual(lost.feed({ type: 'lost', failure: gone }).effect, { type: 'wait', failures, atLeastMs: 0 });
    lost.feed({ type: 'due' });
  }
});

test('KV19 a refresh says every object of the kinds wanted anew, once', () => {
  const lists = { pods: [pod('a', '1')], services: [{ ...pod('web', '2'), kind: 'Service' }] };
  const machine = new Machine().whole(lists);
  assert.equal(machine.feed({ type: 'refresh', wanted: ({ kind }) => kind === 'Pod' }).effect.type, 'fetch');
  assert.equal(machine.feed({ type: 'refresh', wanted: ({ kind }) => kind === 'Pod' }).effect.type, 'none');
  machine.feed({ type: 'fetched', body: body(lists) });
  assert.deepEqual(machine.short, ['+a@1']);
  assert.equal(machine.effect.type, 'fetch', 'asked for while one was under way');
  assert.deepEqual(machine.feed({ type: 'fetched', body: body(lists) }).short, []);
});

test('KV20 what cannot be read is made up for by a fetch, not at once', () => {
  const machine = new Machine().whole();
  assert.deepEqual(machine.tell([], 0, true).effect, { type: 'wait', failures: 1, atLeastMs: 0 });
  machine.feed({ type: 'due' }).tell([], 0, true);
  assert.equal(machine.feed({ type: 'fetched', body: body() }).effect.type, 'fetch');
});

test('KV25 what cannot be read again and again does not put off the fetch, nor hasten one that fails', () => {
  const machine = new Machine().whole().tell([], 0, true);
  assert.equal(machine.effect.type, 'wait');
  assert.equal(machine.tell([], 0, true).effect.type, 'none', 'the fetch is on its way');
  assert.equal(machine.feed({ type: 'due' }).effect.type, 'fetch');
  for (const attempt of [1, 2, 3]) {
    assert.deepEqual(machine.feed({ type: 'unfetched', failure: gone }).effect, {
      type: 'wait',
      failures: attempt,
      atLeastMs: 0,
    });
    assert.deepEqual(machine.tell([], 0, true).effect, { type: 'wait', failures: attempt, atLeastMs: 0 });
    machine.feed({ type: 'due' });
  }
  machine.feed({ type: 'fetched', body: body() });
  assert.deepEqual(machine.tell([], 0, true).effect, { type: 'wait', failures: 1, atLeastMs: 0 });
});

test('KV21 a namespace that is no longer listed is said goodbye to', () => {
  const machine = new Machine().whole({ pods: [pod('a', '1')] }).feed({ type: 'vanish' });
  assert.deepEqual([machine.short[0], machine.short[1], machine.effect.type], ['-a', 'Pod absent', 'end']);
  assert.deepEqual(machine.apply(pod('a', '2')).short, []);
});

test('KV22 objects without a uid are known by their names, and those without a name are left to the graph', () => {
  const plain = (name: string | undefined): object => ({ metadata: { namespace: 'shop', ...(name && { name }) } });
  const machine = new Machine().whole({ pods: [plain('a'), plain(undefined), { metadata: null }, null, 'x'] });
  assert.equal(machine.said.filter(({ type }) => type === 'apply').length, 5);
  assert.ok(machine.said.every((change) => change.type !== 'apply' || change.object.kind === 'Pod'));
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body() });
  assert.deepEqual(machine.short, ['-a']);
  const [first] = machine.said;
  assert.ok(first?.type === 'delete' && first.object.metadata.uid === undefined);
});

test('KV23 kinds that no version told of before are known by what is in their lists', () => {
  const policy = { ...pod('deny', '1'), apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  const machine = new Machine().whole({ networkpolicies: [policy], oddities: [], others: 7 });
  assert.ok(machine.short.includes('+deny@1') && machine.short.includes('NetworkPolicy ready'));
  machine.feed({ type: 'due' }).feed({ type: 'fetched', body: body({ networkpolicies: [] }) });
  assert.deepEqual(machine.short, ['-deny']);
});

test('KV24 one look ends with the fetch, or without it', () => {
  const machine = new Machine({ once: true }).whole({ pods: [pod('a', '1')] });
  assert.deepEqual([machine.effect.type, machine.coverage('Pod')], ['end', 'ready']);
  assert.equal(new Machine({ once: true }).feed({ type: 'lost', failure: gone }).effect.type, 'end');
  const failed = new Machine({ once: true }).feed({ type: 'opened' }).feed({ type: 'unfetched', failure: gone });
  assert.deepEqual([failed.effect.type, failed.coverage('Pod')], ['end', 'loading']);
});

test('KV30 a version of a Secret or ConfigMap has one form, listed or streamed, and no value in it', () => {
  const forms = (kind: string, values: object): KubeObject[] => {
    const listed = { ...pod('x', '1'), kind, data: { password: '*REDACTED*' } };
    const metadata = { ...listed.metadata, managedFields: [{ manager: 'kubectl', time: '2026-01-01T00:00:00Z' }] };
    const streamed = { ...listed, metadata, data: values };
    return [listed, streamed].map((object) => subject.prepare(object));
  };
  for (const kind of ['Secret', 'ConfigMap']) {
    const [listed, streamed] = forms(kind, { password: 'c2VjcmV0' });
    assert.deepEqual(listed, streamed);
    assert.deepEqual(listed?.['data'], { password: UNSEEN });
    assert.deepEqual(redactor('another key')(listed as KubeObject), listed, 'redacted again, it stays');
  }
  const [before, after] = forms('Secret', { password: 'c2VjcmV0', user: 'bWU=' });
  assert.notDeepEqual(before, after, 'a key more is a change');
});
