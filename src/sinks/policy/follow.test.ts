import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../test/support/random.ts';
import { viewFromArrays } from '../../../test/support/view-from-arrays.ts';
import { Feed } from '../../graph/feed.ts';
import { emptyDiff, type GraphDiff, settle } from '../../model/diff.ts';
import type { Edge } from '../../model/edge.ts';
import type { Sink } from '../../model/sink.ts';
import { follower } from './follow.ts';

const edge = (to: string, field: string): Edge => ({
  type: 'OWNS',
  from: 'a',
  to,
  detail: { rule: 'r', field, class: 'exact', confidence: 1 },
});
const diff = (edges: Partial<GraphDiff['edges']>): GraphDiff => ({
  resources: emptyDiff,
  edges: { ...emptyDiff, ...edges },
});

test('Y13 a settled diff names as removed what came and went, and as it is what changed and changed back', () => {
  const [first, second] = [edge('b', '1'), edge('b', '2')];
  assert.deepEqual(settle([diff({ added: [first] }), diff({ removed: [first] })]).edges, {
    ...emptyDiff,
    removed: [first],
  });
  const back = [diff({ updated: [{ from: first, to: second }] }), diff({ updated: [{ from: second, to: first }] })];
  assert.deepEqual(settle(back).edges, { ...emptyDiff, updated: [{ from: first, to: first }] });
});

test('Y13 a settled diff leads from every state on the way to the last', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const states: ReadonlyMap<string, Edge>[] = [new Map()];
    const diffs: GraphDiff[] = [];
    for (let step = 0; step < 8; step++) {
      const next = new Map(states.at(-1));
      const to = String(random.int(4));
      const before = next.get(to);
      const made = edge(to, String(random.int(3)));
      if (before && random.chance(0.5)) {
        next.delete(to);
        diffs.push(diff({ removed: [before] }));
      } else {
        next.set(to, made);
        diffs.push(before ? diff({ updated: [{ from: before, to: made }] }) : diff({ added: [made] }));
      }
      states.push(next);
    }
    const { added, updated, removed } = settle(diffs).edges;
    for (const state of states) {
      const reached = new Map(state);
      for (const { to } of removed) reached.delete(to);
      for (const value of [...added, ...updated.map((change) => change.to)]) reached.set(value.to, value);
      assert.deepEqual(new Map([...reached].sort()), new Map([...(states.at(-1) ?? [])].sort()), `seed ${seed}`);
    }
  }
});

test('Y12 a follower replaces once, writes what came since, says how far it is, and begins again when the feed no longer reaches back', async () => {
  const feed = new Feed({ epoch: 'e', entriesMax: 2 });
  const publish = (number: number, size: number): void => {
    const added = Array.from({ length: size }, (_, index) => edge(`${number}-${index}`, 'f'));
    feed.publish({ number, at: '2026-11-20T10:00:00Z', changes: [], diff: diff({ added }), rejected: [] });
  };
  const told: string[] = [];
  const stop = new AbortController();
  const sink: Sink = {
    name: 'notes',
    replace: async (_, generation) => {
      told.push(`replace ${generation}`);
      if (generation === 1) publish(1, 1);
    },
    write: async ({ edges }) => {
      told.push(`write ${edges.added.length}`);
      if (told.length < 4) for (const number of [2, 3, 4]) publish(number, 1);
    },
    close: async () => {},
  };
  await follower(viewFromArrays({ resources: [] }), feed)(sink, stop.signal, (revision) => {
    told.push(`reached ${revision}`);
    if (revision === 4) stop.abort();
  });
  assert.deepEqual(told, ['replace 1', 'write 1', 'reached 1', 'replace 2', 'reached 4']);
});
