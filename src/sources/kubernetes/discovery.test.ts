import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, KubeClient } from './client.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import type { Failure } from './failure.ts';

const never = new AbortController().signal;
const verbs = ['get', 'list', 'watch'];

type Document = object | Failure;

/** A client over documents by path; counts what was asked and answers 304 as a server with tags does. */
function over(documents: Record<string, Document>): Pick<KubeClient, 'get'> & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async get(path, { etag }): Promise<Answer | Failure> {
      asked.push(etag === undefined ? path : `${path} if not ${etag}`);
      const document = documents[path];
      if (document === undefined) return { type: 'not-found', message: 'no such path' };
      if ('message' in document) return document as Failure;
      const tag = `tag-${JSON.stringify(document).length}`;
      return tag === etag
        ? { type: 'ok', body: undefined, etag }
        : { type: 'ok', body: structuredClone(document), etag: tag };
    },
  };
}

const aggregated = (group: string, versions: object[]): object => ({ metadata: { name: group }, versions });
const served = (plural: string, kind: string, more: object = {}): object => ({
  resource: plural,
  responseKind: { group: '', version: '', kind },
  scope: 'Namespaced',
  verbs,
  ...more,
});
const list = (...items: object[]): object => ({ kind: 'APIGroupDiscoveryList', items });

const core = list(
  aggregated('', [
    {
      version: 'v1',
      resources: [
        served('pods', 'Pod', { subresources: [{ subresource: 'log', verbs }] }),
        served('nodes', 'Node', { scope: 'Cluster' }),
        served('bindings', 'Binding', { verbs: ['create'] }),
        served('events', 'Event'),
      ],
    },
  ]),
);

const found = async (client: Pick<KubeClient, 'get'>): Promise<Discovery> => {
  const result = await createDiscovery(client)(never);
  assert.equal(result.type, 'discovered');
  return result as Discovery;
};
const names = ({ resources }: Discovery): string[] =>
  resources.map(({ group, version, kind, namespaced }) => `${group}/${version}/${kind}${namespaced ? '' : '!'}`);

test('U10 what can be listed and watched is found, in the preferred version, once', async () => {
  const client = over({
    '/api': core,
    '/apis': list(
      aggregated('autoscaling', [
        { version: 'v2', resources: [served('horizontalpodautoscalers', 'HorizontalPodAutoscaler')] },
        {
          version: 'v1',
          resources: [served('horizontalpodautoscalers', 'HorizontalPodAutoscaler'), served('old', 'Old')],
        },
      ]),
      aggregated('events.k8s.io', [{ version: 'v1', resources: [served('events', 'Event')] }]),
    ),
  });
  assert.deepEqual(names(await found(client)), [
    '/v1/Pod',
    '/v1/Node!',
    '/v1/Event',
    'autoscaling/v2/HorizontalPodAutoscaler',
    'autoscaling/v1/Old',
  ]);
});

test('U11 a group whose own server is down is reported, with what is known of it, and the rest is there', async () => {
  const client = over({
    '/api': core,
    '/apis': list(
      aggregated('metrics.example.com', [
        { version: 'v1', freshness: 'Stale', resources: [served('things', 'Thing')] },
      ]),
      aggregated('apps', [{ version: 'v1', resources: [served('deployments', 'Deployment')] }]),
    ),
  });
  const discovery = await found(client);
  assert.ok(names(discovery).includes('apps/v1/Deployment'));
  assert.ok(names(discovery).includes('metrics.example.com/v1/Thing'));
  assert.deepEqual(
    discovery.broken.map(({ group, version }) => `${group}/${version}`),
    ['metrics.example.com/v1'],
  );
});

test('U12 older servers are asked group by group, and give the same', async () => {
  const resources = (...entries: object[]): object => ({ kind: 'APIResourceList', resources: entries });
  const entry = (name: string, kind: string, more: object = {}): object => ({
    name,
    kind,
    namespaced: true,
    verbs,
    ...more,
  });
  const client = over({
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/api/v1': resources(entry('pods', 'Pod'), entry('pods/log', 'Pod'), entry('nodes', 'Node', { namespaced: false })),
    '/apis': {
      kind: 'APIGroupList',
      groups: [
        {
          name: 'batch',
          versions: [
            { version: 'v1beta1', groupVersion: 'batch/v1beta1' },
            { version: 'v1', groupVersion: 'batch/v1' },
          ],
          preferredVersion: { version: 'v1' },
        },
        { name: 'down.example.com', versions: [{ version: 'v1', groupVersion: 'down.example.com/v1' }] },
      ],
    },
    '/apis/batch/v1': resources(entry('jobs', 'Job')),
    '/apis/batch/v1beta1': resources(entry('jobs', 'Job'), entry('cronjobs', 'CronJob')),
    '/apis/down.example.com/v1': {
      type: 'unreachable',
      message: 'the server is currently unable to handle the request',
    },
  });
  const discovery = await found(client);
  assert.deepEqual(names(discovery), ['/v1/Pod', '/v1/Node!', 'batch/v1/Job', 'batch/v1beta1/CronJob']);
  assert.equal(discovery.broken[0]?.group, 'down.example.com');
});

test('U13 asking again costs a tag, and gives the very same answer until something changes', async () => {
  const documents: Record<string, Document> = { '/api': core, '/apis': list() };
  const client = over(documents);
  const discover = createDiscovery(client);
  const first = await discover(never);
  assert.equal(await discover(never), first);
  assert.match(client.asked.at(-1) ?? '', / if not tag/);
  documents['/apis'] = list(
    aggregated('shop.example.com', [{ version: 'v1', resources: [served('widgets', 'Widget')] }]),
  );
  const second = await discover(never);
  assert.ok(second.type === 'discovered' && names(second).includes('shop.example.com/v1/Widget'));
});

test('what is no API server says so, and a failure is handed on', async () => {
  const page = await createDiscovery(over({ '/api': { hello: 'world' }, '/apis': list() }))(never);
  assert.equal(page.type, 'malformed');
  const down: Failure = { type: 'unreachable', message: 'connect ECONNREFUSED' };
  assert.deepEqual(await createDiscovery(over({ '/api': core, '/apis': down }))(never), down);
});
