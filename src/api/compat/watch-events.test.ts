/** The watch history through its own door: a served recording with a history in a file. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { openEstate } from '../../../test/support/api-estate.ts';
import { kinds } from '../../kinds/index.ts';
import type { Change, KubeObject } from '../../model/change.ts';
import { kindKey } from '../../model/groups.ts';
import { load } from '../../program/config.ts';
import { inputsOf } from '../../program/inputs.ts';
import { type Served, startServer } from '../../program/server.ts';
import type { AuditEvent } from './audit-event.ts';

const stop = new AbortController();
const folder = mkdtempSync(join(tmpdir(), 'kube-kg-watch-events-'));
after(() => {
  stop.abort();
  rmSync(folder, { recursive: true });
});

const CANARY = 'c4n4ry-of-a-secret';
const io = { now: Date.now, stop: stop.signal, environment: {} };

/** Serves a recording with a history and returns when all of it is written. */
async function serve(changes: readonly Change[], settings: Record<string, string> = {}): Promise<Served> {
  const place = mkdtempSync(join(folder, 'served-'));
  const file = join(place, 'recording.jsonl');
  const at = changes.at(-1)?.at ?? '';
  const last: Change = { type: 'apply', at, cluster: 'c', object: object('v1', 'ConfigMap', 'sentinel', 'z') };
  writeFileSync(file, [...changes, last].map((change) => `${JSON.stringify(change)}\n`).join(''));
  const environment = { KG_LOG_LEVEL: 'silent', KG_SERVER_PORT: '0', KG_HISTORY_URL: join(place, 'h.db'), ...settings };
  const config = load({ environment });
  const served = await startServer(
    config,
    inputsOf(config, { file }, { ...io, environment, stdin: process.stdin }, 'follow'),
    io,
  );
  await served.ended;
  while ((await fetch(`${served.url}/api/v1/events?resourceName=sentinel`)).status !== 200);
  return served;
}

function object(apiVersion: string, kind: string, name: string, namespace?: string, more: object = {}): KubeObject {
  const uid = `uid-${kind}-${name}`;
  const { metadata, ...rest } = more as { metadata?: object };
  return { apiVersion, kind, metadata: { name, uid, ...(namespace && { namespace }), ...metadata }, ...rest };
}

function event(name: string, namespace: string, about: object, reason = 'Started'): KubeObject {
  return object('v1', 'Event', name, namespace, { involvedObject: about, reason, message: reason, type: 'Normal' });
}

const deployment = (replicas: number, manager: string, time: string): KubeObject =>
  object('apps/v1', 'Deployment', 'web', 'shop', {
    metadata: {
      generation: 4,
      resourceVersion: String(replicas),
      annotations: { team: 'a' },
      managedFields: [
        { manager: 'kubectl-create', operation: 'Update', time: '2025-12-01T00:00:00Z', fieldsV1: {} },
        { manager, operation: 'Update', time, fieldsV1: {} },
      ],
    },
    spec: { replicas },
  });

const certificate = object('cert-manager.io/v1', 'Certificate', 'tls', 'shop');
const shopPod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1' };

/** Each at its own instant, as offsets in seconds; the objects in the order in which they were observed. */
const story: readonly (readonly [second: string, type: 'apply' | 'delete', what: KubeObject])[] = [
  ['00', 'apply', object('v1', 'Node', 'n1')],
  ['01', 'apply', object('v1', 'Namespace', 'shop')],
  ['02.25', 'apply', object('v1', 'ConfigMap', 'settings', 'shop', { data: { mode: 'a' } })],
  ['02.5', 'apply', object('v1', 'ConfigMap', 'settings', 'shop', { data: { mode: 'b' } })],
  ['03', 'apply', deployment(1, 'helm', '2026-01-01T00:00:03Z')],
  ['04', 'apply', object('v1', 'Pod', 'web-1', 'shop', { spec: { containers: [{ name: 'c', image: 'i' }] } })],
  ['05', 'apply', event('web-1.1', 'shop', { ...shopPod, uid: 'uid-Pod-web-1' })],
  ['05.5', 'apply', event('kopf-event-1', 'shop', { ...shopPod, uid: 'uid-Pod-web-1' })],
  ['05.6', 'apply', event('web-1.0', 'shop', { ...shopPod, kind: 'Service' })],
  ['06', 'apply', event('web-2.1', 'shop', { ...shopPod, name: 'web-2' })],
  ['07', 'apply', object('v1', 'Secret', 'key', 'shop', { data: { password: CANARY }, stringData: { p: CANARY } })],
  ['08', 'apply', deployment(3, 'kubectl-edit', '2026-01-01T00:00:08Z')],
  ['09', 'delete', object('v1', 'Pod', 'web-1', 'shop')],
  ['10', 'apply', event('web-1.2', 'shop', { ...shopPod, uid: 'uid-Pod-web-1' }, 'Killing')],
  ['11', 'apply', event('web-1.3', 'shop', { ...shopPod, uid: 'another' }, 'BackOff')],
  ['12', 'apply', event('n1.1', 'default', { kind: 'Node', name: 'n1', uid: 'n1' }, 'NodeReady')],
  ['13', 'delete', object('v1', 'ConfigMap', 'settings', 'shop')],
  ['14', 'apply', certificate],
  ['15', 'delete', certificate],
  ['16', 'delete', event('web-1.1', 'shop', shopPod)],
];

const changes = story.map(
  ([second, type, what]): Change => ({ type, at: `2026-01-01T00:00:${second}Z`, cluster: 'c', object: what }),
);

interface Asked<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

async function ask<T = AuditEvent[]>(served: Served, path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${served.url}/api/v1/events${path}`, { headers });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : [] } as Asked<T>;
}

interface ObjectHistory {
  readonly namespace: string;
  readonly resourceType: string;
  readonly resourceName: string;
  readonly watchEvents: readonly AuditEvent[];
  readonly relatedEvents: readonly AuditEvent[];
}

const said = (events: readonly AuditEvent[]): string[] =>
  events.map(({ message }) => message.replace(/^(\w)\w* /, (_, verb: string) => `${verb} `));

describe('the watch history', () => {
  let served: Served;
  before(async () => {
    served = await serve(changes);
  });
  after(() => served?.close());

  it('WE1 a version is an audit event, without the bookkeeping of the API server and with who wrote it last', async () => {
    const { body } = await ask(served, '?resourceType=deployments&verb=update');
    assert.deepEqual(body, [
      {
        timestamp: '2026-01-01T00:00:08.000Z',
        verb: 'update',
        user: 'system:k8s-watcher',
        namespace: 'shop',
        resourceType: 'deployments',
        resourceName: 'web',
        responseStatus: 200,
        message: 'Update deployments shop/web',
        objectChanges: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web', namespace: 'shop', annotations: { team: 'a' } },
          spec: { replicas: 3 },
        },
        annotations: { team: 'a' },
        stage: 'ResponseComplete',
        requestURI: '/api/v1/namespaces/shop/deployments/web',
        cluster: 'c',
        uid: 'uid-Deployment-web',
        changedBy: [{ manager: 'kubectl-edit', operation: 'Update', time: '2026-01-01T00:00:08Z' }],
      },
    ]);
    const [node] = (await ask(served, '?resourceType=nodes')).body;
    assert.equal(node?.message, 'Create nodes n1');
    assert.equal(node?.namespace, '');
    assert.equal(node?.requestURI, '/api/v1/nodes/n1');
    const [gone] = (await ask(served, '?resourceType=configmaps&resourceName=settings&verb=delete')).body;
    assert.deepEqual(gone?.objectChanges?.['data'], { mode: 'b' }, 'what is gone is as it was last');
    assert.ok(gone && !('changedBy' in gone));
  });

  it('WE2 each filter selects, all together select what fits them all, and the oldest come first', async () => {
    const all = await ask(served, '');
    assert.equal(all.status, 200);
    assert.equal(all.body.length, story.length + 1);
    const times = all.body.map(({ timestamp }) => timestamp);
    assert.deepEqual(times, [...times].sort());
    const cases: readonly (readonly [query: string, expected: readonly string[]])[] = [
      ['start=2026-01-01T00:00:15Z', ['D certificates shop/tls', 'D events shop/web-1.1', 'C configmaps z/sentinel']],
      ['end=2026-01-01T00:00:01Z', ['C nodes n1', 'C namespaces shop']],
      ['start=2026-01-01T01:00:01%2B01:00&end=2026-01-01T00:00:01Z', ['C namespaces shop']],
      ['start=2026-01-01T01:00:01+01:00&end=2026-01-01T00:00:01Z', ['C namespaces shop']],
      [
        'start=2026-01-01T00:00:02Z&end=2026-01-01T00:00:02Z',
        ['C configmaps shop/settings', 'U configmaps shop/settings'],
      ],
      ['start=2026-01-01T00:00:02.3Z&end=2026-01-01T00:00:02.5Z', ['U configmaps shop/settings']],
      ['namespace=z', ['C configmaps z/sentinel']],
      ['namespace=-', ['C nodes n1', 'C namespaces shop']],
      ['namespace=_&resourceName=n1', ['C nodes n1']],
      ['resourceType=pods', ['C pods shop/web-1', 'D pods shop/web-1']],
      ['resourceType=certificates.cert-manager.io&verb=delete', ['D certificates shop/tls']],
      ['resourceName=web-2.1', ['C events shop/web-2.1']],
      ['verb=update', ['U configmaps shop/settings', 'U deployments shop/web']],
      ['user=system:k8s-watcher&verb=delete&namespace=shop&resourceType=pods', ['D pods shop/web-1']],
      ['cluster=c&resourceType=nodes', ['C nodes n1']],
      ['limit=1', ['C nodes n1']],
      ['order=newest&limit=2', ['C configmaps z/sentinel', 'D events shop/web-1.1']],
    ];
    for (const [query, expected] of cases)
      assert.deepEqual(said((await ask(served, `?${query}`)).body), expected, query);
  });

  it('WE3 the total is that of all pages, and what follows is said', async () => {
    const few = await ask(served, '?namespace=shop&limit=3');
    const total = changes.filter(
      ({ type, ...rest }) => type && 'object' in rest && rest.object.metadata.namespace === 'shop',
    ).length;
    assert.equal(few.headers.get('x-total-count'), String(total));
    assert.equal(few.headers.get('x-has-more'), 'true');
    assert.equal(few.body.length, 3);
    const exactly = await ask(served, `?namespace=shop&limit=${total}`);
    assert.equal(exactly.headers.get('x-has-more'), 'false');
    assert.equal(exactly.headers.get('x-next-cursor'), null);
    for (const limit of ['0', '-5', '5000', ''])
      assert.equal((await ask(served, `?limit=${limit}`)).body.length, story.length + 1, 'the maximum is meant');
  });

  it('WE4 cursors walk everything exactly once, in either order', async () => {
    const whole = (await ask(served, '')).body;
    for (const order of ['oldest', 'newest']) {
      for (const limit of [1, 2, 7]) {
        const walked: AuditEvent[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const page: Asked<AuditEvent[]> = await ask(served, `?order=${order}&limit=${limit}&cursor=${cursor}`);
          assert.ok(page.body.length <= limit && page.body.length > 0);
          assert.equal(page.headers.get('x-total-count'), String(whole.length));
          walked.push(...page.body);
          cursor = page.headers.get('x-next-cursor');
        }
        assert.deepEqual(walked, order === 'oldest' ? whole : whole.toReversed());
      }
    }
  });

  it('WE5 faults and empty answers are the documented texts, and problems where those are asked for', async () => {
    const cases: readonly (readonly [query: string, status: number, text: RegExp])[] = [
      ['?start=yesterday', 400, /^Invalid start time format: "yesterday" .*2026-11-20T10:00:00Z\n$/],
      ['?end=2026-13-01T00:00:00Z', 400, /^Invalid end time format: /],
      ['?limit=ten', 400, /^Invalid limit: /],
      ['?limit=1.5', 400, /^Invalid limit: /],
      ['?cursor=nonsense', 400, /^Invalid cursor: /],
      ['?cursor=WyJuZXdlc3QiLCJzdGFydCJd', 400, /^Invalid cursor: .*order/],
      ['?order=up', 400, /^Invalid order: /],
      ['?limit=1&limit=2', 400, /^Invalid limit: give it once/],
      ['?strat=x', 400, /^Invalid parameter: .*did you mean start\?/],
      ['?verb=patch', 400, /^Invalid verb: "patch" is none of create, update, delete\n$/],
      ['?start=2026-01-01T00:00:05Z&end=2026-01-01T00:00:04Z', 400, /^Invalid interval: start .* is after end /],
      ['?start=2026-01-01T00:00:04.5Z&end=2026-01-01T00:00:04Z&verb=create&namespace=z', 404, /time range\n$/],
      ['?namespace=shpo', 404, /specified time range: nothing is known of a namespace "shpo"; did you mean shop\?\n$/],
      ['?user=somebody', 404, /specified time range: everything is by system:k8s-watcher; .*changedBy/],
      ['?end=2025-12-31T00:00:00Z', 404, /range: nothing was observed until .*; history begins at 2026-01-01T00:00:00/],
      ['?start=2027-01-01T00:00:00Z', 404, /range: .* is after the last sign of life, 2026-01-01T00:00:16/],
      ['?namespace=shop&resourceType=nodes', 404, /specified time range: nodes have no namespace, ask with -/],
      ['?namespace=shop&verb=create&resourceName=nobody', 404, /^no audit data .* the specified time range\n$/],
      ['/shpo/pods/web-1', 404, /^no events found for this object: nothing is known of a namespace "shpo"; did/],
      [
        '?resourceType=deploymnets',
        404,
        /^no audit data available for the specified time range: .*did you mean Deployment/,
      ],
      ['/shop/pods/nobody', 404, /^no events found for this object\n$/],
      ['/shop/nodes/n1', 404, /^no events found for this object: nodes have no namespace, ask with -/],
      ['//pods/web-1', 400, /^namespace, resourceType, and name are required\n$/],
    ];
    for (const [path, status, text] of cases) {
      const answer = await ask(served, path);
      assert.equal(answer.status, status, path);
      assert.match(answer.text, text, path);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
      const problem = await ask<{ code: string }>(served, path, { accept: 'application/problem+json' });
      assert.equal(problem.body.code, status === 400 ? 'invalid-input' : 'not-found', path);
    }
  });

  it('WE6 the history of an object: its versions and the Events about it, also when it was gone before they came', async () => {
    const { body, headers } = await ask<ObjectHistory>(served, '/shop/pods/web-1');
    assert.deepEqual([body.namespace, body.resourceType, body.resourceName], ['shop', 'pods', 'web-1']);
    assert.deepEqual(said(body.watchEvents), ['C pods shop/web-1', 'D pods shop/web-1']);
    assert.deepEqual(said(body.relatedEvents), [
      'C events shop/web-1.1',
      'C events shop/kopf-event-1',
      'C events shop/web-1.2',
      'C events shop/web-1.3',
    ]);
    assert.equal(headers.get('x-total-count'), '2');
    assert.equal(headers.get('x-has-more'), 'false');
    const never = (await ask<ObjectHistory>(served, '/shop/pods/web-2')).body;
    assert.deepEqual([never.watchEvents, said(never.relatedEvents)], [[], ['C events shop/web-2.1']]);
    const quiet = (await ask<ObjectHistory>(served, '/shop/configmaps/settings')).body;
    assert.deepEqual([quiet.watchEvents.length, quiet.relatedEvents], [3, []]);
    const since = (await ask<ObjectHistory>(served, '/shop/pods/web-1?start=2026-01-01T00:00:10Z')).body;
    assert.deepEqual([since.watchEvents.length, since.relatedEvents.length], [0, 2]);
  });

  it('WE7 what is cluster-scoped is found through - and _, what is gone by its name, kinds by any of their names', async () => {
    for (const path of ['/-/nodes/n1', '/_/node/n1', '/-/no/n1']) {
      const { body } = await ask<ObjectHistory>(served, path);
      assert.deepEqual([body.namespace, body.resourceType], ['', 'nodes']);
      assert.deepEqual(said(body.watchEvents), ['C nodes n1']);
      assert.deepEqual(said(body.relatedEvents), ['C events default/n1.1']);
    }
    assert.equal((await ask<ObjectHistory>(served, '/shop/certificates/tls')).body.watchEvents.length, 2);
  });

  it('WE8 the two lists of an object are walked together, each once', async () => {
    const watched: AuditEvent[] = [];
    const related: AuditEvent[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Asked<ObjectHistory> = await ask(served, `/shop/pods/web-1?limit=1&cursor=${cursor}`);
      assert.equal(page.status, 200);
      watched.push(...page.body.watchEvents);
      related.push(...page.body.relatedEvents);
      cursor = page.headers.get('x-next-cursor');
    }
    const whole = (await ask<ObjectHistory>(served, '/shop/pods/web-1')).body;
    assert.deepEqual({ watched, related }, { watched: whole.watchEvents, related: whole.relatedEvents });
  });

  it('WE9 no value of a Secret is in any answer', async () => {
    for (const path of ['', '/shop/secrets/key']) {
      const { text } = await ask(served, path);
      assert.ok(text.includes('redacted:'));
      assert.ok(!text.includes(CANARY) && !text.includes(Buffer.from(CANARY).toString('base64')));
    }
  });
});

test('WE10 Events about an object of any kind of the table are found by its plural', async () => {
  const own = kinds.filter(({ kind }) => kind !== '*');
  const named = own.map((kind, number) => ({
    kind,
    name: `it-${number}`,
    place: kind.namespaced ? `n${number % 32}` : '-',
  }));
  const at = '2026-01-01T00:00:00Z';
  await using served = await disposable(
    serve(
      named.map(({ kind: { group, kind, namespaced }, name, place }): Change => {
        const about = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, name };
        const what = namespaced ? { ...about, namespace: place } : about;
        return { type: 'apply', at, cluster: 'c', object: event(`${name}.1`, namespaced ? place : 'default', what) };
      }),
    ),
  );
  const missed: string[] = [];
  for (const { kind, name, place } of named) {
    const { body } = await ask<ObjectHistory>(served, `/${place}/${kind.plural}/${name}`);
    const found = (body.relatedEvents ?? []).map(({ resourceName }) => resourceName);
    if (found.join() !== `${name}.1`) missed.push(`${kindKey(kind)}: ${found}`);
  }
  assert.deepEqual(missed, []);
  assert.ok(own.length > 100);
  const gateway = named.find(({ kind }) => kind.kind === 'Gateway');
  const simple = (await ask<ObjectHistory>(served, `/${gateway?.place}/gatewaies/${gateway?.name}`)).body;
  assert.equal(simple.relatedEvents.length, 1, 'the plural that simple rules make');
});

test('WE13 Events are found by what they say they are about, whatever they are called, also of what was never observed', async () => {
  const at = '2026-01-01T00:00:00Z';
  const about = (name: string): object => ({ ...shopPod, name, uid: `uid-Pod-${name}` });
  const named = [event('web-9.1', 'shop', about('web-9')), event('kopf-event-9', 'shop', about('web-9'))];
  const others = [event('web-9.2', 'shop', about('web-9.2')), event('kopf-event-8', 'shop', about('web-8'))];
  const all = [...named, ...others].map((what): Change => ({ type: 'apply', at, cluster: 'c', object: what }));
  await using served = await disposable(serve(all));
  const { body } = await ask<ObjectHistory>(served, '/shop/pods/web-9');
  assert.deepEqual(said(body.relatedEvents).sort(), ['C events shop/kopf-event-9', 'C events shop/web-9.1']);
});

test('WE11 no page is larger than configured', async () => {
  await using served = await disposable(serve(changes, { KG_HISTORY_QUERY_MAX: '4' }));
  for (const query of ['', '?limit=100', '?limit=0']) {
    const { body, headers } = await ask(served, query);
    assert.deepEqual([body.length, headers.get('x-has-more')], [4, 'true'], query);
  }
});

test('WE12 without a history the answer says how to keep one; with a token it must be shown', async () => {
  const { api } = await openEstate({ token: 'a-secret-token-of-length' });
  const paths = ['/api/v1/events', '/api/v1/events/shop/pods/web-1'];
  for (const url of paths) {
    assert.equal((await api.app.inject({ url })).statusCode, 401);
    const answer = await api.app.inject({ url, headers: { authorization: 'Bearer a-secret-token-of-length' } });
    assert.deepEqual([answer.statusCode, answer.json().code], [501, 'unsupported']);
    assert.match(answer.json().detail, /--history/);
  }
  await api.close();
});

async function disposable(served: Promise<Served>): Promise<Served & AsyncDisposable> {
  const opened = await served;
  return { ...opened, [Symbol.asyncDispose]: () => opened.close() };
}
