import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describer } from './index.ts';

test('K58 an annotation that does not parse is a fault beside the pod, and the pod is kept', () => {
  const description = describer.object('c', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'web', annotations: { 'k8s.v1.cni.cncf.io/networks': '[{' } },
    spec: { nodeName: 'n1' },
  });
  assert.ok('resource' in description);
  assert.equal(description.faults?.length, 1);
  assert.match(description.faults?.[0] ?? '', /USES_NETWORK/);
  assert.ok(description.references.some(({ field }) => field === 'spec.nodeName'));
});
