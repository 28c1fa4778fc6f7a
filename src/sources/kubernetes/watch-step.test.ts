import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, KubeObject } from '../../model/change.ts';
import type { RawObject } from '../raw-object.ts';
import type { Failure, FailureType } from './failure.ts';
import { firstState } from './watch-draft.ts';
import type { Effect, Input, State, Step, Subject } from './watch-state.ts';
import { step } from './watch-step.ts';

const subject: Subject = {
  cluster: 'c',
  resource: { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  pageSize: 500,
  streamed: false,
  once: false,
  prepare: (raw) => ({ ...raw, apiVersion: 'apps/v1', kind: 'Deployment' }) as KubeObject,
};

const object = (name: string, version: string, uid = `uid-${name}`): RawObject => ({
  metadata: { name, namespace: 'n', uid, resourceVersion: version },
});
const added = (name: string, version: string, uid?: string): object => ({
  type: 'ADDED',
  object: object(name, version, uid),
});
const modified = (name: string, version: string): object => ({ type: 'MODIFIED', object: object(name, version) });
const deleted = (name: string, version: string, uid?: string): object => ({
  type: 'DELETED',
  object: object(name, version, uid),
});
const bookmark = (resourceVersion: string, annotations?: Record<string, string>): object => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion, annotations } },
});
const errorLine = (code: number, message = 'no', reason?: string): object => ({
  type: 'ERROR',
  object: { code, message, reason },
});
const listEnd = { 'k8s.io/initial-events-end': 'true' };

type Plain = Input extends infer I ? (I extends Input ? Omit<I, 'at'> : never) : never;

/** A machine under test: feeds inputs, a second apart, and keeps what was said. */
class Machine {
  state: State;
  said: Change[] = [];
  effect: Effect = { type: 'end' };
  #second = 0;
  readonly #subject: Subject;

  constructor(options: Partial<Subject> = {}, known?: State['known']) {
    this.#subject = { ...subject, ...options };
    this.state = firstState(this.#subject, known);
    this.feed({ type: 'start' });
  }

  feed(input: Plain): this {
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, this.#second++)).toISOString();
    const result: Step = step(this.#subject, this.state, { ...input, at } as Input);
    this.state = result.state;
    this.said = [...result.changes];
    this.effect = result.effect;
    return this;
  }

  page(items: RawObject[], more: { version?: string; token?: string } = {}): this {
    return this.feed({
      type: 'page',
      items,
      version: more.version,
      ...(more.token !== undefined && { token: more.token }),
    });
  }

  /** Listed a and b at resourceVersion 10, the watch open and accepted. */
  watching(): this {
    this.page([object('a', '1'), object('b', '2')], { version: '10' });
    return this.feed({ type: 'opened' }).feed({ type: 'quiet' });
  }

  lines(...lines: object[]): this {
    return this.feed({ type: 'lines', lines });
  }

  fails(type: FailureType, more: Partial<Failure> & { livedMs?: number } = {}): this {
    const { livedMs = 0, ...failure } = more;
    return this.feed({ type: 'failed', livedMs, failure: { type, message: `is ${type}`, ...failure } });
  }

  /** What was said by the last step, in short. */
  get short(): string[] {
    return this.said.map((change) => {
      switch (change.type) {
        case 'apply':
          return `apply ${change.object.metadata?.name}@${change.object.metadata?.resourceVersion}`;
        case 'delete':
          return `delete ${change.object.metadata.name} ${change.object.metadata.uid}`;
        case 'observe':
          return `${change.coverage}${change.since ? ` since ${change.since.slice(17, 19)}` : ''}${change.resumed ? ' resumed' : ''}`;
        default:
          return change.type;
      }
    });
  }

  get does(): string {
    const { effect } = this;
    switch (effect.type) {
      case 'list':
        return `list ${effect.limit}${effect.token === undefined ? '' : ` from ${effect.token}`}`;
      case 'watch':
        return `watch ${effect.version ?? 'everything'}`;
      case 'sleep':
        return `sleep ${effect.slow ? 'long' : effect.attempt}${effect.atLeastMs > 0 ? ` at least ${effect.atLeastMs}` : ''}`;
      default:
        return effect.type;
    }
  }
}

test('L1 a list is read page by page, then followed from exactly where it was made', () => {
  const machine = new Machine();
  assert.deepEqual([machine.short, machine.does], [['loading'], 'list 500']);
  machine.page([object('a', '1')], { version: '10', token: 't1' });
  assert.deepEqual([machine.short, machine.does], [['apply a@1'], 'list 500 from t1']);
  machine.page([object('b', '2')], { version: '10' });
  assert.deepEqual([machine.short, machine.does], [['apply b@2', 'ready'], 'watch 10']);
  assert.equal(machine.feed({ type: 'opened' }).does, 'read');
  assert.deepEqual([machine.feed({ type: 'quiet' }).short, machine.does], [[], 'read']);
});

test('L2 events become changes and move the position; what is known in that version is not said again', () => {
  const machine = new Machine().watching();
  machine.lines(added('c', '11'), modified('a', '12'), deleted('b', '13'));
  assert.deepEqual(machine.short, ['apply c@11', 'apply a@12', 'delete b uid-b']);
  assert.deepEqual(machine.lines(modified('a', '12'), deleted('b', '13'), bookmark('20')).short, []);
  assert.equal(machine.feed({ type: 'closed', livedMs: 300_000 }).does, 'watch 20');
  assert.deepEqual(machine.short, []);
});

test('L3 a 410 in the watch lists again as a diff: changed, new and vanished are said, unchanged are not', () => {
  for (const gone of [(m: Machine) => m.lines(errorLine(410)), (m: Machine) => m.fails('gone')]) {
    const machine = new Machine().watching();
    machine.lines(added('c', '11'));
    gone(machine);
    assert.deepEqual([machine.short, machine.does], [['broken since 04'], 'list 500']);
    machine.page([object('a', '1'), object('b', '30')], { version: '40', token: 't' });
    assert.deepEqual(machine.short, ['apply b@30']);
    machine.page([object('d', '31')], { version: '40' });
    assert.deepEqual([machine.short, machine.does], [['apply d@31', 'delete c uid-c', 'ready'], 'watch 40']);
  }
});

test('L4 a 410 between two pages begins the list anew, and what vanished meanwhile is still found', () => {
  const machine = new Machine();
  machine.page([object('a', '1'), object('b', '2')], { version: '10', token: 't1' });
  assert.deepEqual([machine.fails('gone').short, machine.does], [[], 'list 500']);
  machine.page([object('a', '1')], { version: '12', token: 't2' });
  assert.deepEqual(machine.short, [], 'a was said already');
  assert.deepEqual(machine.fails('gone').does, 'sleep 1', 'again and again: not in a hurry');
  machine.feed({ type: 'wake' });
  assert.deepEqual(machine.page([object('c', '3')], { version: '13' }).short, [
    'apply c@3',
    'delete a uid-a',
    'delete b uid-b',
    'ready',
  ]);
});

test('L5 deleted and made again under one name is another object', () => {
  const machine = new Machine().watching();
  machine.lines(deleted('a', '11', 'uid-a'), added('a', '12', 'uid-a2'));
  assert.deepEqual(machine.short, ['delete a uid-a', 'apply a@12']);
  machine.fails('gone').page([object('a', '30', 'uid-a3'), object('b', '2')], { version: '30' });
  assert.deepEqual(machine.short, ['apply a@30', 'delete a uid-a2', 'ready']);
});

test('L6 a watch that breaks is taken up where it was, at once and silently; when that fails, it is broken since its last sign of life', () => {
  const machine = new Machine().watching();
  machine.lines(added('c', '11'));
  assert.deepEqual([machine.fails('unreachable', { livedMs: 9_000 }).short, machine.does], [[], 'watch 11']);
  assert.deepEqual([machine.fails('unreachable').short, machine.does], [['broken since 04'], 'sleep 1']);
  assert.equal(machine.feed({ type: 'wake' }).does, 'watch 11');
  assert.deepEqual([machine.fails('unreachable').short, machine.does], [[], 'sleep 2']);
  machine.feed({ type: 'wake' });
  assert.deepEqual(machine.feed({ type: 'opened' }).short, [], 'open is not accepted');
  assert.deepEqual(machine.lines(added('d', '12')).short, ['apply d@12', 'ready resumed']);
});

test('L7 taken up after it was broken, it says that nothing was missed; only a list makes a gap', () => {
  const resumed = new Machine().watching().fails('unreachable').feed({ type: 'wake' });
  resumed.feed({ type: 'opened' });
  assert.deepEqual(resumed.feed({ type: 'quiet' }).short, ['ready resumed']);
  const lost = new Machine().watching().fails('unreachable').feed({ type: 'wake' }).feed({ type: 'opened' });
  assert.deepEqual([lost.lines(errorLine(410)).short, lost.does], [['broken'], 'list 500']);
  assert.deepEqual(lost.page([object('a', '1'), object('b', '2')], { version: '50' }).short, ['ready']);
});

test('L8 history that is gone again and again is listed at once the first time only, until a watch held', () => {
  const machine = new Machine().watching();
  assert.equal(machine.fails('gone').does, 'list 500');
  machine.page([], { version: '20' }).feed({ type: 'opened' });
  assert.equal(machine.lines(errorLine(410)).does, 'sleep 1');
  machine.feed({ type: 'wake' }).page([], { version: '21' }).feed({ type: 'opened' }).feed({ type: 'quiet' });
  assert.equal(machine.lines(errorLine(410)).does, 'list 500');
});

test('L9 forbidden to list is shown and looked at again after a long pause; what was known is kept', () => {
  const fresh = new Machine();
  assert.deepEqual([fresh.fails('forbidden').short, fresh.does], [['forbidden'], 'sleep long']);
  assert.equal(fresh.feed({ type: 'wake' }).does, 'list 500');
  const later = new Machine().watching().fails('gone').fails('forbidden');
  assert.deepEqual([later.short, later.state.known.size], [['forbidden'], 2]);
  later.feed({ type: 'wake' });
  assert.deepEqual(later.page([object('a', '1')], { version: '50' }).short, ['delete b uid-b', 'ready']);
});

test('L10 allowed to list and not to watch is listed again now and then, and never called ready', () => {
  const machine = new Machine().page([object('a', '1')], { version: '10' });
  assert.deepEqual([machine.fails('forbidden').short, machine.does], [['broken since 01'], 'list 500']);
  assert.deepEqual([machine.page([object('a', '1')], { version: '11' }).short, machine.does], [['broken'], 'watch 11']);
  assert.equal(machine.fails('forbidden').does, 'sleep long');
  machine.feed({ type: 'wake' }).page([object('a', '7')], { version: '12' });
  assert.deepEqual(machine.short, ['apply a@7', 'broken']);
  machine.feed({ type: 'opened' });
  assert.deepEqual(machine.feed({ type: 'quiet' }).short, ['ready'], 'allowed at last; the time before stays a gap');
});

test('L11 a kind that is not served is absent, and broken when it was served before; only discovery declares its objects gone', () => {
  const never = new Machine().fails('not-found');
  assert.deepEqual([never.short, never.does], [['absent'], 'sleep 1']);
  const once = new Machine().watching().fails('not-found');
  assert.deepEqual([once.short, once.does], [['broken since 03'], 'sleep 1']);
  once.feed({ type: 'wake' }).fails('not-found');
  assert.equal(once.state.known.size, 2);
  once.feed({ type: 'vanish' });
  assert.deepEqual([once.short, once.does], [['delete a uid-a', 'delete b uid-b', 'absent'], 'end']);
  assert.equal(once.feed({ type: 'wake' }).does, 'end', 'over is over');
});

test('L12 a server that is busy is left alone for as long as it asks, and then asked for the same', () => {
  const listing = new Machine().page([], { version: '1', token: 't' }).fails('busy', { retryAfterMs: 7_000 });
  assert.equal(listing.does, 'sleep 1 at least 7000');
  assert.equal(listing.feed({ type: 'wake' }).does, 'list 500 from t');
  const watching = new Machine().watching().fails('busy', { retryAfterMs: 3_000, livedMs: 9_000 });
  assert.deepEqual([watching.short, watching.does], [['broken since 03'], 'sleep 1 at least 3000']);
  assert.equal(watching.feed({ type: 'wake' }).does, 'watch 10');
});

test('L13 a list that cannot be read goes on from the same page, waiting longer each time, and says why', () => {
  const machine = new Machine().page([object('a', '1')], { version: '10', token: 't' });
  for (const [attempt, type] of (['unreachable', 'unauthorized', 'unreachable'] as const).entries()) {
    assert.deepEqual([machine.fails(type).short, machine.does], [['loading'], `sleep ${attempt + 1}`]);
    assert.equal(machine.feed({ type: 'wake' }).does, 'list 500 from t');
  }
});

test('L14 a token that the server does not take, or an answer that is none, begins the list anew', () => {
  for (const type of ['refused', 'malformed'] as const) {
    const machine = new Machine().page([object('a', '1')], { version: '10', token: 't' }).fails(type);
    assert.deepEqual([machine.short, machine.does], [['loading'], 'sleep 1']);
    assert.equal(machine.feed({ type: 'wake' }).does, 'list 500');
  }
});

test('L15 a page that is too large is asked for in smaller ones, down to single objects', () => {
  const machine = new Machine().page([], { version: '1', token: 't' });
  const asked = [1, 2, 3, 4].map(() => machine.fails('too-large').does);
  assert.deepEqual(asked, ['list 62 from t', 'list 7 from t', 'list 1 from t', 'sleep long']);
});

test('L16 a line that cannot be used is asked for again; when it is the first one again, everything is listed', () => {
  for (const bad of [errorLine(500), { type: 'SURPRISE' }, null] as object[]) {
    const machine = new Machine().watching();
    machine.lines(added('c', '11'), bad, added('d', '12'));
    assert.equal(machine.short[0], 'apply c@11');
    assert.ok(!machine.short.includes('apply d@12'));
    assert.equal(machine.does, 'watch 11');
    machine.feed({ type: 'opened' });
    assert.equal(machine.lines(bad).does, 'list 500');
    assert.deepEqual(machine.page([object('a', '1'), object('b', '2'), object('c', '14')], { version: '20' }).short, [
      'apply c@14',
      'ready',
    ]);
  }
});

test('L17 a watch that ends at once and says nothing is a failure, or a broken proxy would be asked a thousand times a second', () => {
  const machine = new Machine().watching();
  assert.deepEqual(
    [machine.feed({ type: 'closed', livedMs: 20 }).short, machine.does],
    [['broken since 03'], 'sleep 1'],
  );
  const useful = new Machine().watching().lines(bookmark('15'));
  assert.equal(useful.feed({ type: 'closed', livedMs: 20 }).does, 'watch 15');
});

test('L18 a list without resourceVersion cannot be followed: it is listed again now and then, as a diff', () => {
  const machine = new Machine().page([object('a', '1'), object('b', '1')]);
  assert.deepEqual([machine.short, machine.does], [['apply a@1', 'apply b@1', 'broken'], 'sleep long']);
  assert.deepEqual(machine.feed({ type: 'wake' }).page([object('a', '1')]).short, ['delete b uid-b']);
});

test('L19 a streamed list is complete with its bookmark, and is a diff as well', () => {
  const machine = new Machine({ streamed: true });
  assert.deepEqual([machine.short, machine.does], [['loading'], 'watch everything']);
  machine.feed({ type: 'opened' });
  assert.deepEqual(machine.lines(added('a', '1'), added('b', '2')).short, ['apply a@1', 'apply b@2']);
  machine.lines(bookmark('9'), bookmark('10', listEnd), modified('a', '11'));
  assert.deepEqual([machine.short, machine.does], [['ready', 'apply a@11'], 'read']);
  machine.fails('gone').feed({ type: 'opened' });
  assert.deepEqual(machine.lines(added('a', '11'), added('c', '12'), bookmark('30', listEnd)).short, [
    'apply c@12',
    'delete b uid-b',
    'ready',
  ]);
  assert.equal(machine.feed({ type: 'closed', livedMs: 9_000 }).does, 'watch 30');
});

test('L20 what a server does not stream is listed by pages: not offered, not allowed, broken off', () => {
  for (const type of ['refused', 'forbidden', 'malformed', 'too-large', 'gone', 'not-found'] as const) {
    const machine = new Machine({ streamed: true }).fails(type);
    assert.deepEqual([machine.short, machine.does], [[], 'list 500'], type);
  }
  const broken = new Machine({ streamed: true }).feed({ type: 'opened' }).lines(added('a', '1'));
  assert.equal(broken.feed({ type: 'closed', livedMs: 5 }).does, 'list 500');
  const down = new Machine({ streamed: true }).fails('unreachable');
  assert.deepEqual([down.short, down.does], [['loading'], 'sleep 1']);
  assert.equal(down.feed({ type: 'wake' }).does, 'watch everything', 'a server that is down may stream when it is up');
});

test('L21 a refresh lists again whatever goes on, says every object anew, and owns up to the moment it did not look', () => {
  const machine = new Machine().watching();
  assert.deepEqual([machine.feed({ type: 'refresh' }).short, machine.does], [['broken since 04'], 'list 500']);
  assert.deepEqual(machine.page([object('a', '1')], { version: '50', token: 't' }).short, ['apply a@1']);
  machine.fails('gone');
  assert.deepEqual(
    machine.page([object('a', '1'), object('b', '2')], { version: '51' }).short,
    ['apply b@2', 'ready'],
    'also through a list that begins anew',
  );
  const waiting = new Machine().fails('unreachable');
  assert.equal(waiting.feed({ type: 'refresh' }).does, 'list 500');
});

test('L22 one look ends with the list', () => {
  const paged = new Machine({ once: true }).page([object('a', '1')], { version: '10' });
  assert.deepEqual([paged.short, paged.does], [['apply a@1', 'ready'], 'end']);
  const streamed = new Machine({ once: true, streamed: true }).feed({ type: 'opened' });
  streamed.lines(added('a', '1'), bookmark('10', listEnd), added('late', '11'));
  assert.deepEqual([streamed.short, streamed.does], [['apply a@1', 'ready'], 'end']);
});

test('L23 what is known from before is not said again, and its end is', () => {
  const before = new Machine().watching().state.known;
  const machine = new Machine({}, before).page([object('b', '2'), object('c', '3')], { version: '60' });
  assert.deepEqual(machine.short, ['apply c@3', 'delete a uid-a', 'ready']);
});

test('L24 broken objects are handed on for the graph to reject, and never stop the rest', () => {
  const machine = new Machine();
  const items = [null, 7, 'x', {}, { metadata: null }, { metadata: { name: 'no-uid', uid: 7 } }, object('a', '1')];
  machine.page(items as RawObject[], { version: '10' });
  assert.equal(machine.said.filter(({ type }) => type === 'apply').length, items.length);
  machine.feed({ type: 'opened' });
  machine.lines({ type: 'ADDED' }, { type: 'DELETED' }, { type: 'DELETED', object: { metadata: { name: 'no-uid' } } });
  assert.deepEqual(machine.short.at(-1), 'delete no-uid undefined');
  assert.equal(machine.does, 'read');
});

test('L25 a storm of bookmarks says nothing and moves the position', () => {
  const machine = new Machine().watching();
  const storm = Array.from({ length: 10_000 }, (_, index) => bookmark(String(100 + index)));
  assert.deepEqual(machine.lines(...storm).short, []);
  assert.equal(machine.feed({ type: 'closed', livedMs: 9_000 }).does, 'watch 10099');
});
