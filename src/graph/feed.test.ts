import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Commit } from '../model/commit.ts';
import { emptyDiff } from '../model/diff.ts';
import { Feed } from './feed.ts';

const commit = (number: number, entries = 1): Commit => ({
  number,
  at: '2026-01-01T00:00:00Z',
  changes: [],
  rejected: [],
  diff: { resources: { ...emptyDiff, added: Array.from({ length: entries }, () => ({}) as never) }, edges: emptyDiff },
});
const followed = (options: { epoch: string; entriesMax?: number }): Feed => {
  const feed = new Feed(options);
  feed.subscribe(() => undefined)();
  return feed;
};
const numbers = (feed: Feed, revision: string) => {
  const since = feed.since(revision);
  return since.type === 'gone' ? 'gone' : since.entries.map(({ number }) => number);
};

test('F1 a follower gets exactly what came after its revision', () => {
  const feed = followed({ epoch: 'e' });
  for (const number of [1, 2, 3]) feed.publish(commit(number));
  assert.equal(feed.head, 3);
  assert.deepEqual(numbers(feed, 'e:0'), [1, 2, 3]);
  assert.deepEqual(numbers(feed, 'e:2'), [3]);
  assert.deepEqual(numbers(feed, 'e:3'), []);
});

test('F2 another epoch, the future and nonsense are gone', () => {
  const feed = followed({ epoch: 'e' });
  feed.publish(commit(1));
  for (const revision of ['x:1', 'e:2', 'e:-1', 'e:1.5', 'e:', '', 'nonsense'])
    assert.equal(numbers(feed, revision), 'gone');
});

test('F3 the window is bounded by diff entries; what fell out is gone', () => {
  const feed = followed({ epoch: 'e', entriesMax: 10 });
  for (let number = 1; number <= 6; number++) feed.publish(commit(number, 3));
  assert.equal(numbers(feed, 'e:2'), 'gone');
  assert.deepEqual(numbers(feed, 'e:3'), [4, 5, 6]);
  feed.publish(commit(7, 50));
  assert.equal(numbers(feed, 'e:6'), 'gone');
  assert.deepEqual(numbers(feed, 'e:7'), []);
});

test('F6 after a commit that was lost, what came before it is gone', () => {
  const feed = followed({ epoch: 'e' });
  const failing = {
    ...commit(3),
    get diff(): never {
      throw new Error('cannot be made');
    },
  };
  for (const number of [1, 2]) feed.publish(commit(number));
  assert.throws(() => feed.publish(failing), /cannot be made/);
  assert.equal(feed.head, 2, 'what cannot be told is not there');
  feed.publish(commit(4));
  assert.equal(numbers(feed, 'e:2'), 'gone');
  assert.equal(numbers(feed, 'e:1'), 'gone');
  assert.deepEqual(numbers(feed, 'e:3'), [4]);
  feed.publish(commit(5));
  assert.deepEqual(numbers(feed, 'e:4'), [5]);
});

test('F4 subscribers hear every commit until they leave', () => {
  const feed = new Feed({ epoch: 'e' });
  const heard: number[] = [];
  const leave = feed.subscribe(({ number }) => heard.push(number));
  feed.publish(commit(1));
  leave();
  feed.publish(commit(2));
  assert.deepEqual(heard, [1]);
});

test('F5 before the first follower nothing is kept and no diff is made', () => {
  const feed = new Feed({ epoch: 'e' });
  const unread = {
    ...commit(1),
    get diff(): never {
      throw new Error('nobody needs it');
    },
  };
  feed.publish(unread);
  assert.equal(feed.head, 1);
  assert.equal(numbers(feed, 'e:0'), 'gone');
  assert.deepEqual(numbers(feed, 'e:1'), []);
});
