/** The stack itself: a cluster starts, runs pods on kwok's nodes and on a real one, can be disturbed, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ask, freshList, get, watch } from './client.ts';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { waitFor } from './runner.ts';
import { onKwok, pod, rollout } from './workloads.ts';

describe('a cluster with nodes that kwok plays', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster({ name: 'smoke', kwokNodes: 2 });
  });
  after(() => cluster?.stop());

  it('runs a pod', async () => {
    await cluster.apply(pod('web', onKwok));
    await cluster.kubectl('wait', 'pod/web', '--for=condition=Ready', '--timeout=60s');
  });

  it('knows an admin and a viewer without rights', async () => {
    assert.equal((await ask(cluster.login(), '/api/v1/pods')).status, 200);
    assert.equal((await ask(cluster.login('viewer'), '/api/v1/pods')).status, 403);
    assert.match(await cluster.kubectl('config', 'get-contexts', '-o', 'name'), /^smoke\nsmoke-viewer\n$/);
  });

  it('lists everything afresh', async () => {
    const lists = await freshList(cluster.login());
    const names = (kind: string): string[] =>
      lists.filter((list) => list.kind === kind).flatMap(({ objects }) => objects.map(({ metadata }) => metadata.name));
    assert.ok(lists.length > 40, `${lists.length} resources`);
    assert.deepEqual(names('Node'), ['kwok-0', 'kwok-1']);
    assert.deepEqual(names('Pod'), ['web']);
  });

  it('rolls out and scales down', async () => {
    const { scale, namespace } = await rollout(cluster, { pods: 40, deployments: 3 });
    const count = async (): Promise<number> =>
      (await get<{ items: unknown[] }>(cluster.login(), `/api/v1/namespaces/${namespace}/pods`)).items.length;
    assert.equal(await count(), 40);
    await scale(7);
    await waitFor('33 pods gone', async () => (await count()) === 7);
  });

  it('survives a killed API server, and answers 410 to what etcd has forgotten', async () => {
    await cluster.apply(pod('one', onKwok), pod('two', onKwok));
    const page = await get<{ metadata: { resourceVersion: string; continue: string } }>(
      cluster.login(),
      '/api/v1/pods?limit=1',
    );
    const { resourceVersion, continue: next } = page.metadata;
    await cluster.kill('apiserver');
    await assert.rejects(ask(cluster.login(), '/readyz'), /ECONNREFUSED/);
    await cluster.start('apiserver');
    await cluster.forget();
    const { status } = await ask(cluster.login(), `/api/v1/pods?limit=1&continue=${encodeURIComponent(next)}`);
    assert.equal(status, 410);
    const events = watch(cluster.login(), `/api/v1/pods?watch=true&resourceVersion=${resourceVersion}`);
    const { value } = await events.next();
    assert.deepEqual([value?.type, value?.object.code], ['ERROR', 410]);
    await events.return(undefined);
  });

  it('leaves nothing behind', async () => {
    const pids = (['etcd', 'apiserver', 'controller-manager', 'scheduler', 'kwok'] as const).map((name) =>
      cluster.pid(name),
    );
    assert.ok(pids.every((pid) => pid !== undefined && existsSync(`/proc/${pid}`)));
    await cluster.stop();
    assert.ok(pids.every((pid) => !existsSync(`/proc/${pid}`)));
    assert.ok(!existsSync(cluster.directory));
  });
});

const root = process.getuid?.() === 0 || process.env['CI'] !== undefined;

describe('clusters with a real node', { skip: root ? false : 'a real node needs root' }, () => {
  let clusters: Cluster[] = [];
  before(async () => {
    clusters = [
      await startCluster({ name: 'east', realNode: 'node-1' }),
      await startCluster({ name: 'west', realNode: 'node-1' }),
    ];
  });
  after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

  it('run pods side by side that find each other by name', async () => {
    for (const cluster of clusters) await startShop(cluster);
    for (const cluster of clusters) {
      await cluster.kubectl('wait', 'pod/web', 'pod/caller', '--for=condition=Ready', '--timeout=90s');
      assert.equal(await cluster.kubectl('logs', 'web'), `hello from ${cluster.name}\n`);
    }
  });

  it('keep their pods while the other is stopped', async () => {
    const [east, west] = clusters;
    assert.ok(east && west);
    await west.stop();
    const groups = readdirSync('/sys/fs/cgroup', { recursive: true }).filter((path) =>
      String(path).includes('kube-kg-west-'),
    );
    assert.deepEqual(groups, []);
    const pods = await east.kubectl('get', 'pods', '--no-headers');
    assert.match(pods, /^caller +1\/1 +Running +0 /m);
    assert.match(pods, /^web +1\/1 +Running +0 /m);
  });
});

/** A web server behind a Service, and a caller that is ready while it gets an answer from it. */
async function startShop(cluster: Cluster): Promise<void> {
  const container = { name: 'main', image: 'registry.local/app:1', imagePullPolicy: 'IfNotPresent' };
  const serve = `echo hello from ${cluster.name}; mkdir /www; echo ok >/www/index.html; exec httpd -f -p 8080 -h /www`;
  const ask = 'test "$(timeout 3 wget -q -O - http://web/)" = ok';
  const readinessProbe = { exec: { command: ['sh', '-c', ask] }, periodSeconds: 1, timeoutSeconds: 5 };
  await cluster.apply(
    pod('web', { containers: [{ ...container, command: ['sh', '-c', serve] }] }),
    pod('caller', { containers: [{ ...container, command: ['sleep', '1000'], readinessProbe }] }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  );
}
