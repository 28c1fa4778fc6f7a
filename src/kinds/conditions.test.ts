import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionHealth, conditionsOf } from './conditions.ts';

const types = { good: ['Ready', 'Synced'], bad: ['Stalled'], worrying: ['Degraded'] };
const object = (...conditions: readonly (readonly [type: string, status: string, reason?: string])[]) => ({
  status: { conditions: conditions.map(([type, status, reason]) => ({ type, status, ...(reason && { reason }) })) },
});

const cases = [
  ['all good ones True', object(['Ready', 'True'], ['Synced', 'True']), 'healthy'],
  ['one good one False', object(['Ready', 'True'], ['Synced', 'False', 'ReconcileError']), 'critical ReconcileError'],
  ['a good one False without a reason', object(['Ready', 'False']), 'critical NotReady'],
  ['a bad one True', object(['Ready', 'True'], ['Stalled', 'True']), 'critical Stalled'],
  ['a bad one False', object(['Ready', 'True'], ['Stalled', 'False']), 'healthy'],
  ['a good one Unknown', object(['Ready', 'Unknown', 'Progressing']), 'warning Progressing'],
  ['a worrying one True', object(['Ready', 'True'], ['Degraded', 'True', 'SlowDisk']), 'warning SlowDisk'],
  ['others only', object(['Other', 'False']), 'unknown'],
  ['no conditions', {}, 'unknown'],
] as const;

for (const [name, value, expected] of cases) {
  test(`K54 health follows the conditions: ${name}`, () => {
    const { status, reason } = conditionHealth(value, types);
    assert.equal([status, reason].filter(Boolean).join(' '), expected);
  });
}

test('K54 health follows the conditions: malformed ones are left out', () => {
  assert.deepEqual(conditionsOf({ status: { conditions: [null, 'Ready', { status: 'True' }] } }), []);
  assert.deepEqual(conditionsOf({ status: { conditions: 'Ready' } }), []);
  assert.deepEqual(conditionsOf(null), []);
});
