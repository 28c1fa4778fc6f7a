import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';

const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const all = (seen: Readonly<Record<number, readonly Seen[]>>): readonly (readonly string[])[] =>
  causesOf(estateOf(seen));
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => all(seen)[0]?.[0];

function release(tag: string, status: object = {}): object {
  return object(
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    'flux/web',
    { spec: { chart: { spec: { chart: 'web' } }, values: { tag } }, status },
    { created: -9_000 },
  );
}

const flux = { app: 'web', 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'flux' };
const marked = (seen: readonly Seen[], labels: object): readonly Seen[] =>
  seen.map((one) => {
    const { apply: target } = one as { apply: { kind: string; metadata: object } };
    return target.kind === 'Deployment' ? { apply: { ...target, metadata: { ...target.metadata, labels } } } : one;
  });
const good = (labels: object = flux): readonly Seen[] =>
  marked(
    deployment('shop/web', { created: -900, podStatus: podStatus.running(-800), container: { image: 'web:1' } }).all,
    labels,
  );
const bad = (labels: object = flux): readonly Seen[] =>
  marked(
    deployment('shop/web', {
      created: 60,
      revision: 2,
      container: { image: 'web:2' },
      podStatus: podStatus.waiting('ImagePullBackOff', 'Back-off pulling image "web:2": not found'),
    }).all,
    labels,
  );

test('CA105 a delivery that was changed right before what it manages is why that does not run', () => {
  const causes = all({
    0: [...apply(release('1')), ...good()],
    55: apply(release('2')),
    60: bad(),
    200: apply(release('2')),
  });
  assert.deepEqual(causes, [['HelmRelease/flux/web ImageNotFound', 'Deployment/shop/web ImageNotFound']]);
});

test('CA106 a delivery that fails with what it delivers is one trouble with it', () => {
  const failing = release('2', {
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'UpgradeFailed',
        message: 'Helm upgrade failed for release shop/web: context deadline exceeded',
        lastTransitionTime: at(100),
      },
    ],
  });
  const causes = all({
    0: [...apply(release('1')), ...good()],
    55: apply(release('2')),
    60: bad(),
    300: apply(failing),
  });
  assert.equal(causes.length, 1);
  assert.equal(causes[0]?.[0]?.split(' ')[0], 'HelmRelease/flux/web');
});

test('CA107 a delivery that was not changed, or whose object somebody else changed, is not why', () => {
  assert.equal(
    first({ 0: [...apply(release('1')), ...good()], 60: bad(), 200: apply(release('1')) }),
    'Deployment/shop/web ImageNotFound',
  );
  const byHand = bad().map((one) => {
    const { apply: target } = one as { apply: { kind: string; metadata: object } };
    const managedFields = [
      { manager: 'kubectl-set', operation: 'Update', time: at(60), fieldsV1: 'spec(template(spec(containers)))' },
    ];
    return target.kind === 'Deployment'
      ? { apply: { ...target, metadata: { ...target.metadata, managedFields } } }
      : one;
  });
  assert.equal(
    first({ 0: [...apply(release('1')), ...good()], 55: apply(release('2')), 60: byHand, 200: apply(release('2')) }),
    'Deployment/shop/web ImageNotFound',
  );
});

test('CA108 an Application that cannot deliver is at fault itself; one that only waits is well', () => {
  const application = (status: object): object =>
    object(
      'argoproj.io/v1alpha1',
      'Application',
      'argocd/shop',
      { spec: { destination: { namespace: 'shop', server: 'https://kubernetes.default.svc' } }, status },
      { created: -9_000 },
    );
  const failed = {
    sync: { status: 'OutOfSync' },
    operationState: {
      phase: 'Failed',
      finishedAt: at(10),
      message: 'one or more objects failed to apply, reason: namespaces "shop" not found',
    },
  };
  assert.deepEqual(all({ 200: apply(application(failed)) }), [['Application/argocd/shop TargetNamespaceMissing']]);
  assert.deepEqual(
    all({ 200: apply(application({ sync: { status: 'OutOfSync' }, health: { status: 'Progressing' } })) }),
    [],
  );
  const waits = {
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'DependencyNotReady',
        message: "dependency 'flux/base' is not ready",
        lastTransitionTime: at(0),
      },
    ],
  };
  assert.deepEqual(all({ 300: apply(release('1', waits)) }), []);
});
