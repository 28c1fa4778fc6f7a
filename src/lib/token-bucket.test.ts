import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

test('LG10 a bucket gives what it holds at once, then so much a second, and a debt is waited for', () => {
  const bucket = new TokenBucket(10, 20, 0);
  assert.equal(bucket.wait(0), 0);
  bucket.take(40, 0);
  assert.equal(bucket.wait(0), 2_100);
  assert.equal(bucket.wait(2_000), 100);
  assert.equal(bucket.wait(2_100), 0);
  bucket.take(1, 2_100);
  assert.equal(bucket.wait(1_000), 100, 'time does not step back');
  bucket.take(20, 100_000);
  assert.equal(bucket.wait(100_000), 100, 'no more is saved than it holds');
});
