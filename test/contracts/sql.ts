/**
 * What every store of history shows to people who ask in SQL (docs/reference/sql.md): six tables, under the names and columns of the system that they
 * come from. Whoever asks here is a client like any other: it knows nothing of this program.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Change, KubeObject } from '../../src/model/change.ts';
import { isEvent } from '../../src/model/groups.ts';
import type { View } from '../../src/model/view.ts';
import { noteExport } from '../../src/sinks/history/exports.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { Queries } from '../../src/sinks/history/queries.ts';
import { Readable, type ReadableOptions, standardReadable } from '../../src/sinks/history/readable.ts';
import { prune } from '../../src/sinks/history/retention.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { redactor } from '../../src/sources/redact.ts';
import { demoChanges, entriesIn, historyOf } from '../support/sql-history.ts';
import { watched } from './history-trouble.ts';

type Row = Readonly<Record<string, string | number | null>>;

export interface SqlStore {
  /** For the program. */
  readonly url: string;
  /** A client of the database's own, which may only read. Instants are text that JavaScript can parse, counts are numbers. */
  ask(sql: string): Promise<readonly Row[]>;
}

const columns = {
  clusters: 'id name context kubeconfig_path server_url version status last_connected created_at updated_at',
  topology_snapshots: 'id cluster_id namespace data node_count edge_count layout_seed timestamp',
  resource_history: 'id cluster_id resource_type namespace name action yaml diff timestamp',
  events:
    'id cluster_id type reason message resource_kind resource_name namespace first_timestamp last_timestamp count created_at',
  exports: 'id cluster_id topology_snapshot_id format file_path file_size created_at',
  user_preferences: 'id key value updated_at',
};

const START = Date.parse('2026-11-20T10:00:00Z');
const HOUR = 3_600_000;

function at(ms: number): string {
  return new Date(START + ms).toISOString();
}

function apply(ms: number, object: KubeObject): readonly Change[] {
  return [{ type: 'apply', at: at(ms), cluster: 'c', object }];
}

function remove(ms: number, { apiVersion, kind, metadata }: KubeObject): readonly Change[] {
  return [{ type: 'delete', at: at(ms), cluster: 'c', object: { apiVersion, kind, metadata } }];
}

function observe(ms: number, coverage: 'ready' | 'broken' | 'forbidden'): readonly Change[] {
  return [{ type: 'observe', at: at(ms), cluster: 'c', scope: { group: '*', kind: '*' }, coverage }];
}

function configMap(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name, uid: `uid-${name}` }, data };
}

function eventAbout(name: string, count: number, uid = 'e1'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'shop', name: `odd-${uid}`, uid, creationTimestamp: '2026-11-20T10:00:00Z' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name },
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    count,
    firstTimestamp: '2026-11-20T10:00:00Z',
    lastTimestamp: at(count * 1_000),
  };
}

/** Writes changes to a history that is there or not, as the program does but for the threads. */
async function written(
  url: string,
  batches: Iterable<readonly Change[]>,
  options: Partial<ReadableOptions> = {},
): Promise<void> {
  await using database = await openDatabase(url);
  const writer = await HistoryWriter.open(database);
  for (const entries of entriesIn(batches)) await writer.write(entries);
  await Array.fromAsync(writer.tell(new Readable(database, { ...standardReadable, ...options }), { final: true }));
}

/** The history of the demo, made once. */
class Demo {
  readonly #make: () => Promise<SqlStore>;
  #made: Promise<{ readonly store: SqlStore; readonly view: View }> | undefined;

  constructor(make: () => Promise<SqlStore>) {
    this.#make = make;
  }

  get(): Promise<{ readonly store: SqlStore; readonly view: View }> {
    this.#made ??= (async () => {
      const store = await this.#make();
      return { store, view: await historyOf(store.url, demoChanges()) };
    })();
    return this.#made;
  }
}

/** `make` gives a place for a history that is not there yet, and a client that asks it. */
export function sqlContract(name: string, make: () => Promise<SqlStore>): void {
  const demo = new Demo(make);

  test(`HI80 ${name}: the six tables are there under their names and columns, with what was seen in them`, async () => {
    const { store } = await demo.get();
    for (const [table, names] of Object.entries(columns)) {
      const [row] = await store.ask(`SELECT * FROM ${table} LIMIT 1`);
      const isEmpty = table === 'exports' || table === 'user_preferences';
      assert.equal(row === undefined, isEmpty, table);
      if (row) assert.deepEqual(Object.keys(row), names.split(' '), table);
      await store.ask(`SELECT ${names.split(' ')} FROM ${table}`);
    }
  });

  test(`HI81 ${name}: clusters tell whether they were connected, since when they are known, and until when`, async () => {
    const { store } = await demo.get();
    const [cluster] = await store.ask('SELECT * FROM clusters');
    assert.deepEqual([cluster?.['id'], cluster?.['status']], ['shop-demo', 'connected']);
    assert.ok(ms(cluster, 'created_at') < ms(cluster, 'updated_at'));
    assert.equal(ms(cluster, 'last_connected'), ms(cluster, 'updated_at'));
    for (const [coverage, status] of [
      ['broken', 'disconnected'],
      ['forbidden', 'error'],
    ] as const) {
      const other = await make();
      await written(other.url, [
        observe(0, 'ready'),
        apply(0, configMap('a', {})),
        observe(60_000, coverage),
        apply(90_000, configMap('b', {})),
      ]);
      const [lost] = await other.ask('SELECT * FROM clusters');
      assert.equal(lost?.['status'], status);
      assert.deepEqual(
        ['last_connected', 'created_at', 'updated_at'].map((column) => ms(lost, column) - START),
        [60_000, 0, 90_000],
      );
    }
  });

  test(`HI82 ${name}: a snapshot an hour has the size of the graph, and its nodes and edges as JSON`, async () => {
    const { store, view } = await demo.get();
    const nodes = [...view.resources()].filter((resource) => !resource.pseudo && !isEvent(resource));
    const ids = new Set(nodes.map(({ id }) => id));
    const edges = nodes.flatMap(({ id }) => [...view.stored(id, 'out')].filter(({ to }) => ids.has(to)));
    const [snapshot, ...others] = await store.ask('SELECT * FROM topology_snapshots');
    assert.equal(others.length, 0);
    assert.deepEqual([snapshot?.['node_count'], snapshot?.['edge_count']], [nodes.length, edges.length]);
    const data = JSON.parse(String(snapshot?.['data']));
    assert.deepEqual(data.nodes.map(({ uid }: { uid: string }) => uid).sort(), nodes.map(({ uid }) => uid).sort());
    assert.equal(data.edges.length, edges.length);
    const known = new Set(data.nodes.map(({ id }: { id: string }) => id));
    assert.ok(data.edges.every(({ source, target }: Record<string, string>) => known.has(source) && known.has(target)));
    assert.ok(known.has('Deployment/shop/checkout') && known.has('Namespace/shop'));

    const several = await make();
    const life = [0, 1, 2, 3].flatMap((hour) => [
      apply(hour * HOUR, configMap(`first-${hour}`, {})),
      apply(hour * HOUR + 10, configMap(`second-${hour}`, {})),
    ]);
    // An hour in which nobody looked has none; what is written later takes the place of what was known of its hour.
    await written(several.url, [...life.slice(0, 3), ...life.slice(6, 7)]);
    await written(several.url, [...life.slice(7)]);
    const rows = await several.ask(
      'SELECT id, cluster_id, node_count, timestamp FROM topology_snapshots ORDER BY timestamp',
    );
    assert.deepEqual(
      rows.map((row) => [row['id'], row['node_count'], ms(row, 'timestamp') - START]),
      [
        ['c/2026-11-20T10', 2, 10],
        ['c/2026-11-20T11', 3, HOUR],
        ['c/2026-11-20T13', 5, 3 * HOUR + 10],
      ],
    );
  });

  test(`HI83 ${name}: the history of a resource tells what was done to it, what changed, and what it is`, async () => {
    const { store } = await demo.get();
    const secrets = await store.ask(
      "SELECT * FROM resource_history WHERE resource_type = 'secrets' AND name = 'db-credentials' ORDER BY timestamp",
    );
    assert.deepEqual([secrets[0]?.['action'], secrets.at(-1)?.['action']], ['created', 'deleted']);
    assert.equal(parse(String(secrets.at(-1)?.['yaml'])).metadata.name, 'db-credentials');
    const pods = await store.ask(
      `SELECT diff FROM resource_history WHERE resource_type = 'pods' AND diff LIKE '%type=Ready].status: "True"%'`,
    );
    assert.match(
      String(pods[0]?.['diff']),
      /^by kubelet \(status\)\n(.*\n)*status\.conditions\[type=Ready\]\.status: "True" → "False"$/m,
    );
    const plurals = await store.ask("SELECT DISTINCT resource_type FROM resource_history WHERE name = 'checkout'");
    assert.deepEqual(plurals.map((row) => row['resource_type']).sort(), [
      'deployments',
      'endpoints',
      'poddisruptionbudgets',
      'serviceaccounts',
      'services',
    ]);
    const [events] = await store.ask("SELECT count(*) AS many FROM resource_history WHERE resource_type = 'events'");
    assert.equal(Number(events?.['many']), 0, 'Events have a table of their own');

    const other = await make();
    const long = configMap(
      'long',
      Object.fromEntries(Array.from({ length: 300 }, (_, key) => [`k${key}`, 'x'.repeat(500)])),
    );
    const widget = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', uid: 'w' },
      spec: { size: 1 },
    };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgetz.example.com', uid: 'crd' },
      spec: { group: 'example.com', names: { kind: 'Widget', plural: 'widgetz' } },
    };
    await written(other.url, [
      apply(0, configMap('long', {})),
      apply(1, long),
      apply(2, widget),
      apply(3, definition),
      apply(4, { ...widget, spec: { size: 2 } }),
      remove(5, widget),
      apply(6, widget),
    ]);
    const widgets = await other.ask("SELECT * FROM resource_history WHERE name = 'w' ORDER BY timestamp");
    assert.deepEqual(
      widgets.map((row) => [
        row['resource_type'],
        row['namespace'],
        row['action'],
        row['diff'],
        row['yaml'] === null ? null : parse(String(row['yaml'])).spec.size,
      ]),
      [
        ['widgetz', '', 'created', null, null],
        ['widgetz', '', 'updated', 'spec.size: 1 → 2', 2],
        ['widgetz', '', 'deleted', null, 2],
        ['widgetz', '', 'created', null, 1],
      ],
    );
    assert.equal(new Set(widgets.map((row) => row['id'])).size, 4);
    assert.deepEqual(
      widgets.map((row) => ms(row, 'timestamp') - START),
      [2, 4, 5, 6],
    );
    const [changed] = await other.ask("SELECT diff FROM resource_history WHERE name = 'long' AND action = 'updated'");
    const diff = String(changed?.['diff']);
    assert.ok(diff.length < 2_100, String(diff.length));
    assert.match(diff, /^data: \(none\) → \{"k0":"x+…$|^data\.k0: \(none\) → .*\n… and \d+ more$/s);
  });

  test(`HI103 ${name}: what was deleted is shown as it was last, or not at all`, async () => {
    const store = await make();
    const grows = configMap('grows', { text: 'small' });
    const large = configMap('grows', { text: 'large '.repeat(60_000) });
    const stays = configMap('stays', { text: 'first' });
    const life = [
      [...apply(0, grows), ...apply(0, stays)],
      [...apply(1, large), ...apply(1, configMap('stays', { text: 'last' }))],
      [...remove(2, large), ...remove(2, stays)],
    ];
    {
      await using database = await openDatabase(store.url);
      const writer = await HistoryWriter.open(database);
      const readable = new Readable(database, standardReadable);
      // As while a server runs: what is told of the first version is there when the second comes.
      for (const entries of entriesIn(life)) {
        await writer.write(entries);
        await Array.fromAsync(writer.tell(readable, {}));
      }
    }
    const rows = await store.ask("SELECT name, yaml FROM resource_history WHERE action = 'deleted' ORDER BY name");
    assert.deepEqual(
      rows.map(({ name: of, yaml }) => [of, yaml === null ? null : parse(String(yaml)).data.text]),
      [
        ['grows', null],
        ['stays', 'last'],
      ],
    );
  });

  test(`HI84 ${name}: Events tell what happened to whom and how often, and are found by it`, async () => {
    const { store, view } = await demo.get();
    const [count] = await store.ask('SELECT count(*) AS many FROM events');
    assert.equal(Number(count?.['many']), [...view.resources({ kind: 'Event' })].filter(isEvent).length);
    const [failed] = await store.ask("SELECT * FROM events WHERE message LIKE '%db-credentials%not found%' LIMIT 1");
    assert.deepEqual(
      [failed?.['type'], failed?.['reason'], failed?.['resource_kind'], failed?.['namespace']],
      ['Warning', 'Failed', 'Pod', 'payments'],
    );

    const other = await make();
    await written(other.url, [
      apply(0, eventAbout('web-1', 1)),
      apply(10, eventAbout('web-1', 7)),
      apply(20, eventAbout('web-2', 1, 'e2')),
    ]);
    const about = async (names: readonly string[], kinds?: readonly string[]): Promise<readonly string[]> => {
      await using database = await openDatabase(other.url, { readOnly: true });
      const query = { about: { names, ...(kinds && { kinds }) }, verbs: ['create', 'update'] as const };
      const versions = await new Queries(database).versions(query, { limit: 100 });
      return versions.map(({ of, object }) => `${of.uid} ${object['count']}`);
    };
    const [event] = await other.ask("SELECT * FROM events WHERE resource_name = 'web-1'");
    assert.deepEqual(
      [
        event?.['count'],
        ms(event, 'first_timestamp') - START,
        ms(event, 'last_timestamp') - START,
        ms(event, 'created_at') - START,
      ],
      [7, 0, 7_000, 0],
    );
    assert.deepEqual(await about(['web-1']), ['e1 1', 'e1 7']);
    await using database = await openDatabase(other.url);
    const writer = await HistoryWriter.open(database);
    for (const entries of entriesIn([apply(30, configMap('later', {})), apply(40, eventAbout('web-3', 1, 'e3'))]))
      await writer.write(entries);
    assert.deepEqual(await about(['web-3']), ['e3 1'], 'not told yet, but found');
    await Array.fromAsync(new Readable(database, standardReadable).round());
    assert.deepEqual(await about(['web-1'], ['Pod']), ['e1 1', 'e1 7']);
    assert.deepEqual(await about(['web-1'], ['Node']), []);
  });

  test(`HI85 ${name}: texts are kept for some hours and within some bytes, those of what is there for longer`, async () => {
    const store = await make();
    const life = [
      apply(0, configMap('a', { level: '0' })),
      apply(1, configMap('b', { level: '0' })),
      apply(HOUR, configMap('a', { level: '1' })),
      remove(2 * HOUR, configMap('b', {})),
      apply(30 * HOUR, configMap('a', { level: '2' })),
    ];
    await written(store.url, life);
    const texts = async (from: SqlStore): Promise<unknown> =>
      (await from.ask('SELECT name, action, diff, yaml FROM resource_history ORDER BY timestamp')).map(
        ({ name: of, action, diff, yaml }) => [of, action, diff, yaml !== null],
      );
    assert.deepEqual(await texts(store), [
      ['a', 'created', null, false],
      ['b', 'created', null, false],
      ['a', 'updated', null, false],
      ['b', 'deleted', null, false],
      ['a', 'updated', 'data.level: "1" → "2"', true],
    ]);
    const none = await make();
    await written(none.url, [...life, apply(31 * HOUR, eventAbout('a', 1))], { hours: 0 });
    const [counts] = await none.ask(
      'SELECT count(diff) AS diffs, count(yaml) AS yamls, count(*) AS every FROM resource_history',
    );
    const [events] = await none.ask('SELECT count(*) AS every FROM events');
    assert.deepEqual([...Object.values(counts ?? {}), events?.['every']].map(Number), [0, 0, 5, 1]);

    const small = await make();
    const many = Array.from({ length: 400 }, (_, index) => [
      apply(index * 10, configMap(`m${index}`, { text: 'x'.repeat(200) })),
      apply(index * 10 + 1, configMap(`m${index}`, { text: 'y'.repeat(200) })),
    ]).flat();
    await written(small.url, many, { maxBytes: 60_000 });
    const [sum] = await small.ask(
      'SELECT sum(length(diff)) AS diffs, sum(length(yaml)) AS yamls, count(*) AS every FROM resource_history',
    );
    assert.equal(Number(sum?.['every']), 800);
    for (const size of [sum?.['diffs'], sum?.['yamls']].map(Number))
      assert.ok(size > 20_000 && size <= 30_000, String(size));
    const [latest] = await small.ask(
      "SELECT diff, yaml FROM resource_history WHERE name = 'm399' AND action = 'updated'",
    );
    assert.ok(latest?.['diff'] && latest['yaml'], 'what was seen last stays');
  });

  test(`HI104 ${name}: however often texts are shortened, the same few questions are asked`, async () => {
    const store = await make();
    await using database = await openDatabase(store.url);
    const writer = await HistoryWriter.open(database);
    const asked = new Map<string, number>();
    const heard = watched(database, (sql) => void asked.set(sql, (asked.get(sql) ?? 0) + 1));
    const readable = new Readable(heard, { ...standardReadable, maxBytes: 20_000 });
    let questions = 0;
    for (let round = 0; round < 6; round++) {
      const life = Array.from({ length: 50 + round * 7 }, (_, index) =>
        apply(round * 1_000 + index, configMap(`m${round}-${index}`, { text: 'x'.repeat(300) })),
      );
      for (const entries of entriesIn(life)) await writer.write(entries);
      await Array.fromAsync(readable.round());
      if (round === 1) questions = asked.size;
    }
    assert.ok(Math.max(...[...asked].map(([sql, times]) => (sql.includes('OFFSET') ? times : 0))) >= 5);
    assert.equal(asked.size, questions);
  });

  test(`HI86 ${name}: what people read may lag, and is the same when it is made again from the versions`, async () => {
    const { store } = await demo.get();
    const dump = async (from: SqlStore): Promise<string> =>
      JSON.stringify(
        await Promise.all(
          ['resource_history', 'events', 'topology_snapshots'].map((table) =>
            from.ask(`SELECT * FROM ${table} ORDER BY id`),
          ),
        ),
      );
    const whole = await dump(store);
    await using database = await openDatabase(store.url);
    const writer = await HistoryWriter.open(database);
    const told = ['readable', 'change_text', 'object_text', 'event', 'event_object', 'snapshot'];
    for (const table of told) await database.script(`DELETE FROM ${table}`);
    await database.script('UPDATE kind SET plural = NULL');
    const [lagging] = await store.ask('SELECT count(*) AS every, count(yaml) AS yamls FROM resource_history');
    assert.ok(Number(lagging?.['every']) > 400 && Number(lagging?.['yamls']) === 0);
    // Broken off after each of its steps, and begun again.
    for (let steps = 0, isOver = false; !isOver && steps < 200; steps++) {
      const round = writer.tell(new Readable(database, standardReadable), { final: true });
      isOver = (await round.next()).done === true;
      await round.return(undefined);
    }
    await Array.fromAsync(writer.tell(new Readable(database, standardReadable), { final: true }));
    assert.equal(await dump(store), whole);
  });

  test(`HI87 ${name}: what a history forgets is forgotten here as well, and files that were made of it are listed`, async () => {
    const store = await make();
    await written(store.url, [
      apply(0, eventAbout('web-1', 1)),
      apply(1, configMap('gone', { a: '1' })),
      remove(HOUR, eventAbout('web-1', 1)),
      remove(HOUR, configMap('gone', {})),
      apply(2 * HOUR, configMap('stays', {})),
      apply(60 * HOUR, configMap('stays', { a: '1' })),
    ]);
    await noteExport(store.url, { format: 'sqlite', path: '/backups/history.db', bytes: 12 });
    await using database = await openDatabase(store.url);
    const retention = { days: 1, kindDays: {}, maxBytes: 0 };
    const steps = prune(database, retention, { now: START + 60 * HOUR });
    while (!(await steps.next()).done);
    await Array.fromAsync(new Readable(database, standardReadable).round());
    const rows = async (sql: string): Promise<unknown> => (await store.ask(sql)).map((row) => Object.values(row));
    assert.deepEqual(await rows('SELECT name, action FROM resource_history ORDER BY timestamp'), [
      ['stays', 'created'],
      ['stays', 'updated'],
    ]);
    assert.deepEqual(await rows('SELECT id FROM events'), []);
    assert.deepEqual(await rows('SELECT node_count FROM topology_snapshots'), [[1], [1]]);
    for (const table of ['event', 'event_object', 'object_text'])
      assert.equal(
        Number((await database.rows(`SELECT count(*) FROM ${table}`))[0]?.[0]),
        table === 'object_text' ? 1 : 0,
        table,
      );
    assert.deepEqual(await rows('SELECT cluster_id, format, file_path, file_size FROM exports'), [
      ['c', 'sqlite', '/backups/history.db', 12],
    ]);
  });

  test(`HI88 ${name}: the queries of the documentation answer as they stand there`, async () => {
    const { store } = await demo.get();
    const text = readFileSync(resolve(import.meta.dirname, '../../docs/reference/sql.md'), 'utf8');
    const queries = [...text.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql = '']) => sql);
    assert.ok(queries.length >= 5);
    for (const sql of queries) assert.ok((await store.ask(sql)).length > 0, sql);
  });

  test(`HI89 ${name}: no value of a Secret is in any table`, async () => {
    const store = await make();
    const [canary, seen] = ['hunter2hunter2', 'plain-to-see'];
    const base64 = Buffer.from(canary).toString('base64');
    const redact = redactor('a key for tests');
    const metadata = (of: string): KubeObject['metadata'] => ({ namespace: 'shop', name: of, uid: of });
    const objects = (value: string, encoded: string): readonly KubeObject[] => [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          ...metadata('secret'),
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { p: encoded } }),
            seen,
          },
        },
        data: { password: encoded },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata('pod'), annotations: { 'example.com/token': value, seen } },
        spec: {
          containers: [
            {
              name: 'c',
              env: [
                { name: 'DB_PASSWORD', value },
                { name: 'SEEN', value: seen },
              ],
            },
          ],
        },
      },
      { ...eventAbout('pod', 1), message: `${seen}: login with --password=${value} refused` },
    ];
    const changed = objects(`${canary}again`, Buffer.from(`${canary}again`).toString('base64'));
    const batches = [...objects(canary, base64), ...changed].map((object, index) => apply(index, redact(object)));
    await written(store.url, batches);
    let all = '';
    for (const table of Object.keys(columns)) all += JSON.stringify(await store.ask(`SELECT * FROM ${table}`));
    assert.ok(all.split(seen).length > 4, 'the rest is there');
    assert.match(all, /data\.password: \\"redacted:[0-9a-f]{16}\\" → \\"redacted:/);
    for (const secret of [canary, base64.slice(0, 14)]) assert.ok(!all.includes(secret), secret);
  });
}

function ms(row: Row | undefined, column: string): number {
  return Date.parse(String(row?.[column]));
}
