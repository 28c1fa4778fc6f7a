import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import {
  type Asked,
  events,
  json,
  list,
  type ScriptedServer,
  scriptedServer,
  status,
} from '../../../test/support/scripted-api-server.ts';
import type { Change } from '../../model/change.ts';
import type { Source } from '../../model/source.ts';
import { redactor } from '../redact.ts';
import { createClient } from './client.ts';
import { systemClock } from './clock.ts';
import { type KubernetesSource, type KubernetesSourceOptions, kubernetesSnapshot, kubernetesSource } from './source.ts';

const fast = {
  backoff: { firstMs: 5, maxMs: 20 },
  probe: { firstMs: 5, maxMs: 20 },
  slowMs: 30,
  settleMs: 5,
  rediscoverMs: 40,
};
const tls = {};
const anonymous = { current: async () => ({ headers: {}, tls }), reload: async () => undefined };

interface Kind {
  readonly group?: string;
  readonly plural: string;
  readonly kind: string;
  readonly cluster?: boolean;
}

const pods: Kind = { plural: 'pods', kind: 'Pod' };
const namespaces: Kind = { plural: 'namespaces', kind: 'Namespace', cluster: true };
const widgets: Kind = { group: 'shop.example.com', plural: 'widgets', kind: 'Widget' };
const definitions: Kind = {
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  cluster: true,
};

/** A cluster small enough to see through: what it serves, what is in it, and what we may see. */
class Estate {
  kinds: Kind[] = [pods, namespaces];
  /** By plural. */
  objects: Record<string, object[]> = {};
  /** Paths of collections that answer 403. */
  forbidden: RegExp = /^$/;
  rules: Record<string, object[]> = {};
  up = true;
  readonly watches = new Set<{ path: string; response: ServerResponse }>();

  put(plural: string, name: string, namespace = 'n', more: object = {}): object {
    const object = { ...more, metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '1' } };
    this.objects[plural] = [...(this.objects[plural] ?? []), object];
    return object;
  }

  /** Sends an event to the watches of that path, once there is one. */
  async send(path: RegExp, event: object): Promise<void> {
    const open = (): { response: ServerResponse }[] => [...this.watches].filter((watch) => path.test(watch.path));
    while (open().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const { response } of open()) events(response, event);
  }

  readonly script = ({ path, query, request }: Asked, response: ServerResponse): unknown => {
    if (!this.up) return status(response, 503, 'not now');
    if (path === '/api' || path === '/apis') return json(response, this.#discovery(path === '/api'));
    if (path === '/version') return json(response, { gitVersion: 'v1.30.0', minor: '30' });
    if (request.method === 'POST') return this.#review(request, response);
    if (this.forbidden.test(path)) return status(response, 403, `may not list ${path}`);
    const [, plural = ''] = /\/([a-z]+)$/.exec(path) ?? [];
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    if (!this.kinds.some((kind) => kind.plural === plural)) return status(response, 404);
    if (query.get('watch') === null) {
      const objects = (this.objects[plural] ?? []) as { metadata: { namespace?: string } }[];
      return json(
        response,
        list(
          objects.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
          '5',
        ),
      );
    }
    const watch = { path, response };
    this.watches.add(watch);
    response.on('close', () => this.watches.delete(watch));
    return events(response);
  };

  #discovery(core: boolean): object {
    const groups = Map.groupBy(
      this.kinds.filter(({ group }) => (group === undefined) === core),
      ({ group }) => group ?? '',
    );
    return {
      kind: 'APIGroupDiscoveryList',
      items: [...groups].map(([name, kinds]) => ({
        metadata: { name },
        versions: [
          {
            version: 'v1',
            resources: kinds.map(({ plural, kind, cluster }) => ({
              resource: plural,
              responseKind: { kind },
              scope: cluster ? 'Cluster' : 'Namespaced',
              verbs: ['list', 'watch'],
            })),
          },
        ],
      })),
    };
  }

  async #review(request: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { spec } = JSON.parse(body) as { spec: { namespace: string } };
    json(response, { status: { resourceRules: this.rules[spec.namespace] ?? [], incomplete: false } }, 201);
  }
}

const mayFollow = (...resources: string[]): object[] => [{ verbs: ['list', 'watch'], apiGroups: ['*'], resources }];

/** Reads a source, and waits for what it says. */
class Reader {
  readonly changes: Change[] = [];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  #wake: () => void = () => undefined;

  constructor(source: { changes(stop: AbortSignal): AsyncIterable<readonly Change[]> }) {
    this.#reading = (async () => {
      for await (const batch of source.changes(this.#stop.signal)) {
        this.changes.push(...batch);
        this.#wake();
      }
    })();
  }

  get said(): string[] {
    return this.changes.map((change) => {
      if (change.type === 'observe') {
        const { group, kind, namespace } = change.scope;
        return `${group === '' ? '' : `${group}/`}${kind}${namespace === undefined ? '' : `@${namespace}`} ${change.coverage}`;
      }
      return change.type === 'apply' || change.type === 'delete'
        ? `${change.type} ${change.object.metadata.name}`
        : change.type;
    });
  }

  async until(text: string, count = 1): Promise<void> {
    while (this.said.filter((said) => said === text).length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }
}

function options(
  server: ScriptedServer,
  more: Partial<KubernetesSourceOptions> & { namespace?: string } = {},
): KubernetesSourceOptions {
  const { namespace, ...rest } = more;
  const cluster = { server: server.url };
  return {
    cluster: {
      name: 'c',
      connection: { context: 'c', cluster, user: {}, namespace },
      client: createClient({ cluster, credentials: anonymous }),
    },
    redact: redactor('key'),
    clock: systemClock(),
    random: () => 0.5,
    times: fast,
    ...rest,
  };
}

async function following(
  estate: Estate,
  check: (reader: Reader, source: KubernetesSource, server: ScriptedServer) => Promise<void>,
  more: Partial<KubernetesSourceOptions> & { namespace?: string } = {},
): Promise<void> {
  await using server = await scriptedServer(estate.script);
  const source = kubernetesSource(options(server, more));
  const reader = new Reader(source);
  try {
    await check(reader, source, server);
  } finally {
    await reader.end();
  }
}

test('U50 every kind is followed, each object with its kind and without its secrets', async () => {
  const estate = new Estate();
  estate.kinds = [pods, { plural: 'secrets', kind: 'Secret' }];
  estate.put('secrets', 's', 'n', { data: { a: 'CANARY' } });
  await following(estate, async (reader) => {
    await reader.until('Pod ready');
    await reader.until('Secret ready');
    const [secret] = reader.changes.filter((change) => change.type === 'apply');
    assert.deepEqual([secret?.object.apiVersion, secret?.object.kind, secret?.cluster], ['v1', 'Secret', 'c']);
    await estate.send(/secrets/, {
      type: 'MODIFIED',
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's', uid: 'uid-s', resourceVersion: '9' },
        data: { a: 'CANARY2' },
      },
    });
    await reader.until('apply s', 2);
    assert.doesNotMatch(JSON.stringify(reader.changes), /CANARY/);
  });
});

test('U51 kinds that come and go are followed and said goodbye to; what is excluded is shown as such', async () => {
  const estate = new Estate();
  estate.kinds = [pods, definitions];
  estate.put('widgets', 'w1');
  await following(
    estate,
    async (reader) => {
      await reader.until('apiextensions.k8s.io/CustomResourceDefinition ready');
      estate.kinds.push(widgets);
      await estate.send(/customresourcedefinitions/, {
        type: 'ADDED',
        object: { metadata: { name: 'widgets', uid: 'd', resourceVersion: '6' } },
      });
      await reader.until('shop.example.com/Widget ready');
      estate.kinds.pop();
      await estate.send(/customresourcedefinitions/, {
        type: 'DELETED',
        object: { metadata: { name: 'widgets', uid: 'd', resourceVersion: '7' } },
      });
      await reader.until('shop.example.com/Widget absent');
      assert.ok(reader.said.includes('delete w1'));
      assert.ok(reader.said.includes('Pod excluded'));
      assert.ok(!reader.said.includes('Pod loading'));
    },
    { exclude: ['pods'], times: { ...fast, rediscoverMs: 3_600_000 } },
  );
});

test('U52 who may not see the cluster sees the namespaces it may see; what appears there is followed too', async () => {
  const estate = new Estate();
  estate.forbidden = /^\/api\/v1\/pods$/;
  estate.rules = { shop: mayFollow('pods'), late: mayFollow('pods') };
  for (const name of ['shop', 'other']) estate.put('namespaces', name);
  estate.put('pods', 'p1', 'shop');
  estate.put('pods', 'p2', 'late');
  await following(estate, async (reader, _, server) => {
    await reader.until('Pod@shop ready');
    assert.ok(reader.said.includes('apply p1') && reader.said.includes('Pod forbidden'));
    assert.ok(
      !server.asked.some((path) => path.includes('/namespaces/other/')),
      'not even tried where the rules say no',
    );
    await estate.send(/\/namespaces$/, {
      type: 'ADDED',
      object: { metadata: { name: 'late', uid: 'uid-late', resourceVersion: '9' } },
    });
    await reader.until('Pod@late ready');
    assert.ok(reader.said.includes('apply p2'));
  });
});

test('U53 where even the namespaces are hidden, the configured ones are tried, or that of the context', async () => {
  for (const more of [{ namespaces: ['shop'] }, { namespace: 'shop' }]) {
    const estate = new Estate();
    estate.forbidden = /^\/api\/v1\/(pods|namespaces)$/;
    estate.rules = { shop: mayFollow('pods') };
    estate.put('pods', 'p1', 'shop');
    await following(
      estate,
      async (reader) => {
        await reader.until('Pod@shop ready');
        assert.ok(reader.said.includes('apply p1'));
      },
      more,
    );
  }
});

test('U54 let in at last, everything is followed at once, and nothing that vanished meanwhile stays', async () => {
  const estate = new Estate();
  estate.forbidden = /^\/api\/v1\/pods$/;
  estate.rules = { shop: mayFollow('pods') };
  estate.put('namespaces', 'shop');
  estate.put('pods', 'stays', 'shop');
  estate.put('pods', 'goes', 'shop');
  await following(estate, async (reader) => {
    await reader.until('Pod@shop ready');
    estate.objects['pods'] = estate.objects['pods']!.slice(0, 1);
    estate.put('pods', 'elsewhere', 'other');
    estate.forbidden = /^$/;
    await reader.until('delete goes');
    await reader.until('apply elsewhere');
    assert.ok(reader.said.indexOf('Pod ready') > reader.said.indexOf('Pod@shop ready'));
    assert.ok(!reader.said.includes('delete stays'));
  });
});

test('U55 a server that is not there is waited for and shown; when it comes, everything is listed', async () => {
  const estate = new Estate();
  estate.up = false;
  estate.put('pods', 'p1');
  await following(estate, async (reader) => {
    await reader.until('*/* loading');
    assert.match(JSON.stringify(reader.changes[0]), /127\.0\.0\.1.*not now/);
    estate.up = true;
    await reader.until('Pod ready');
    assert.ok(reader.said.includes('apply p1') && reader.said.includes('*/* ready'));
  });
});

test('U56 a refresh reads everything from the server again, says every object anew, and ends when that is done', async () => {
  const estate = new Estate();
  estate.put('pods', 'stays');
  estate.put('pods', 'goes');
  await following(estate, async (reader, source, server) => {
    await reader.until('Pod ready');
    await reader.until('Namespace ready');
    estate.objects['pods'] = estate.objects['pods']!.slice(0, 1);
    const [asked, said] = [server.asked.length, reader.changes.length];
    await Promise.all([source.refresh(), source.refresh()]);
    await reader.until('Pod ready', 2);
    await reader.until('Namespace ready', 2);
    const lists = server.asked.slice(asked).filter((path) => path.startsWith('/api/v1/') && !path.includes('watch'));
    assert.deepEqual([...new Set(lists)].sort(), ['/api/v1/namespaces?limit=500', '/api/v1/pods?limit=500']);
    const after = reader.said.slice(said);
    assert.ok(after.includes('apply stays') && after.includes('delete goes'), after.join());
  });
});

test('U62 a refresh of some kinds leaves the watches of the others alone', async () => {
  const estate = new Estate();
  estate.put('pods', 'p');
  estate.put('namespaces', 'n');
  await following(estate, async (reader, source, server) => {
    await reader.until('Pod ready');
    await reader.until('Namespace ready');
    const [asked, said] = [server.asked.length, reader.changes.length];
    await source.refresh(({ kind }) => kind === 'Pod');
    await reader.until('Pod ready', 2);
    assert.deepEqual(reader.said.slice(said), ['Pod broken', 'apply p', 'Pod ready']);
    assert.ok(!server.asked.slice(asked).some((path) => path.includes('namespaces?limit')));
  });
});

test('U57 one look lists everything and ends, also where only namespaces may be seen', async () => {
  const estate = new Estate();
  estate.forbidden = /^\/api\/v1\/(pods|namespaces)$/;
  estate.rules = { shop: mayFollow('pods') };
  estate.put('pods', 'p1', 'shop');
  await using server = await scriptedServer(estate.script);
  const said: string[] = [];
  for await (const batch of kubernetesSnapshot(options(server, { namespace: 'shop' })).changes(
    new AbortController().signal,
  )) {
    for (const change of batch) said.push(change.type === 'observe' ? change.coverage : change.type);
  }
  assert.deepEqual(said.toSorted(), [
    'apply',
    'forbidden',
    'forbidden',
    // Each kind is announced before the cluster counts as discovered, and says so again when its list begins.
    'loading',
    'loading',
    'loading',
    'loading',
    'loading',
    'ready',
    'ready',
  ]);
});

/** Everything that a source says until it ends. */
async function all(source: Source): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for await (const batch of source.changes(new AbortController().signal)) changes.push(...batch);
  return changes;
}

test('U58 one look at a cluster that does not answer, or lets nobody in, is a Problem', async () => {
  for (const [code, problem] of [
    [503, 'cluster-unreachable'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ] as const) {
    await using server = await scriptedServer((_, response) => status(response, code, 'no'));
    const reading = all(kubernetesSnapshot(options(server)));
    await assert.rejects(reading, { code: problem, message: /Cluster "c" .*no/ });
  }
});

test('U65 one look at a cluster that lets us see nothing of what it has is a Problem', async () => {
  const estate = new Estate();
  estate.forbidden = /./;
  await using server = await scriptedServer(estate.script);
  const reading = all(kubernetesSnapshot(options(server)));
  await assert.rejects(reading, { code: 'forbidden', message: /none of its 2 kinds may be listed.*doctor/ });
});

test('U59 what one look cannot list is shown, and the rest is there', async () => {
  const estate = new Estate();
  estate.put('pods', 'p1');
  await using server = await scriptedServer((asked, response) =>
    asked.path === '/api/v1/namespaces' ? status(response, 500, 'etcd is away') : estate.script(asked, response),
  );
  const changes = (
    await Array.fromAsync(kubernetesSnapshot(options(server)).changes(new AbortController().signal))
  ).flat();
  assert.ok(changes.some((change) => change.type === 'apply' && change.object.metadata.name === 'p1'));
  const shown = changes.filter((change) => change.type === 'observe' && change.scope.kind === 'Namespace').at(-1);
  assert.match(JSON.stringify(shown), /loading.*etcd is away/);
});

test('a reader that leaves early ends everything', async () => {
  const estate = new Estate();
  await using server = await scriptedServer(estate.script);
  for await (const _ of kubernetesSource(options(server)).changes(new AbortController().signal)) break;
  while (estate.watches.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});
