import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../graph/graph.ts';
import { describer } from '../kinds/index.ts';
import type { Change, KubeObject, Severity } from '../model/change.ts';
import { listLogs } from './list-logs.ts';
import { type Context, perform } from './operation.ts';

const at = '2026-11-22T00:00:00Z';

function object(kind: string, name: string, owner?: string, more: object = {}): KubeObject {
  const [, ownerKind = '', ownerName = ''] = /^(\w+)\/(.+)$/.exec(owner ?? '') ?? [];
  const apiVersion = /^(?:Deployment|ReplicaSet)$/.test(kind) ? 'apps/v1' : 'v1';
  const ownerReferences = owner
    ? [{ apiVersion: 'apps/v1', kind: ownerKind, name: ownerName, uid: `${ownerKind}-${ownerName}` }]
    : [];
  const metadata = { name, uid: `${kind}-${name}`, ownerReferences, ...(kind !== 'Node' && { namespace: 'shop' }) };
  return { apiVersion, kind, metadata, ...more };
}

function wrote(pod: string, message: string, second: number, severity: Severity = 'error', count = 1): Change {
  const lastAt = `2026-11-22T00:00:${String(second).padStart(2, '0')}Z`;
  const subject = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: pod, uid: `Pod-${pod}` };
  const attributes = { container: 'main', template: message.replace(/\d+/g, '<num>'), count, firstAt: at, lastAt };
  const id = `${pod}.main.${message.replace(/\d+/g, '')}`;
  return {
    type: 'occur',
    at,
    cluster: 'c',
    occurrence: { id, source: 'log', subject, severity, message, attributes, occurredAt: lastAt },
  };
}

function contextOf(...more: readonly Change[]): Context {
  const graph = new Graph({ describer });
  const objects = [
    object('Node', 'n1'),
    object('Deployment', 'web'),
    object('ReplicaSet', 'web-1', 'Deployment/web'),
    object('Pod', 'web-1-a', 'ReplicaSet/web-1', { spec: { nodeName: 'n1' } }),
    object('Pod', 'web-1-b', 'ReplicaSet/web-1'),
    object('Pod', 'other', undefined, { spec: { nodeName: 'n1' } }),
  ];
  graph.apply(objects.map((one) => ({ type: 'apply', at, cluster: 'c', object: one })));
  graph.apply([
    wrote('web-1-a', 'lost 17', 10),
    wrote('web-1-a', 'lost 18', 20, 'error', 2),
    wrote('web-1-b', 'slow 3', 15, 'warning'),
    wrote('other', 'Refused', 5),
    {
      type: 'occur',
      at,
      cluster: 'c',
      occurrence: {
        source: 'alert',
        subject: { kind: 'Pod', namespace: 'shop', name: 'other' },
        severity: 'error',
        message: 'no log',
      },
    },
    ...more,
  ]);
  return { view: graph.view };
}

interface Answer {
  readonly items: readonly { readonly message: string; readonly count: number; readonly template: string }[];
  readonly total: number;
  readonly next?: string;
}

const ask = async (input: object, context = contextOf()): Promise<Answer> =>
  (await perform(listLogs, context, input)) as Answer;
const messages = async (input: object): Promise<readonly string[]> =>
  (await ask(input)).items.map(({ message }) => message);

test('LG50 logs are told as templates, the latest first; what is told again is the same with its counts by now', async () => {
  const { items, total } = await ask({});
  assert.equal(total, 3);
  assert.deepEqual(
    items.map(({ message, count, template }) => [message, count, template]),
    [
      ['lost 18', 2, 'lost <num>'],
      ['slow 3', 1, 'slow <num>'],
      ['Refused', 1, 'Refused'],
    ],
  );
});

test('LG50 a workload, a node, a namespace is asked for what its pods wrote', async () => {
  assert.deepEqual(await messages({ resource: 'Deployment/shop/web' }), ['lost 18', 'slow 3']);
  assert.deepEqual(await messages({ resource: 'Pod/shop/web-1-b' }), ['slow 3']);
  assert.deepEqual(await messages({ resource: 'Node/n1' }), ['lost 18', 'Refused']);
  assert.deepEqual(await messages({ severities: ['warning'] }), ['slow 3']);
  assert.deepEqual(await messages({ contains: 'REFUSED' }), ['Refused']);
  assert.deepEqual(await messages({ namespaces: ['elsewhere'] }), []);
});

test('LG50 pages of logs neither repeat nor skip', async () => {
  const context = contextOf();
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ limit: 1, ...(cursor && { cursor }) }, context);
    found.push(...page.items.map(({ message }) => message));
    cursor = page.next;
  } while (cursor !== undefined);
  assert.deepEqual(found, ['lost 18', 'slow 3', 'Refused']);
});

test('LG51 logs are read on request: of pods that are there, now, where a cluster is followed', async () => {
  const read: string[] = [];
  const context: Context = {
    ...contextOf(),
    logs: { read: async (pods) => void read.push(...pods.map(({ name }) => name)) },
  };
  await ask({ resource: 'Deployment/shop/web', read: true }, context);
  assert.deepEqual(read.sort(), ['web-1-a', 'web-1-b']);
  await assert.rejects(ask({ read: true }, context), /name a pod/);
  await assert.rejects(ask({ resource: 'Deployment/shop/web', read: true }), /live clusters only/);
  const then = { ...context, asOf: { instant: at, moment: 1 } };
  await assert.rejects(ask({ resource: 'Deployment/shop/web', read: true }, then), /of the past nothing can be read/);
});
