import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describerFor } from '../kinds/describe.ts';
import { kind } from '../kinds/kind.ts';
import { silentLogger } from '../lib/logger.ts';
import type { Change } from '../model/change.ts';
import { openPipeline } from './pipeline.ts';

test('H13 rejections are counted by reason, however many reasons there are', () => {
  const picky = kind({
    group: '',
    name: 'Picky',
    plural: 'pickies',
    namespaced: false,
    summary: (object) => {
      throw new Error(`cannot read ${(object as { data: string }).data}`);
    },
  });
  const { take, rejections } = openPipeline({
    describer: describerFor([picky]),
    epoch: 'e',
    log: silentLogger,
    now: () => 0,
  });
  const change = (data: string): Change => ({
    type: 'apply',
    at: '2026-01-01T00:00:00Z',
    cluster: 'c',
    object: { apiVersion: 'v1', kind: 'Picky', metadata: { name: 'x' }, data },
  });
  take(Array.from({ length: 1_000 }, (_, index) => change(String(index))));
  take([change('0'), change('999')]);
  assert.equal(rejections.count, 1_002);
  assert.equal(rejections.byReason.get('partly read: summary: cannot read 0'), 2);
  assert.equal(rejections.byReason.get('other reasons'), 901);
  assert.equal(rejections.byReason.size, 101);
});
