/**
 * What every store of history must do when something is in its way: more than it remembers, somebody who shortens it meanwhile, damage, views of an
 * earlier version. A store's test gives a way to make empty ones.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { timeOfMicroseconds } from '../../src/model/time.ts';
import { checkHistory } from '../../src/sinks/history/check.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import type { Entry, Named } from '../../src/sinks/history/entries.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { Queries } from '../../src/sinks/history/queries.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { dueCuts, prune, type Retention, wouldGo } from '../../src/sinks/history/retention.ts';
import { tablesVersion } from '../../src/sinks/history/schema.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { momentAt, named, START } from './history-life.ts';

interface Store {
  /** Where an empty one is. */
  readonly url: string;
  end(): Promise<void>;
}

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Registers the suite for one store. */
export function troubleContract(name: string, make: () => Promise<Store>): void {
  const it = (title: string, run: (url: string) => Promise<void>): void => {
    test(title, { timeout: 120_000 }, async () => {
      const store = await make();
      try {
        await run(store.url);
      } finally {
        await store.end();
      }
    });
  };

  it(`HI93 ${name}: what did not change has no second version, although it is more than is remembered`, async (url) => {
    // 300 times 200 kB, twice what is remembered between two batches.
    const all = Array.from({ length: 300 }, (_, at) => version(named(wordOf(at)), 'large', 200_000));
    {
      await using db = await openDatabase(url);
      await (await HistoryWriter.open(db)).write([momentAt(0), ...all]);
    }
    await using db = await openDatabase(url);
    const writer = await HistoryWriter.open(db);
    for (let round = 1; round <= 2; round++) {
      const some = all.map((each, at) => (at % 10 === 0 ? version(each.of, round, 200_000) : each));
      await writer.write([momentAt(round), ...some]);
      assert.equal(await countOf(db, 'version'), 300 + 30 * round, `round ${round}`);
    }
  });

  it(`HI94 ${name}: a question is answered although what it needs is shortened while it is asked`, async (url) => {
    await using db = await openDatabase(url);
    const writer = await HistoryWriter.open(db);
    const stays = named('stays');
    const texts = Array.from({ length: 48 }, (_, hour) => version(stays, hour, 4_000));
    for (const [hour, each] of texts.entries()) {
      const passing = named(`passing-${wordOf(hour)}`);
      await writer.write([momentAt(hour * HOUR), each, version(passing, hour, 4_000)]);
      await writer.write([momentAt(hour * HOUR + 60), { type: 'end', id: passing.id }]);
    }
    const [from, to] = [40, 48].map((hour) => timeOfMicroseconds(START + hour * HOUR * 1e6)) as [string, string];
    const last = (await new HistoryReader(db).last())?.moment ?? 0;
    const questions: Readonly<Record<string, (read: Database) => Promise<unknown>>> = {
      versions: (read) => new Queries(read).versions({ from }, { limit: 100, withBefore: true }),
      'versions, the oldest': (read) => new Queries(read).versions({}, { limit: 20 }),
      changed: (read) => new Queries(read).changed({ from, to }, 0, 100),
      between: (read) => new HistoryReader(read).between(last - 4, last),
      standing: async (read) => (await Array.fromAsync(new HistoryReader(read).standingAt(last))).flat(),
      check: (read) => checkHistory(read, { every: true }),
    };
    let days = 2;
    for (const [what, ask] of Object.entries(questions)) {
      await using reader = await openDatabase(url, { readOnly: true });
      days -= 0.25;
      const asked = ask(
        before(reader, 'FROM dictionary', async () => {
          for await (const _ of writer.prune(keeping({ days }), { now: START / 1_000 + 48 * HOUR * 1_000 }));
        }),
      );
      const plain = (answer: unknown): unknown => JSON.parse(JSON.stringify(answer));
      const answer = plain(await asked);
      if (what !== 'versions') assert.deepEqual(answer, plain(await ask(reader)), what);
      else assert.ok((answer as readonly unknown[]).length > 10, what);
    }
  });

  it(`HI94 ${name}: an instant that is removed while it is read is told so`, async (url) => {
    await using db = await openDatabase(url);
    const writer = await HistoryWriter.open(db);
    for (let hour = 0; hour < 48; hour++) {
      const passing = named(`passing-${wordOf(hour)}`);
      await writer.write([momentAt(hour * HOUR), version(passing, hour, 4_000)]);
      await writer.write([momentAt(hour * HOUR + 60), { type: 'end', id: passing.id }]);
    }
    await using reader = await openDatabase(url, { readOnly: true });
    const shortened = before(reader, 'FROM dictionary', async () => {
      for await (const _ of writer.prune(keeping({ days: 1 }), { now: START / 1_000 + 48 * HOUR * 1_000 }));
    });
    const asked = Array.fromAsync(new HistoryReader(shortened).standingAt(1));
    await assert.rejects(asked, { code: 'history-gone', message: /removed from the history/ });
  });

  it(`HI95 ${name}: a version that cannot be read is told as damage of that history, with what to do`, async (url) => {
    await using db = await openDatabase(url);
    const [sound, damaged] = [named('sound'), named('damaged')];
    const texts = [sound, damaged].map((of) => version(of, 'text', 4_000));
    await (await HistoryWriter.open(db)).write([momentAt(0), ...texts]);
    const told = { code: 'store-damaged', message: /^\S+ is damaged: .*kube-kg doctor.*kube-kg restore/ };
    const damages = [
      'UPDATE version SET body = substr(body, 1, 5) WHERE resource = 2',
      'DELETE FROM dictionary WHERE no = 2',
    ];
    for (const damage of damages) {
      await db.script(damage);
      await assert.rejects(new Queries(db).versions({}, { limit: 10 }), told, damage);
      await assert.rejects(Array.fromAsync(new HistoryReader(db).standingAt(1)), told, damage);
    }
    // Whoever writes goes on, and writes what it cannot read anew.
    const writer = await HistoryWriter.open(db);
    await writer.write([momentAt(1), ...texts]);
    const versions = await db.rows('SELECT resource, moment FROM version ORDER BY resource, moment');
    assert.deepEqual(versions, [
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
  });

  it(`HI95 ${name}: what cannot be read does not keep the rest from going`, async (url) => {
    await using db = await openDatabase(url);
    const writer = await HistoryWriter.open(db);
    const [first, second] = [named('first'), named('second')];
    const texts = (hour: number): readonly Entry[] =>
      [first, second].map((of) => {
        const { text } = version(of, 'the same', 4_000);
        return { type: 'version', of, text: text.replace('"v1"', `"v${hour}"`) };
      });
    for (let hour = 0; hour < 6; hour++) await writer.write([momentAt(hour * HOUR), ...texts(hour)]);
    await db.script('UPDATE version SET body = substr(body, 1, 5) WHERE resource = 1 AND moment = 5');
    for await (const _ of writer.prune(keeping({ days: 3 / 24 }), { now: START / 1_000 + 6 * HOUR * 1_000 }));
    assert.deepEqual(await db.rows('SELECT count(*) FROM version WHERE moment < 4'), [[0]]);
    assert.equal((await new Queries(db).versions({ names: ['second'] }, { limit: 10 })).length, 3);
    assert.deepEqual(await checkHistory(db, { every: true }), [
      '1 versions hang on one that is not there, for example the one of resource 1 at moment 5',
    ]);
  });

  it(`HI96 ${name}: views are those of this version after the tables were brought up to date`, async (url) => {
    {
      await using db = await openDatabase(url);
      await (await HistoryWriter.open(db)).write([momentAt(0), version(named('x'), 'text', 100)]);
      await emptyView(db, 'resource_history');
      // Somebody's own, which reads one of ours.
      await db.script('CREATE VIEW mine AS SELECT name FROM resource_history');
      await db.script(`DELETE FROM migration WHERE no = ${tablesVersion}; DROP TABLE dead_letter`);
      assert.deepEqual(await db.rows('SELECT name FROM mine'), []);
    }
    await using db = await openDatabase(url);
    await HistoryWriter.open(db);
    assert.deepEqual(await db.rows('SELECT name FROM mine'), [['x']]);
  });

  it(`HI97 ${name}: what would go is what goes, each once, also where less is kept of a kind`, async (url) => {
    await using db = await openDatabase(url);
    const writer = await HistoryWriter.open(db);
    const [event, other] = [named('event', { kind: 'Event' }), named('other')];
    for (let day = 0; day < 60; day++) {
      const passing = named(`passing-${day}`, { kind: day % 2 === 0 ? 'Event' : 'Pod' });
      await writer.write([momentAt(day * DAY), ...[event, other, passing].map((of) => version(of, day, 100))]);
      await writer.write([momentAt(day * DAY + HOUR), { type: 'end', id: passing.id }]);
    }
    for (const [days, kindDays, least] of [
      [30, { Event: 3 }, 100],
      // More than of the others: of no effect.
      [20, { Event: 25 }, 10],
      [0, { Event: 1, Pod: 2 }, 10],
    ] as const) {
      const retention = keeping({ days, kindDays });
      const now = START / 1_000 + 60 * DAY * 1_000;
      const foreseen = await wouldGo(db, await dueCuts(db, retention, now * 1_000));
      const had = { resources: await countOf(db, 'resource'), versions: await countOf(db, 'version') };
      for await (const _ of prune(db, retention, { now, writer: { forgetVersions() {}, forgetDictionaries() {} } }));
      const gone = {
        resources: had.resources - (await countOf(db, 'resource')),
        versions: had.versions - (await countOf(db, 'version')),
      };
      assert.deepEqual(foreseen, gone, JSON.stringify(retention));
      assert.ok(gone.versions > least, `${gone.versions} have gone`);
    }
  });

  it(`HI98 ${name}: it is known whether somebody writes`, async (url) => {
    const held = async (): Promise<boolean> => {
      await using reader = await openDatabase(url, { readOnly: true });
      return await reader.isHeld();
    };
    {
      await using db = await openDatabase(url);
      await HistoryWriter.open(db);
      assert.ok(await db.isHeld());
      assert.ok(await held());
      await assert.rejects(openDatabase(url), { code: 'store-in-use' });
      assert.ok(await held(), 'who was turned away holds nothing');
    }
    assert.ok(!(await held()));
    await using again = await openDatabase(url);
    assert.ok(await again.isHeld(), 'looking keeps nobody out');
  });
}

function keeping(retention: Partial<Retention>): Retention {
  return { days: 0, kindDays: {}, maxBytes: 0, ...retention };
}

/** `a`, `b` … `z`, `ba`: names that do not look alike. */
export function wordOf(number: number): string {
  return [...number.toString(26)].map((digit) => 'aeioubcdfghjklmnpqrstvwxyz'[Number.parseInt(digit, 26)]).join('o');
}

/** An object with so many characters that nothing makes shorter; the same seed makes the same. */
export function version(of: Named, seed: string | number, size: number): Extract<Entry, { type: 'version' }> {
  const { kind, namespace, name, uid } = of;
  const words = createHash('shake256', { outputLength: Math.ceil((size * 3) / 4) })
    .update(`${seed}/${of.id}`)
    .digest('base64url');
  const object = { apiVersion: 'v1', kind, metadata: { name, namespace, uid }, data: { words } };
  return { type: 'version', of, text: JSON.stringify(object) };
}

export async function countOf(db: Database, table: string): Promise<number> {
  return Number((await db.rows(`SELECT count(*) FROM ${table}`))[0]?.[0]);
}

/** The database, but for what happens just before the first question of that kind is asked. */
function before(db: Database, part: string, work: () => Promise<void>): Database {
  let isDone = false;
  return watched(db, async (sql) => {
    if (isDone || !sql.includes(part)) return;
    isDone = true;
    await work();
  });
}

/** The database; `hear` is told of each question before it is asked. */
export function watched(db: Database, hear: (sql: string) => Promise<void> | void): Database {
  const rows: Database['rows'] = async (sql, values) => {
    await hear(sql);
    return db.rows(sql, values);
  };
  return new Proxy(db, {
    get(target, key) {
      const value: unknown = key === 'rows' ? rows : Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The same view, with nothing in it. */
async function emptyView(db: Database, view: string): Promise<void> {
  const [[text] = []] = await db.rows(
    db.dialect === 'sqlite'
      ? `SELECT substr(sql, instr(sql, ' AS') + 3) FROM sqlite_schema WHERE name = '${view}'`
      : `SELECT rtrim(pg_get_viewdef('${view}'::regclass), ';')`,
  );
  const as = `VIEW ${view} AS SELECT * FROM (${text}) old WHERE 1 = 0`;
  await db.script(db.dialect === 'sqlite' ? `DROP VIEW ${view}; CREATE ${as}` : `CREATE OR REPLACE ${as}`);
}
