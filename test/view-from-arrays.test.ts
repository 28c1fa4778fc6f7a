import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../src/model/resource.ts';
import { viewFromArrays } from './support/view-from-arrays.ts';

test('G19 a fixed view counts no computed edges, as the live one', () => {
  const resource = (name: string): Resource => ({
    ...{ id: `c/${name}`, cluster: 'c', group: '', kind: 'Pod', namespace: 'n', name, uid: name, pseudo: false },
    ...{ labels: {}, summary: {}, health: { status: 'unknown' } },
  });
  const detail = { rule: 'r', field: 'f', class: 'exact', confidence: 1 } as const;
  const edges = ['NEAR', 'MOUNTS'].map((type) => ({ type, from: 'c/a', to: 'c/b', detail }));
  const view = viewFromArrays({ resources: [resource('a'), resource('b')], edges });
  assert.equal([...view.out('c/a')].length, 2);
  assert.equal(view.edgeCount, 1);
  assert.deepEqual(
    [view.degree('c/a'), view.degree('c/b')],
    [
      { out: 1, in: 0 },
      { out: 0, in: 1 },
    ],
  );
});
