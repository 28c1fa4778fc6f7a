import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, deployment, estateOf, event, object, podStatus, type Seen } from '../../test/support/estate.ts';
import { Case } from './case.ts';
import { symptomsOf } from './symptoms.ts';

const unready = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(5) }],
  containerStatuses: [{ name: 'app', ready: false, restartCount: 0, state: { running: { startedAt: at(4) } } }],
};
const web = (podStatusNow: object): ReturnType<typeof deployment> =>
  deployment('shop/web', { podStatus: podStatusNow });
const counts = (set: object, replicas: number, readyReplicas: number): Seen => ({
  apply: { ...set, status: { replicas, readyReplicas } },
});
const later: readonly Seen[] = [{ apply: object('v1', 'Namespace', 'elsewhere') }];

function reasons(seen: Readonly<Record<number, readonly Seen[]>>): readonly string[] {
  return symptomsOf(new Case(estateOf({ ...seen, 600: later }))).map(({ reason }) => reason);
}

test('CA190 a pod that looked unwell when it was last seen is well when its controller has counted it among the ready since', () => {
  const { all, set } = web(unready);
  assert.deepEqual(reasons({ 10: all }), ['Unready']);
  assert.deepEqual(reasons({ 10: all, 30: [counts(set, 1, 1)] }), []);
  // Gone, and nobody saw it go.
  assert.deepEqual(reasons({ 10: all, 30: [counts(set, 0, 0)] }), []);
  assert.deepEqual(reasons({ 10: [...all.slice(0, -1), counts(set, 1, 1)], 30: all.slice(-1) }), ['Unready']);
  const status = { ...unready, containerStatuses: [{ ...unready.containerStatuses[0], restartCount: 3 }] };
  assert.deepEqual(reasons({ 10: web(status).all, 30: [counts(set, 1, 1)] }), ['Unready']);
});

test('CA190 a pod that looked well is not when its controller counts none that is ready, or its probe was told to fail, since', () => {
  const { all, set, pod } = web(podStatus.running(4));
  assert.deepEqual(reasons({ 10: all, 30: [counts(set, 1, 0)] }), ['Unready']);
  assert.deepEqual(reasons({ 10: all, 590: [counts(set, 1, 0)] }), []);
  const another = { ...pod, metadata: { ...pod.metadata, name: 'web-b', uid: 'b' } };
  assert.deepEqual(reasons({ 10: [...all, { apply: another }], 30: [counts(set, 2, 1)] }), []);
  const told = event(pod, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
    first: 20,
    last: 500,
    count: 40,
  });
  const seen = { 10: [...all, { apply: another }], 30: [counts(set, 2, 1), { apply: told }] };
  assert.deepEqual(reasons(seen), ['Unready']);
});
