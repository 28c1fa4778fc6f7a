/** Acting through an API server: what is sent, that it is tried first, and what is refused. The server is a stand-in that keeps what it was asked. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { json as read } from 'node:stream/consumers';
import { test } from 'node:test';
import { json, list, scriptedServer, status } from '../../../test/support/scripted-api-server.ts';
import type { Action } from '../../model/remediation.ts';
import { type Acted, act, type Target } from './actions.ts';
import { createClient } from './client.ts';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'shop', name: 'web', uid: 'd1', resourceVersion: '7' },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'web:2' }] } },
  },
};
const set = (revision: number): object => ({
  metadata: {
    name: `web-${revision}`,
    annotations: { 'deployment.kubernetes.io/revision': String(revision) },
    ownerReferences: [{ uid: 'd1', controller: true, kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }],
  },
  spec: {
    template: {
      metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } },
      spec: { containers: [{ name: 'a', image: `web:${revision}` }] },
    },
  },
});
const agent = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'shop', name: 'agent', uid: 's1' },
  spec: {},
};
const revision = (number: number): object => ({
  metadata: {
    name: `agent-${number}`,
    ownerReferences: [{ uid: 's1', controller: true, kind: 'DaemonSet', name: 'agent', apiVersion: 'apps/v1' }],
  },
  revision: number,
  data: { spec: { template: { $patch: 'replace', spec: { containers: [{ name: 'a', image: `agent:${number}` }] } } } },
});
const owner = [{ uid: 'r1', controller: true, kind: 'ReplicaSet', name: 'web-2', apiVersion: 'apps/v1' }];
const pod = (name: string, ownerReferences: readonly object[] = owner): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name, uid: `p-${name}`, ownerReferences },
});
const objects: Readonly<Record<string, object>> = {
  '/apis/apps/v1/namespaces/shop/deployments/web': deployment,
  '/apis/apps/v1/namespaces/shop/replicasets': list([set(1), set(3), set(2), { metadata: { name: 'other' } }], '9'),
  '/apis/apps/v1/namespaces/shop/daemonsets/agent': agent,
  '/apis/apps/v1/namespaces/shop/controllerrevisions': list([revision(1), revision(2)], '9'),
  '/api/v1/nodes/n1': { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'n1' }, spec: {} },
  '/api/v1/namespaces/shop/pods/web-a': pod('web-a'),
  '/api/v1/namespaces/shop/pods/bare': pod('bare', []),
};

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly type: string;
  readonly body: unknown;
}

/** Acts, and tells what the server was asked to change. `answers`: codes of the changes, one after the other. */
async function acting(
  target: Target,
  action: Action,
  forReal = true,
  answers: readonly number[] = [],
): Promise<{ readonly acted: Acted; readonly sent: readonly Sent[] }> {
  const sent: Sent[] = [];
  const note = async (request: IncomingMessage): Promise<number> => {
    const { method = '', url = '', headers } = request;
    sent.push({ method, url, type: headers['content-type'] ?? '', body: await read(request) });
    return answers[sent.length - 1] ?? 200;
  };
  await using server = await scriptedServer(async ({ path, request }, response) => {
    if (request.method === 'GET') {
      const found = objects[path];
      return found ? json(response, found) : status(response, 404);
    }
    const code = await note(request);
    return code === 200 ? json(response, {}) : status(response, code, 'the webhook says no');
  });
  const credentials = { current: async () => ({ headers: {}, tls: {} }), reload: async () => undefined };
  const client = createClient({ cluster: { server: server.url }, credentials });
  const acted = await act(client, target, action, {
    forReal,
    at: '2026-11-21T10:00:00Z',
    stop: AbortSignal.timeout(5_000),
  });
  client.close();
  return { acted, sent };
}

const web: Target = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'd1' };
const node: Target = { group: '', kind: 'Node', namespace: '', name: 'n1', uid: 'n1' };
const podTarget = (name: string): Target => ({ group: '', kind: 'Pod', namespace: 'shop', name, uid: `p-${name}` });
const queries = (sent: readonly Sent[]): readonly string[] => sent.map(({ url }) => url.slice(url.indexOf('?')));

test('HK10 every action is tried by the API server first, in the name of kube-kg, and only tried unless it is meant', async () => {
  const done = await acting(web, { name: 'restart' });
  assert.deepEqual(done.acted, { type: 'ok', text: 'restart the pods of Deployment shop/web, as a rollout' });
  assert.deepEqual(queries(done.sent), ['?fieldManager=kube-kg&dryRun=All', '?fieldManager=kube-kg']);
  assert.deepEqual(done.sent[1]?.body, {
    spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-21T10:00:00Z' } } } },
  });
  const tried = await acting(web, { name: 'restart' }, false);
  assert.deepEqual([tried.acted.type, queries(tried.sent)], ['ok', ['?fieldManager=kube-kg&dryRun=All']]);
});

test('HK11 what the API server refuses as a trial is not done; what it refuses later is told apart', async () => {
  const refused = await acting(web, { name: 'restart' }, true, [422]);
  assert.deepEqual(refused.acted, { type: 'refused', message: 'the webhook says no', tried: true });
  assert.equal(refused.sent.length, 1);
  const later = await acting(web, { name: 'restart' }, true, [200, 500]);
  assert.equal('tried' in later.acted && later.acted.tried, false);
});

test('HK12 a rollout is taken back to the template of an earlier revision', async () => {
  const { acted, sent } = await acting(web, { name: 'undo' });
  assert.deepEqual(acted, { type: 'ok', text: 'take Deployment shop/web back from revision 3 to 2' });
  assert.equal(sent[1]?.type, 'application/json-patch+json');
  assert.deepEqual(sent[1]?.body, [
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    {
      op: 'replace',
      path: '/spec/template',
      value: { spec: { containers: [{ name: 'a', image: 'web:2' }] }, metadata: { labels: { app: 'web' } } },
    },
  ]);
  assert.match((await acting(web, { name: 'undo', revision: 1 })).acted.type === 'ok' ? 'ok' : '', /ok/);
  const none = await acting(web, { name: 'undo', revision: 8 });
  assert.deepEqual([none.acted.type, none.sent.length], ['refused', 0]);
  const daemon = await acting(
    { group: 'apps', kind: 'DaemonSet', namespace: 'shop', name: 'agent', uid: 's1' },
    { name: 'undo' },
  );
  assert.equal(daemon.sent[1]?.type, 'application/strategic-merge-patch+json');
  assert.match(JSON.stringify(daemon.sent[1]?.body), /agent:1/);
});

test('HK13 scaling, cordoning and deleting say just that', async () => {
  const scaled = await acting(web, { name: 'scale', replicas: 5 });
  assert.match(scaled.sent[1]?.url ?? '', /\/deployments\/web\/scale\?/);
  assert.deepEqual(scaled.sent[1]?.body, { spec: { replicas: 5 } });
  assert.equal((await acting(web, { name: 'scale' })).acted.type, 'refused');
  assert.deepEqual((await acting(node, { name: 'cordon' })).sent[1]?.body, { spec: { unschedulable: true } });
  assert.equal((await acting(node, { name: 'uncordon' })).acted.type, 'refused');
  const deleted = await acting(podTarget('web-a'), { name: 'delete-pod' });
  assert.deepEqual(
    [deleted.sent[1]?.method, (deleted.sent[1]?.body as { preconditions?: object } | undefined)?.preconditions],
    ['DELETE', { uid: 'p-web-a' }],
  );
});

test('HK14 nothing is done to a pod that nobody makes again, nor to another object of the same name', async () => {
  for (const [target, action] of [
    [podTarget('bare'), { name: 'delete-pod' }],
    [{ ...web, uid: 'another' }, { name: 'restart' }],
    [podTarget('gone'), { name: 'delete-pod' }],
  ] as const) {
    const { acted, sent } = await acting(target, action);
    assert.notEqual(acted.type, 'ok');
    assert.deepEqual(sent, []);
  }
});
