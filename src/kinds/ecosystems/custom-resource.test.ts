import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, healthBy, healthByPhase } from './custom-resource.ts';

const withCondition = (type: string, status: string, more: object = {}): object => ({
  status: { conditions: [{ type, status, ...more }] },
});

test('K61 a column reads a path, a list, a condition or its reason, and leaves out what is not there', () => {
  const summary = columns({
    secret: 'spec.secretName',
    hosts: 'spec.hosts',
    none: 'spec.hosts.first',
    object: 'spec',
    ready: '@Ready',
    reason: '@Ready.reason',
    absent: '@Synced',
    count: (object) => Object.keys(object as object).length,
  });
  const object = {
    spec: { secretName: 'tls', hosts: ['a', 'b'] },
    status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Pending' }] },
  };
  assert.deepEqual(summary(object), {
    secret: 'tls',
    hosts: 'a,b',
    none: undefined,
    object: undefined,
    ready: 'False',
    reason: 'Pending',
    absent: undefined,
    count: 2,
  });
  assert.deepEqual(columns({ empty: 'spec.list' })({ spec: { list: [] } }), { empty: undefined });
});

test('K62 a good condition that is False is no fault while work is under way, but a bad one always is', () => {
  const health = healthBy({
    good: ['Ready'],
    bad: ['Stalled'],
    progressing: ['Reconciling'],
    progressingReasons: ['Waiting'],
  });
  const both = (reason: string, other: string): object => ({
    status: {
      conditions: [
        { type: 'Ready', status: 'False', reason },
        { type: other, status: 'True', reason: 'Because' },
      ],
    },
  });
  assert.deepEqual(health(withCondition('Ready', 'True')), { status: 'healthy' });
  assert.equal(health(withCondition('Ready', 'False', { reason: 'Broken' })).status, 'critical');
  assert.deepEqual(health(withCondition('Ready', 'False', { reason: 'Waiting' })), {
    status: 'warning',
    reason: 'Waiting',
  });
  assert.equal(health(both('Broken', 'Reconciling')).status, 'warning');
  assert.deepEqual(health(both('Waiting', 'Stalled')), { status: 'critical', reason: 'Because' });
  assert.equal(health({}).status, 'unknown');
});

test('K62 a phase is its own reason unless it is well; an unheard-of one is unknown', () => {
  const health = healthByPhase('status.state', { valid: 'healthy', invalid: 'critical' }, 'status.why');
  assert.deepEqual(health({ status: { state: 'valid' } }), { status: 'healthy' });
  assert.deepEqual(health({ status: { state: 'invalid', why: 'no' } }), {
    status: 'critical',
    reason: 'Invalid',
    message: 'no',
  });
  assert.deepEqual(health({ status: { state: 'new' } }), { status: 'unknown', reason: 'New' });
  assert.deepEqual(health({}), { status: 'unknown' });
});
