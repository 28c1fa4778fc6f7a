import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  events,
  json,
  list,
  type Script,
  type ScriptedServer,
  scriptedServer,
  status,
} from '../../../test/support/scripted-api-server.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import type { Change, KubeObject } from '../../model/change.ts';
import { createClient } from './client.ts';
import { systemClock } from './clock.ts';
import { startWatcher, type Watcher, type WatcherOptions, watcherTimes } from './watcher.ts';

const times = {
  ...watcherTimes,
  backoff: { firstMs: 5, maxMs: 20 },
  slowMs: 20,
  settleMs: 10,
  streamSilenceMs: 80,
  bookmarkSilenceMs: 80,
};
const tls = {};
const anonymous = { current: async () => ({ headers: {}, tls }), reload: async () => undefined };
const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

const pod = (name: string, version: number): object => ({
  metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: String(version) },
});
const added = (name: string, version: number): object => ({ type: 'ADDED', object: pod(name, version) });
const bookmark = (version: number, annotations?: object): object => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(version), annotations } },
});

/** What a watcher says, in short, and a way to wait for it. */
class Said {
  readonly all: string[] = [];
  /** Called with each batch; the watcher waits for it. */
  hold: () => Promise<void> = async () => undefined;
  #wake: () => void = () => undefined;

  readonly emit = async (changes: readonly Change[]): Promise<void> => {
    for (const change of changes) {
      if (change.type === 'observe') this.all.push(change.resumed ? `${change.coverage} resumed` : change.coverage);
      else if (change.type === 'apply' || change.type === 'delete')
        this.all.push(`${change.type} ${change.object.metadata.name}`);
    }
    this.#wake();
    await this.hold();
  };

  /** Until this has been said, so many times. */
  async until(text: string, count = 1): Promise<void> {
    while (this.all.filter((said) => said === text).length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Running {
  readonly server: ScriptedServer;
  readonly said: Said;
  readonly watcher: Watcher;
}

async function watching(
  script: Script,
  check: (running: Running) => Promise<void>,
  more: Partial<WatcherOptions> & { streamed?: boolean } = {},
): Promise<void> {
  await using server = await scriptedServer(script);
  const client = createClient({ cluster: { server: server.url }, credentials: anonymous, lineBytesMax: 10_000 });
  const said = new Said();
  const stop = new AbortController();
  const watcher = startWatcher(
    {
      subject: {
        cluster: 'c',
        resource: pods,
        pageSize: 2,
        streamed: more.streamed === true,
        once: false,
        prepare: (raw) => raw as KubeObject,
      },
      client,
      lists: createSemaphore(1),
      clock: systemClock(),
      random: () => 0.5,
      times,
      emit: said.emit,
      ...more,
    },
    stop.signal,
  );
  try {
    await check({ server, said, watcher });
  } finally {
    stop.abort();
    await watcher.done;
    client.close();
  }
}

test('U40 pages, then the watch from there; half a line at a break is not used, and everything comes once', async () => {
  let watches = 0;
  await watching(
    ({ query }, response) => {
      if (query.get('watch') === null) {
        const second = query.get('continue') === 'more';
        return json(response, second ? list([pod('c', 3)], '10') : list([pod('a', 1), pod('b', 2)], '10', 'more'));
      }
      watches++;
      if (watches > 1) return events(response, added('d', 12));
      events(response, bookmark(11));
      response.write(JSON.stringify(added('d', 12)).slice(0, 30));
      setTimeout(() => response.destroy(), 10);
    },
    async ({ server, said }) => {
      await said.until('apply d');
      assert.deepEqual(said.all, ['loading', 'apply a', 'apply b', 'apply c', 'ready', 'apply d']);
      assert.deepEqual(
        server.asked.map((asked) => asked.replace(/&timeoutSeconds=\d+/, '')),
        [
          '/api/v1/pods?limit=2',
          '/api/v1/pods?limit=2&continue=more',
          '/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=10',
          '/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=11',
        ],
      );
    },
  );
});

test('U41 a 410 between pages, and one in the watch, end in the right objects', async () => {
  let lists = 0;
  let watches = 0;
  await watching(
    ({ query }, response) => {
      if (query.get('watch') === null) {
        if (query.get('continue') === 'more')
          return lists === 1 ? status(response, 410) : json(response, list([pod('c', 3)], '10'));
        lists++;
        return json(
          response,
          lists < 3 ? list([pod('a', 1), pod('b', 2)], '10', 'more') : list([pod('b', 2), pod('e', 30)], '40'),
        );
      }
      watches++;
      return watches === 1
        ? events(response, { type: 'ERROR', object: { code: 410, message: 'too old' } })
        : events(response);
    },
    async ({ said }) => {
      await said.until('ready', 2);
      assert.deepEqual(said.all, [
        'loading',
        'apply a',
        'apply b',
        'apply c',
        'ready',
        'broken',
        'apply e',
        'delete a',
        'delete c',
        'ready',
      ]);
    },
  );
});

test('U42 a connection that went silent is given up, and nothing is missed', async () => {
  let watches = 0;
  await watching(
    ({ query }, response) => {
      if (query.get('watch') === null) return json(response, list([], '10'));
      watches++;
      return watches === 1 ? events(response, bookmark(11)) : events(response, added('late', 12));
    },
    async ({ server, said }) => {
      await said.until('apply late');
      assert.match(server.asked.at(-1) ?? '', /resourceVersion=11$/);
      assert.deepEqual(said.all, ['loading', 'ready', 'apply late']);
    },
  );
});

test('U43 a storm of bookmarks does not hide the one event in it', async () => {
  await watching(
    ({ query }, response) => {
      if (query.get('watch') === null) return json(response, list([], '10'));
      events(response, ...Array.from({ length: 20_000 }, (_, index) => bookmark(100 + index)), added('needle', 30_000));
    },
    async ({ said }) => {
      await said.until('apply needle');
      assert.deepEqual(said.all, ['loading', 'ready', 'apply needle']);
    },
  );
});

test('U44 a streamed list where it is offered; where it stays silent or is refused, pages', async () => {
  for (const offered of ['yes', 'refused', 'silent'] as const) {
    await watching(
      ({ query }, response) => {
        if (query.get('sendInitialEvents') === 'true') {
          if (offered === 'refused') return status(response, 422, 'sendInitialEvents is forbidden');
          if (offered === 'silent') return events(response, added('a', 1));
          return events(response, added('a', 1), bookmark(10, { 'k8s.io/initial-events-end': 'true' }), added('b', 11));
        }
        if (query.get('watch') === null) return json(response, list([pod('a', 1)], '10'));
        return events(response, added('b', 11));
      },
      async ({ server, said }) => {
        await said.until('apply b');
        assert.deepEqual(said.all, ['loading', 'apply a', 'ready', 'apply b'], offered);
        assert.equal(server.asked.length, offered === 'yes' ? 1 : 3);
      },
      { streamed: true },
    );
  }
});

test('U45 a server that dies and comes back: broken meanwhile, resumed without a gap', async () => {
  let alive = true;
  await watching(
    ({ query }, response) => {
      if (!alive) return status(response, 503);
      if (query.get('watch') === null) return json(response, list([pod('a', 1)], '10'));
      return events(response, ...(query.get('resourceVersion') === '10' ? [bookmark(20)] : []));
    },
    async ({ server, said }) => {
      await said.until('ready');
      while (server.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      alive = false;
      server.cut();
      await said.until('broken');
      alive = true;
      await said.until('ready resumed');
      assert.deepEqual(said.all, ['loading', 'apply a', 'ready', 'broken', 'ready resumed']);
    },
  );
});

test('U46 who takes slowly is not overrun: one page is asked for ahead, and its place among the lists is kept until a page is taken', async () => {
  let page = 0;
  const release = Promise.withResolvers<void>();
  await watching(
    ({ query }, response) => {
      if (query.get('watch') !== null) return events(response);
      page++;
      return json(response, list([pod(`p${page}`, page)], '10', page < 10 ? String(page) : undefined));
    },
    async ({ server, said }) => {
      said.hold = () => release.promise;
      await said.until('loading');
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(server.asked.length <= 2, `${server.asked.length} pages were asked for`);
      release.resolve();
      await said.until('ready');
      assert.equal(said.all.filter((text) => text.startsWith('apply')).length, 10);
    },
  );
});

test('U63 a streamed list that fails gives its place among the lists back', async () => {
  const lists = createSemaphore(1);
  let up = false;
  await watching(
    (_, response) => {
      if (!up) return status(response, 503);
      return events(response, added('a', 1), bookmark(10, { 'k8s.io/initial-events-end': 'true' }));
    },
    async ({ server, said }) => {
      const patience = AbortSignal.timeout(2_000);
      while (server.asked.length < 3 && !patience.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
      const release = await lists.acquire(patience);
      up = true;
      release();
      await said.until('ready');
      (await lists.acquire(patience))();
    },
    { streamed: true, lists },
  );
});

test('U47 refresh lists again and tells when that is done; vanish says goodbye for every object', async () => {
  let lists = 0;
  await watching(
    ({ query }, response) => {
      if (query.get('watch') !== null) return events(response);
      lists++;
      return json(response, list(lists === 1 ? [pod('a', 1), pod('b', 2)] : [pod('b', 2)], String(lists * 10)));
    },
    async ({ said, watcher }) => {
      await said.until('ready');
      await watcher.refresh();
      assert.deepEqual(said.all.slice(4), ['broken', 'apply b', 'delete a', 'ready']);
      await watcher.vanish();
      assert.deepEqual(said.all.slice(8), ['delete b', 'absent']);
      await watcher.done;
      await watcher.refresh();
    },
  );
});

test('U48 who waits to try again is woken when the server is back, and an open watch is opened anew', async () => {
  let up = false;
  await watching(
    ({ query }, response) => {
      if (!up) return status(response, 503);
      return query.get('watch') === null ? json(response, list([], '1')) : events(response);
    },
    async ({ server, said, watcher }) => {
      while (server.asked.length < 1) await new Promise((resolve) => setTimeout(resolve, 1));
      await said.until('loading', 2);
      up = true;
      watcher.nudge();
      await said.until('ready');
      const watches = (): number => server.asked.filter((path) => path.includes('watch')).length;
      while (watches() < 1) await new Promise((resolve) => setTimeout(resolve, 1));
      watcher.nudge();
      while (watches() < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.equal(watcher.coverage, 'ready');
    },
    { times: { ...times, backoff: { firstMs: 3_600_000, maxMs: 3_600_000 } } },
  );
});

test('U49 stopping hands over what is known', async () => {
  await watching(
    ({ query }, response) =>
      query.get('watch') === null ? json(response, list([pod('a', 1)], '1')) : events(response),
    async ({ said, watcher }) => {
      await said.until('ready');
      assert.deepEqual([...(await watcher.stop()).keys()], ['uid-a']);
    },
  );
});
