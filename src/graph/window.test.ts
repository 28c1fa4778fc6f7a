import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzDescriber } from '../../test/fuzz/fuzz-kinds.ts';
import { seededRandom } from '../../test/support/random.ts';
import { describer } from '../kinds/index.ts';
import type { Change, KubeObject } from '../model/change.ts';
import { compareTime } from '../model/time.ts';
import { Graph } from './graph.ts';
import { Window } from './window.ts';

const AT = '2026-01-01T00:00:00Z';
const apply = (object: KubeObject): Change => ({ type: 'apply', at: AT, cluster: 'c', object });
const occur = (id: string, at: string, cluster = 'c'): Change => ({
  type: 'occur',
  at,
  cluster,
  occurrence: {
    id,
    source: 'log',
    severity: 'error',
    subject: { kind: 'A', apiVersion: 't/v1', namespace: 'n', name: 'a' },
  },
});
const second = (number: number): string => `2026-01-01T00:00:${String(number).padStart(2, '0')}Z`;

test('G12 occurrences live in a bounded window: the longest unseen go first', () => {
  const graph = new Graph({ describer: fuzzDescriber, windowMax: 3 });
  const subject = { apiVersion: 't/v1', kind: 'A', metadata: { namespace: 'n', name: 'a' } };
  graph.apply([apply(subject), ...[3, 1, 2, 4].map((number) => occur(`o${number}`, second(number)))]);
  assert.deepEqual([...graph.view.resources({ kind: 'Occurrence' })].map(({ name }) => name).sort(), [
    'log:o2',
    'log:o3',
    'log:o4',
  ]);
  assert.equal(graph.view.edgeCount, 3);
});

test('G13 a cluster full of occurrences takes no room from another', () => {
  const graph = new Graph({ describer: fuzzDescriber, windowMax: 2 });
  graph.apply([occur('quiet', second(1), 'd'), ...[2, 3, 4].map((number) => occur(`o${number}`, second(number)))]);
  assert.deepEqual([...graph.view.resources({ cluster: 'd' })].length, 1);
  assert.deepEqual([...graph.view.resources({ cluster: 'c' })].length, 2);
});

for (let seed = 1; seed <= 20; seed++) {
  test(`G14 what is kept of occurrences does not depend on how changes are batched (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const name = (): string => `o${random.int(12)}`;
    const changes = Array.from({ length: 200 }, (): Change => {
      if (random.chance(0.8)) return occur(name(), second(random.int(60)));
      const ref = { apiVersion: 'v1', kind: 'Event', metadata: { namespace: 'n', name: name() } };
      if (random.chance(0.5)) return { type: 'delete', at: AT, cluster: 'c', object: ref };
      const event = { ...ref, lastTimestamp: second(random.int(60)) };
      return random.chance(0.5)
        ? apply(event)
        : { type: 'reset', at: AT, cluster: 'c', scope: { group: '', kind: 'Event' }, objects: [event] };
    });
    const kept = (batch: number): string[] => {
      const graph = new Graph({ describer, windowMax: 5 });
      for (let start = 0; start < changes.length; start += batch) graph.apply(changes.slice(start, start + batch));
      return [...graph.view.resources()].map(({ id }) => id).sort();
    };
    const oneByOne = kept(1);
    for (const batch of [2, 7, 50, changes.length]) assert.deepEqual(kept(batch), oneByOne, `batches of ${batch}`);
  });
}

test('G12 a window lets go of the same as a sorted list, whatever is seen again or forgotten', () => {
  const random = seededRandom('window');
  const window = new Window(20);
  let sorted: { id: string; at: string }[] = [];
  for (let step = 0; step < 5_000; step++) {
    const id = `e${random.int(60)}`;
    sorted = sorted.filter((each) => each.id !== id);
    if (random.chance(0.2)) window.forget(id);
    else {
      const at = `2026-01-01T00:00:0${random.int(10)}${random.pick(['', '.5', '.50', '.123456789'])}Z`;
      window.see(id, at);
      sorted.push({ id, at });
    }
    sorted.sort((a, b) => compareTime(a.at, b.at) || (a.id < b.id ? -1 : 1));
    assert.equal(window.overflow(), sorted.length > 20 ? sorted.shift()?.id : undefined);
  }
});
