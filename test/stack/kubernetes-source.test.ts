/** The Kubernetes source and the graph beside a real API server: complete, and right again after everything that can go wrong. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { equalsTruth, observe, ready } from './observer.ts';
import { waitFor } from './runner.ts';
import { onKwok, pod, rollout } from './workloads.ts';

const PODS = Number(process.env['STACK_PODS'] ?? 5_000);

const gadgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
};

describe('one cluster', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster({ name: 'core', kwokNodes: 10 });
  });
  after(() => cluster?.stop());

  it('W1 every listable kind is discovered, and the graph equals a fresh list', async () => {
    await using observer = observe(cluster);
    await ready(observer);
    await equalsTruth(observer, cluster);
    assert.ok(observer.view.coverage().length > 50);
    assert.deepEqual([...observer.view.resources({ kind: 'Node' })].length, 10);
  });

  it('W2 custom resources come and go with their definition, one object for two versions', async () => {
    await using observer = observe(cluster);
    await ready(observer);
    await cluster.apply(gadgets);
    await cluster.kubectl('wait', 'crd/gadgets.example.com', '--for=condition=Established', '--timeout=30s');
    await cluster.apply(
      {
        apiVersion: 'example.com/v1',
        kind: 'Gadget',
        metadata: { name: 'g', namespace: 'default' },
        spec: { secretRef: { name: 's' } },
      },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's', namespace: 'default' },
        stringData: { password: 'correct horse battery' },
      },
    );
    await waitFor('the gadget', async () => [...observer.view.resources({ kind: 'Gadget' })].length === 1, 30_000);
    await waitFor(
      'its edge',
      async () =>
        [...observer.view.edges()].some(
          ({ type, to }) => type === 'REFERS_TO' && observer.view.get(to)?.kind === 'Secret',
        ),
      10_000,
    );
    assert.ok(!JSON.stringify(observer.changes).includes('correct horse'), 'the secret value was seen');
    await cluster.kubectl('delete', 'crd/gadgets.example.com');
    await waitFor(
      'the gadget to vanish',
      async () => [...observer.view.resources({ kind: 'Gadget' })].length === 0,
      60_000,
    );
    await equalsTruth(observer, cluster);
  });

  it('W3 a killed API server leaves a gap that is recorded, and no difference', async () => {
    await using observer = observe(cluster);
    await ready(observer);
    await cluster.kill('apiserver');
    await waitFor(
      'broken coverage',
      async () => observer.view.coverage().some(({ coverage }) => coverage === 'broken'),
      60_000,
    );
    await cluster.start('apiserver');
    await cluster.apply(pod('after-restart', onKwok));
    await waitFor(
      'the new pod',
      async () => [...observer.view.resources({ kind: 'Pod' })].some(({ name }) => name === 'after-restart'),
      60_000,
    );
    await waitFor(
      'no kind broken',
      async () => observer.view.coverage().every(({ coverage }) => coverage !== 'broken'),
      60_000,
    );
    await equalsTruth(observer, cluster);
  });

  it('W4 what etcd has forgotten (410) is listed again as a diff: what vanished is deleted, what stayed is not sent again', async () => {
    await cluster.apply(pod('stays', onKwok), pod('vanishes', onKwok));
    await cluster.kubectl('wait', 'pod/stays', 'pod/vanishes', '--for=condition=Ready', '--timeout=60s');
    await using observer = observe(cluster);
    await ready(observer);
    const seen = observer.changes.length;
    await cluster.kill('apiserver');
    await cluster.start('apiserver');
    await cluster.kubectl('delete', 'pod/vanishes', '--grace-period=0', '--force');
    await cluster.forget();
    await waitFor(
      'the pod to vanish',
      async () => ![...observer.view.resources({ kind: 'Pod' })].some(({ name }) => name === 'vanishes'),
      90_000,
    );
    await waitFor(
      'no kind broken',
      async () => observer.view.coverage().every(({ coverage }) => coverage === 'ready' || coverage === 'forbidden'),
      90_000,
    );
    const again = observer.changes
      .slice(seen)
      .filter(
        (change) => change.type === 'apply' && change.object.kind === 'Pod' && change.object.metadata.name === 'stays',
      );
    assert.ok(again.length <= 1, `the pod that stayed was sent ${again.length} times`);
    await equalsTruth(observer, cluster);
  });

  it('W5 who may read one namespace sees that namespace, and is told what is forbidden', async () => {
    await cluster.apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'look', namespace: 'default' },
        rules: [{ apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['get', 'list', 'watch'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'look', namespace: 'default' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'look' },
        subjects: [{ kind: 'User', name: 'viewer', apiGroup: 'rbac.authorization.k8s.io' }],
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seen', namespace: 'default' } },
    );
    await using observer = observe(cluster, { contexts: [`${cluster.name}-viewer`], namespaces: ['default'] });
    await waitFor(
      'the ConfigMap',
      async () => [...observer.view.resources({ kind: 'ConfigMap' })].some(({ name }) => name === 'seen'),
      60_000,
    );
    assert.deepEqual(
      [...new Set([...observer.view.resources({ kind: 'ConfigMap' })].map(({ namespace }) => namespace))],
      ['default'],
    );
    await waitFor(
      'forbidden kinds',
      async () => observer.view.coverage().some(({ kind, coverage }) => kind === 'Secret' && coverage === 'forbidden'),
      30_000,
    );
    assert.equal([...observer.view.resources({ kind: 'Secret' })].filter(({ pseudo }) => !pseudo).length, 0);
  });

  it(`W6 ${PODS} pods rolled out and scaled down leave the graph equal to a fresh list`, async () => {
    await using observer = observe(cluster);
    await ready(observer);
    const { scale } = await rollout(cluster, { pods: PODS });
    await scale(Math.floor(PODS / 10));
    await equalsTruth(observer, cluster, 180_000);
  });
});

describe('two clusters', () => {
  let clusters: Cluster[] = [];
  before(async () => {
    clusters = [await startCluster({ name: 'north' }), await startCluster({ name: 'south' })];
  });
  after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

  it('W7 are isolated: one that dies does not touch the other', async () => {
    const [north, south] = clusters as [Cluster, Cluster];
    await using first = observe(north);
    await using second = observe(south);
    await Promise.all([ready(first), ready(second)]);
    await north.kill('apiserver');
    await south.apply(pod('alive', onKwok));
    await waitFor(
      'the pod',
      async () => [...second.view.resources({ kind: 'Pod' })].some(({ name }) => name === 'alive'),
      30_000,
    );
    await equalsTruth(second, south);
    assert.ok(first.view.resourceCount > 0, 'what was known of the dead cluster is kept');
  });
});
