import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../../test/support/estate.ts';
import { type Explained, IncidentBook, incidentDefaults } from './incidents.ts';

const subject = (title: string) => {
  const [kind = '', namespace = '', name = ''] = title.split('/');
  return { kind, namespace, name, group: '', cluster: 'c', id: `c/${title.toLowerCase()}` };
};

/** `who` suffers because of `root`. */
function explained(who: readonly string[], root?: string, started = 0): Explained {
  return {
    told: {
      severity: 'critical',
      startedAt: at(started),
      title: `${who[0]}`,
      symptoms: who.map((title) => ({ resource: subject(title), reason: 'CrashLoopBackOff', since: at(started) })),
      causes: root ? [{ resource: subject(root), reason: 'Broken', confidence: 0.9 }] : [],
    },
    wholes: who,
    root,
    happenings: [],
  };
}

const states = (book: IncidentBook): string[] =>
  Array.from(book.all(), ({ object: { status } }) => status.state).sort();
const [web, api, db] = ['Deployment/shop/web', 'Deployment/shop/api', 'ConfigMap/shop/db'] as const;

test('IC2 an incident keeps its name while its cause or some of who suffers stay', () => {
  const book = new IncidentBook();
  const [first] = book.take([explained([web])], at(0)).changed;
  const name = first?.object.metadata.name;
  const known = book.take([explained([web, api], db)], at(10)).changed;
  assert.deepEqual(
    known.map(({ object }) => [object.metadata.name, object.spec.root, object.spec.symptomCount]),
    [[name, db, 2]],
  );
  const moved = book.take([explained([api], db, 5)], at(20)).changed;
  assert.deepEqual(
    moved.map(({ object }) => [object.metadata.name, object.spec.startedAt]),
    [[name, at(0)]],
    'it began when it began',
  );
  const [uid] = (moved[0]?.object.spec.symptoms ?? []) as unknown as { resource: { uid?: string } }[];
  assert.equal(uid?.resource.uid, 'deployment/shop/api');
});

test('IC5 a look that says nothing new changes nothing, also when probabilities and evidence differ a little', () => {
  const book = new IncidentBook();
  book.take([explained([web], db)], at(0));
  const same = explained([web], db);
  const causes = same.told.causes.map((cause) => ({ ...cause, confidence: 0.91 }));
  assert.deepEqual(book.take([{ ...same, told: { ...same.told, causes, startedAt: at(3) } }], at(5)).changed, []);
});

test('IC3 two incidents whose cause turns out to be one are merged into the one that fits best', () => {
  const book = new IncidentBook();
  const [one, two] = book.take([explained([web]), explained([api], undefined, 5)], at(6)).changed;
  assert.equal(states(book).join(), 'open,open');
  const merged = book.take([explained([web, api], db)], at(10)).changed;
  assert.equal(states(book).join(), 'open,resolved');
  const ended = merged.find(({ object }) => object.status.state === 'resolved');
  assert.equal(ended?.object.status.mergedInto, one?.object.metadata.name);
  assert.equal(ended?.object.metadata.name, two?.object.metadata.name);
});

test('IC4 one whose symptoms are gone for a while is resolved as of when they went, and reopened when they come back soon', () => {
  const book = new IncidentBook([], { ...incidentDefaults, resolveAfterMs: 60_000, reopenWithinMs: 600_000 });
  const name = book.take([explained([web], db)], at(0)).changed[0]?.object.metadata.name;
  assert.deepEqual(book.take([], at(10)).changed, [], 'quiet for a moment');
  assert.equal(book.due, Date.parse(at(70)));
  assert.deepEqual(book.take([explained([web], db)], at(20)).changed, [], 'back again');
  book.take([], at(30));
  assert.deepEqual(book.take([], at(89)).changed, []);
  const [ended] = book.take([], at(90)).changed;
  assert.deepEqual(
    [ended?.object.status.state, ended?.object.status.endedAt, book.due],
    ['resolved', at(30), undefined],
  );
  const [back] = book.take([explained([web], db, 200)], at(200)).changed;
  assert.deepEqual([back?.object.metadata.name, back?.object.status], [name, { state: 'open', reopened: 1 }]);
  book.take([], at(300));
  book.take([], at(400));
  const [late] = book.take([explained([web], db, 2_000)], at(2_000)).changed;
  assert.notEqual(late?.object.metadata.name, name, 'long after it is another');
});

test('IC7 people acknowledge, resolve and reopen; what they say stays while the symptoms last', () => {
  const book = new IncidentBook();
  const name = book.take([explained([web], db)], at(0)).changed[0]?.object.metadata.name ?? '';
  assert.deepEqual(book.change(name, { state: 'acknowledged', by: 'ada', note: 'n' }, at(1))?.object.status, {
    state: 'acknowledged',
    acknowledgedAt: at(1),
    acknowledgedBy: 'ada',
    note: 'n',
  });
  assert.equal(book.take([explained([web, api], db)], at(2)).changed[0]?.object.status.acknowledgedBy, 'ada');
  assert.deepEqual(book.change(name, { state: 'resolved', by: 'bob' }, at(3))?.object.status.resolvedBy, 'bob');
  assert.equal(book.take([explained([web, api], db)], at(4)).changed[0]?.object.status.state, 'open', 'it is not over');
  assert.equal(book.change('nobody', { state: 'open' }, at(5)), undefined);
});

test('IC6 resolved ones are kept up to a number, the latest', () => {
  const book = new IncidentBook([], { resolveAfterMs: 1_000, reopenWithinMs: 0, keptMax: 3 });
  let dropped = 0;
  for (let round = 0; round < 10; round++) {
    book.take([explained([`Deployment/shop/w${round}`], db)], at(round * 100));
    book.take([], at(round * 100 + 10));
    dropped += book.take([], at(round * 100 + 20)).dropped.length;
  }
  assert.deepEqual([states(book).length, dropped], [3, 7]);
});
