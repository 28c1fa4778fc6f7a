/** Happenings that are alike, and words that mean them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../model/resource.ts';
import { alike, wordsOf, wordsOfText } from './similarity.ts';

const subject = { kind: 'Pod' } as Resource;
const happened = (reason: string, message: string) => ({ reason, message, subject });
const all = [
  happened('OOMKilling', 'Memory cgroup out of memory: Killed process 4711 (java)'),
  happened('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503'),
  happened('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500'),
  happened('FailedScheduling', '0/3 nodes are available: 3 Insufficient cpu.'),
  happened('Failed', 'Error: secret "db-credentials" not found'),
];
const like = (text: string): readonly string[] => alike(wordsOfText(text), all, wordsOf).map(({ item }) => item.reason);

test('RW9 words find what is called otherwise, by its canonical type and by what it is about', () => {
  assert.equal(like('health check failed')[0], 'Unhealthy');
  assert.equal(like('memory exhaustion')[0], 'OOMKilling');
  assert.equal(like('container_oom_killed')[0], 'OOMKilling');
  assert.equal(like('pod cannot be scheduled, insufficient cpu')[0], 'FailedScheduling');
  assert.deepEqual(like('zebra'), []);
});

test('RW9 numbers and digests make no difference; the same words are 1, and each result says what is shared', () => {
  const [first, second] = alike(wordsOf(all[1] ?? assert.fail()), all.slice(1, 4), wordsOf);
  assert.equal(first?.item, all[1]);
  assert.ok(Math.abs((first?.similarity ?? 0) - 1) < 1e-9);
  assert.equal(second?.item, all[2]);
  assert.ok((second?.similarity ?? 0) > 0.5);
  assert.ok(first?.shared.includes('probe'));
  const pods = ['web-7d9f8b6c5-x2x4z', 'web-5c8d4ffcb8-bcdfg'].map((name) =>
    happened('BackOff', `back-off of ${name}`),
  );
  const [one, other] = alike(wordsOf(pods[0] ?? assert.fail()), pods, wordsOf);
  assert.equal(one?.similarity, 1);
  assert.ok((other?.similarity ?? 0) > 0.85);
});
