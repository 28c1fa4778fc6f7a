import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needlessFrames } from './frames.ts';

const MINUTE_US = 60_000_000;

test('HI92 the older frames are, the fewer of them stay, and none that is older than a day', () => {
  let frames: { readonly no: number; readonly at: number }[] = [];
  for (let no = 0; no < 4 * 24 * 3; no++) {
    frames.unshift({ no, at: no * 15 * MINUTE_US });
    const needless = new Set(needlessFrames(frames));
    frames = frames.filter((frame) => !needless.has(frame.no));
  }
  const ages = frames.map(({ at }) => ((frames[0]?.at ?? 0) - at) / MINUTE_US);
  assert.ok(ages.length > 20 && ages.length < 40, `${ages.length} frames`);
  assert.deepEqual(ages.slice(0, 5), [0, 15, 30, 45, 60]);
  assert.ok((ages.at(-1) ?? 0) <= 24 * 60 && (ages.at(-1) ?? 0) > 16 * 60, `${ages.at(-1)} min`);
  for (const [index, age] of ages.slice(1).entries()) {
    const between = age - (ages[index] ?? 0);
    assert.ok(between <= Math.max(15, age / 3), `${between} min between those of ${ages[index]} and ${age} min`);
  }
});
