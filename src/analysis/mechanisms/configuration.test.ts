import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus } from '../../../test/support/estate.ts';

const needs = { env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } }] };

test('CA1 a ConfigMap that is needed to start and is not there is the cause, not the Deployment', () => {
  const { all } = deployment('shop/web', {
    container: needs,
    podStatus: podStatus.waiting('CreateContainerConfigError', 'configmap "settings" not found'),
  });
  assert.deepEqual(causesOf(estateOf({ 0: all })), [['ConfigMap/shop/settings ConfigMapMissing']]);
});

test('CA2 of what was deleted while somebody watched it is said that it was', () => {
  const map = object('v1', 'ConfigMap', 'shop/settings', { data: { level: 'info' } });
  const before = deployment('shop/web', { container: needs, podStatus: podStatus.running() });
  const after = deployment('shop/web', {
    container: needs,
    podStatus: podStatus.waiting('CreateContainerConfigError', 'configmap "settings" not found'),
  });
  const estate = estateOf({ 0: [{ apply: map }, ...before.all], 60: [{ gone: map }], 90: [{ apply: after.pod }] });
  assert.deepEqual(causesOf(estate), [['ConfigMap/shop/settings ConfigMapDeleted']]);
});

test('CA3 a change of a ConfigMap shortly before a crash is the cause; one that came after is not', () => {
  const map = (level: string): object => object('v1', 'ConfigMap', 'shop/settings', { data: { level } });
  const crashed = { exitCode: 1, reason: 'Error', startedAt: at(70), finishedAt: at(71) };
  const before = deployment('shop/web', { container: needs, podStatus: podStatus.running() });
  const after = deployment('shop/web', {
    container: needs,
    podStatus: podStatus.waiting('CrashLoopBackOff', 'back-off 10s', crashed, 1),
  });
  const changed = (second: number): string | undefined =>
    causesOf(
      estateOf({
        0: [{ apply: map('info') }, ...before.all],
        [second]: [{ apply: map('loud') }],
        80: [{ apply: after.pod }],
      }),
    )[0]?.[0];
  assert.equal(changed(60), 'ConfigMap/shop/settings ConfigMapChangeBrokeApp');
  assert.notEqual(changed(100), 'ConfigMap/shop/settings ConfigMapChangeBrokeApp');
});
