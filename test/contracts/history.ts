/**
 * What every store of history must do (`src/sinks/history/database.ts`). A store's test gives a way to make an empty one; the suite writes to it
 * as the program does, and holds what is read back against what was written.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../src/model/problem.ts';
import { timeOfMicroseconds } from '../../src/model/time.ts';
import type { Access, Database } from '../../src/sinks/history/database.ts';
import type { Entry, Named } from '../../src/sinks/history/entries.ts';
import type { FrameMade } from '../../src/sinks/history/frames.ts';
import { Queries } from '../../src/sinks/history/queries.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { migrate, tablesVersion } from '../../src/sinks/history/schema.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { seededRandom } from '../support/random.ts';
import { firstHistory } from './history-first.ts';
import { assertHistory, Life, linesAt, momentAt, named, START } from './history-life.ts';

export interface HistoryStore {
  /** Opens what is there; to write, an empty history where nothing is. */
  open(access?: Access): Promise<Database>;
  /** Removes it. */
  end(): Promise<void>;
}

/** A store and everything that was opened of it, which is closed when the test ends. */
class Bench {
  readonly #store: HistoryStore;
  readonly #opened: Database[] = [];

  constructor(store: HistoryStore) {
    this.#store = store;
  }

  async open(access?: Access): Promise<Database> {
    const database = await this.#store.open(access);
    this.#opened.push(database);
    return database;
  }

  async writer(): Promise<{ readonly db: Database; readonly writer: HistoryWriter }> {
    const db = await this.open();
    return { db, writer: await HistoryWriter.open(db) };
  }

  async end(): Promise<void> {
    for (const database of this.#opened) await database.close();
    await this.#store.end();
  }
}

function version(of: Named, text: string): Entry {
  return { type: 'version', of, text };
}

async function numberFrom(db: Database, sql: string): Promise<number> {
  return Number((await db.rows(sql))[0]?.[0]);
}

/** Names and texts of all versions up to a moment, in their order. */
async function textsOf(db: Database, until: number): Promise<(readonly [name: string, text: string | undefined])[]> {
  const reader = new HistoryReader(db);
  const texts: (readonly [string, string | undefined])[] = [];
  for (let moment = 1; moment <= until; moment++) {
    const { standing } = await reader.between(moment - 1, moment);
    texts.push(...standing.map(({ of, text }) => [of.name, text] as const));
  }
  return texts;
}

/** Registers the suite for one store. */
export function historyContract(name: string, make: () => Promise<HistoryStore>): void {
  const it = (title: string, run: (bench: Bench) => Promise<void>): void => {
    test(title, async () => {
      const bench = new Bench(await make());
      try {
        await run(bench);
      } finally {
        await bench.end();
      }
    });
  };

  it(`HI10 ${name}: what was written is read back byte for byte, at every moment`, async (bench) => {
    const { db, writer } = await bench.writer();
    const life = new Life('read back');
    for (let batch = 0; batch < 12; batch++) await writer.write(life.live(1 + (batch % 5)));
    await assertHistory(db, life);
    await db.close();
    await assertHistory(await bench.open({ readOnly: true }), life);
  });

  it(`HI11 ${name}: what says the same as before is no version, whatever its second line says`, async (bench) => {
    const { db, writer } = await bench.writer();
    const [one, other] = [named('one'), named('other')];
    await writer.write([momentAt(0), version(one, 'a\n1'), version(other, 'a\n1')]);
    await writer.write([momentAt(1), version(one, 'a\n2'), momentAt(2), version(one, 'a')]);
    await writer.write([momentAt(3), version(one, 'b'), momentAt(4), version(one, 'a\n1')]);
    assert.equal(await numberFrom(db, 'SELECT count(*) FROM version'), 4);
    const texts = await textsOf(db, 5);
    assert.deepEqual(texts.sort(), [
      ['one', 'a\n1'],
      ['one', 'a\n1'],
      ['one', 'b'],
      ['other', 'a\n1'],
    ]);
  });

  it(`HI12 ${name}: of hundreds of versions of one object each is read back, from few that are whole`, async (bench) => {
    const { db, writer } = await bench.writer();
    const random = seededRandom('versions');
    const of = named('busy');
    const texts = Array.from({ length: 350 }, (_, number) =>
      JSON.stringify({
        number,
        words: Array.from({ length: 200 }, (__, at) => (at === number % 200 ? random.next() : at)),
      }),
    );
    for (let start = 0; start < texts.length; start += 7)
      await writer.write(
        texts.slice(start, start + 7).flatMap((text, at) => [momentAt(start + at), version(of, text)]),
      );
    const found = await textsOf(db, texts.length);
    assert.deepEqual(
      found.map(([, text]) => text),
      texts,
    );
    const whole = await numberFrom(db, 'SELECT count(*) FROM version WHERE base IS NULL');
    assert.ok(whole > 1 && whole < 20, `${whole} whole ones`);
  });

  it(`HI13 ${name}: after a restart writing goes on where it ended, against what is stored`, async (bench) => {
    const life = new Life('restarts');
    for (let start = 0; start < 8; start++) {
      const { db, writer } = await bench.writer();
      assert.equal(writer.at, start === 0 ? 0 : START + (life.truth.length - 1) * 1_000_000);
      await writer.write(life.live(3));
      await writer.write(life.live(2));
      await db.close();
    }
    const db = await bench.open({ readOnly: true });
    await assertHistory(db, life);
    assert.ok((await numberFrom(db, 'SELECT count(*) FROM version WHERE base IS NOT NULL')) > 10);
  });

  it(`HI14 ${name}: resources and edges end and come again, each time another existence`, async (bench) => {
    const { db, writer } = await bench.writer();
    const [a, b] = [named('a', { uid: '' }), named('b')];
    const edge = (type: 'link' | 'unlink'): Entry => ({ type, edge: 'SELECTS', from: a.id, to: b.id });
    await writer.write([momentAt(0), version(a, '1'), version(b, '1'), edge('link')]);
    // Ends and comes again twice in one batch, and another time in the next.
    await writer.write([momentAt(1), edge('unlink'), momentAt(2), edge('link'), momentAt(3), edge('unlink')]);
    await writer.write([momentAt(4), edge('link')]);
    await writer.write([
      momentAt(5),
      { type: 'end', id: a.id },
      momentAt(6),
      version(a, '1'),
      momentAt(7),
      edge('link'),
    ]);
    const reader = new HistoryReader(db);
    const ages: (readonly string[])[] = [];
    for (let moment = 1; moment <= 8; moment++) {
      const there = (await Array.fromAsync(reader.standingAt(moment))).flat().map(({ no }) => no);
      const edges = await Array.fromAsync(reader.edgesAt(moment, there));
      ages.push(edges.flat().map(({ since }) => since));
    }
    const time = (second: number): string => timeOfMicroseconds(START + second * 1_000_000);
    assert.deepEqual(ages, [[time(0)], [], [time(2)], [], [time(4)], [], [], [time(7)]]);
    const standing = async (moment: number): Promise<readonly (number | string)[][]> =>
      (await Array.fromAsync(reader.standingAt(moment)))
        .flat()
        .map(({ no, of }) => [no, of.name])
        .sort();
    assert.deepEqual(await standing(5), [
      [1, 'a'],
      [2, 'b'],
    ]);
    assert.deepEqual(await standing(6), [[2, 'b']]);
    assert.deepEqual(await standing(7), [
      [2, 'b'],
      [3, 'a'],
    ]);
  });

  it(`HI90 ${name}: between two moments is told what was not as it had been, and when`, async (bench) => {
    const { db, writer } = await bench.writer();
    const [stays, goes, comes, passes] = ['stays', 'goes', 'comes', 'passes'].map((name) => named(name)) as [
      Named,
      Named,
      Named,
      Named,
    ];
    const edge = (type: 'link' | 'unlink', to: Named): Entry => ({ type, edge: 'USES', from: stays.id, to: to.id });
    await writer.write([momentAt(0), version(stays, '1'), version(goes, '1'), edge('link', goes)]);
    await writer.write([momentAt(1), version(passes, '1'), edge('link', passes), version(stays, '2')]);
    await writer.write([momentAt(2), { type: 'end', id: goes.id }, version(comes, '1'), edge('link', comes)]);
    await writer.write([
      momentAt(3),
      { type: 'end', id: passes.id },
      version(stays, '3'),
      { type: 'observe', text: '{}' },
    ]);
    const { ended, standing, edges, observations } = await new HistoryReader(db).between(1, 4);
    const time = (second: number): string => timeOfMicroseconds(START + second * 1_000_000);
    assert.deepEqual(
      ended.map(({ of, at }) => [of.name, at]),
      [['goes', time(2)]],
    );
    assert.deepEqual(
      standing.map(({ of, at, text }) => [of.name, at, text]),
      [
        ['stays', time(3), '3'],
        ['comes', time(2), '1'],
      ],
    );
    assert.deepEqual(edges, [{ type: 'USES', from: stays.id, to: comes.id, since: time(2) }]);
    assert.deepEqual(observations, ['{}']);
  });

  it(`HI91 ${name}: the last linked graph of the same edition is found, and is none when it is damaged`, async (bench) => {
    const { db, writer } = await bench.writer();
    const reader = new HistoryReader(db);
    const frame = (text: string, edition = 'one'): FrameMade => ({
      edition,
      pieces: [Buffer.from(text), Buffer.alloc(100_000, text)],
    });
    await writer.keep(frame('before anything'));
    assert.equal(await reader.frameBefore(9, 'one'), undefined);
    for (const [second, text] of ['a', 'b', 'c'].entries()) {
      await writer.write([momentAt(second * 1_200), version(named('x'), text)]);
      await writer.keep(frame(text));
    }
    const found = async (moment: number, edition = 'one'): Promise<readonly (number | string)[] | undefined> => {
      const there = await reader.frameBefore(moment, edition);
      return there && [there.moment, ...there.pieces.map((piece) => `${piece[0]} ${piece.length}`)];
    };
    assert.deepEqual(await found(2), [2, '98 1', '98 100000']);
    assert.deepEqual(await found(9), [3, '99 1', '99 100000']);
    assert.equal(await found(9, 'another'), undefined);
    await db.rows(
      'UPDATE frame SET body = (SELECT body FROM frame WHERE moment = 1 AND piece = 0) WHERE moment = 3 AND piece = 1',
    );
    await db.rows('UPDATE frame SET body = $1 WHERE moment = 2', [Buffer.from('no zstd')]);
    assert.equal(await found(2), undefined);
    await writer.keep(frame('d', 'another'));
    assert.equal(await found(9), undefined, 'frames of an edition that is gone are of no use to anyone');
    assert.deepEqual(await found(9, 'another'), [3, '100 1', '100 100000']);
  });

  it(`HI15 ${name}: a batch that failed leaves nothing behind, and may be written again`, async (bench) => {
    const { db, writer } = await bench.writer();
    const life = new Life('failures');
    await writer.write(life.live(5));
    // The last of the tables to be written, one before, and the first.
    for (const table of ['version', 'edge', 'moment']) {
      const before = await linesAt(db, life.truth.length);
      await db.script(`ALTER TABLE ${table} RENAME TO away`);
      const batch = life.live(10);
      await assert.rejects(writer.write(batch), Problem, table);
      await db.script(`ALTER TABLE away RENAME TO ${table}`);
      assert.equal(await numberFrom(db, 'SELECT max(no) FROM moment'), life.truth.length - 10);
      assert.deepEqual(await linesAt(db, life.truth.length - 10), before);
      await writer.write(batch);
      await writer.write(life.live(3));
    }
    const work = async (): Promise<never> => {
      await db.script('DELETE FROM moment');
      throw new RangeError('what work throws');
    };
    await assert.rejects(db.transaction(work), RangeError);
    await assertHistory(db, life);
  });

  it(`HI16 ${name}: clusters lie side by side, and nothing of one is taken for another's`, async (bench) => {
    const { db, writer } = await bench.writer();
    const clusters = ['east', 'west', 'https://10.0.0.1:6443', 'a/b'];
    const of = clusters.map((cluster) => named('same', { cluster, uid: '' }));
    await writer.write([momentAt(0), ...of.map((each) => version(each, each.cluster))]);
    await writer.write([momentAt(1), { type: 'end', id: of[1]?.id ?? '' }]);
    const lines = (await linesAt(db, 2)).map((line) => JSON.parse(line) as unknown[]);
    assert.deepEqual(
      lines.map(([, id, , text]) => [id, text]).sort(),
      of
        .filter((_, at) => at !== 1)
        .map(({ id, cluster }) => [id, cluster])
        .sort(),
    );
  });

  it(`HI17 ${name}: names may hold anything and be of any length, and are the same after a restart`, async (bench) => {
    const odd = [
      '',
      ' ',
      "'; DROP TABLE moment; --",
      '"{},\\',
      '\\x00',
      'NULL',
      '$1',
      '\0',
      'a\0b',
      '\ud800',
      'x\udfff\ud800',
      '\u001a001a',
      '𝒳😀',
      'ضيف',
      '%_*?',
      '\n\t\r',
      'n'.repeat(20_000),
    ];
    const things = odd.flatMap((text) => [
      named(text),
      named('x', { namespace: text, uid: '' }),
      named('y', { kind: text }),
      named('z', { uid: `u${text}` }),
    ]);
    const unique = [...new Map(things.map((of) => [of.id, of])).values()];
    const first = await bench.writer();
    await first.writer.write([momentAt(0), ...unique.map((of) => version(of, JSON.stringify(of)))]);
    await first.writer.write([
      momentAt(1),
      ...unique.map((of): Entry => ({ type: 'link', edge: "it's", from: of.id, to: of.id })),
    ]);
    await first.db.close();
    const { db, writer } = await bench.writer();
    const names = async (moment: number): Promise<readonly Named[]> =>
      (await Array.fromAsync(new HistoryReader(db).standingAt(moment))).flat().map(({ of }) => of);
    const sorted = (list: readonly Named[]): readonly string[] =>
      list.map((of) => JSON.stringify(Object.entries(of).sort())).sort();
    assert.deepEqual(sorted(await names(2)), sorted(unique));
    for (const of of unique) {
      const found = await new Queries(db).existences({ names: [of.name], namespaces: [of.namespace] }, 500);
      assert.ok(
        found.some(({ of: { id } }) => id === of.id),
        JSON.stringify(of).slice(0, 200),
      );
    }
    await writer.write([momentAt(2), ...unique.map(({ id }): Entry => ({ type: 'end', id }))]);
    assert.deepEqual(await names(3), []);
  });

  it(`HI18 ${name}: texts of ten million characters, and of any characters`, async (bench) => {
    const { db, writer } = await bench.writer();
    const random = seededRandom('large');
    const words = Array.from({ length: 1_300_000 }, () => random.int(1e6).toString(36)).join('\t');
    const texts = [`${words}\0 \u001a 😀 ü`, `x${words}`, words.slice(1_000_000), '', 'ü', words + words];
    const of = named('large');
    for (const [at, text] of texts.entries()) await writer.write([momentAt(at), version(of, text)]);
    for (const [at, text] of texts.entries()) {
      const [standing] = (await Array.fromAsync(new HistoryReader(db).standingAt(at + 1))).flat();
      assert.ok(standing?.text === text, `text ${at}: ${text.length} characters`);
    }
    assert.ok(words.length > 5_000_000);
  });

  it(`HI19 ${name}: moments never descend when clocks step back, also after a restart`, async (bench) => {
    const seconds = [100, 101, 50, 102, 7, 7, 103];
    for (const second of seconds) {
      const { db, writer } = await bench.writer();
      await writer.write([momentAt(second), version(named('x'), String(second))]);
      await db.close();
    }
    const db = await bench.open({ readOnly: true });
    const moments = await db.rows('SELECT no, at FROM moment ORDER BY no');
    assert.deepEqual(
      moments.map(([no, at]) => [no, (Number(at) - START) / 1_000_000]),
      [100, 101, 101, 102, 102, 102, 103].map((at, index) => [index + 1, at]),
    );
    const reader = new HistoryReader(db);
    assert.equal(await reader.momentAt(START + 102_500_000), 6);
    assert.equal(await reader.momentAt(START + 99_000_000), undefined);
  });

  it(`HI20 ${name}: tables of every earlier version are brought up to date, those of a later one refused`, async (bench) => {
    for (let earlier = 0; earlier <= tablesVersion; earlier++) {
      const store = new Bench(await make());
      const db = await store.open();
      await migrate(db, earlier);
      const lines = earlier === 0 ? [] : await firstHistory(db);
      await db.close();
      const { db: later, writer } = await store.writer();
      assert.equal(await numberFrom(later, 'SELECT max(no) FROM migration'), tablesVersion);
      assert.deepEqual(await linesAt(later, 2), lines, `tables of version ${earlier}`);
      await writer.write([momentAt(9), version(named('old'), 'new')]);
      assert.ok((await linesAt(later, earlier === 0 ? 1 : 3)).some((line) => line.includes('"new"')));
      await store.end();
    }
    const { db } = await bench.writer();
    await db.script(`INSERT INTO migration VALUES (${tablesVersion + 1})`);
    await assert.rejects(HistoryWriter.open(db), {
      code: 'store-unreachable',
      message: /later version of this program/,
    });
  });

  it(`HI21 ${name}: a second writer is refused while there is one, readers are not`, async (bench) => {
    const { db, writer } = await bench.writer();
    const life = new Life('writers');
    await writer.write(life.live(3));
    await assert.rejects(bench.open(), {
      code: 'store-in-use',
      message: /in use by another kube-kg.*--no-history/,
    });
    const reader = await bench.open({ readOnly: true });
    await assertHistory(reader, life);
    await writer.write(life.live(3));
    await assertHistory(reader, life);
    await assert.rejects(reader.script('DELETE FROM moment'), Problem);
    await db.close();
    const next = await bench.writer();
    await next.writer.write(life.live(3));
    await assertHistory(reader, life);
  });

  it(`HI22 ${name}: a long answer is of one state, while the writer goes on`, async (bench) => {
    const { writer } = await bench.writer();
    const many = Array.from({ length: 5_000 }, (_, at) => named(`n${at}`));
    await writer.write([momentAt(0), ...many.map((of) => version(of, of.name))]);
    const answer = (await bench.open({ readOnly: true })).batches(
      'SELECT v.resource, v.moment, r.until FROM version v JOIN resource r ON r.no = v.resource ORDER BY v.resource',
    );
    let rows = 0;
    for await (const batch of answer) {
      if (rows === 0)
        await writer.write([
          momentAt(1),
          ...many.flatMap((of, at) => (at % 2 === 0 ? version(of, 'new') : ({ type: 'end', id: of.id } as const))),
        ]);
      rows += batch.length;
      assert.deepEqual(
        batch.filter(([, moment, until]) => moment !== 1 || until !== null),
        [],
      );
    }
    assert.equal(rows, 5_000);
  });

  it(`HI23 ${name}: questions about versions, existences and edges are answered`, async (bench) => {
    const { db, writer } = await bench.writer();
    const thing = (number: number): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { number } });
    const [x, y] = [named('x'), named('Y', { cluster: 'd' })];
    await writer.write([
      momentAt(0),
      version(x, thing(0)),
      version(y, thing(1)),
      { type: 'link', edge: 'OWNS', from: x.id, to: y.id },
    ]);
    await writer.write([momentAt(1), version(x, thing(2)), momentAt(2), { type: 'end', id: x.id }]);
    await writer.write([momentAt(3), { type: 'link', edge: 'USES', from: y.id, to: y.id }]);
    const queries = new Queries(db);
    const told = await queries.versions({}, { limit: 10 });
    assert.deepEqual(
      told.map(({ of, verb }) => [of.name, verb]),
      [
        ['x', 'create'],
        ['Y', 'create'],
        ['x', 'update'],
        ['x', 'delete'],
      ],
    );
    assert.deepEqual(
      (await queries.versions({}, { limit: 10, order: 'newest' })).map(({ object }) => object['data']),
      told.map(({ object }) => object['data']).reverse(),
    );
    assert.deepEqual(await queries.versions({}, { limit: 2, after: told[1]?.position }), told.slice(2));
    for (const query of [
      { names: ['x'] },
      { clusters: ['c'], namespaces: ['shop', 'other'] },
      { uids: [x.uid], kinds: [{ group: '', kind: 'ConfigMap' }] },
    ])
      assert.equal(await queries.countVersions(query), 3);
    const [from, to] = [timeOfMicroseconds(START), timeOfMicroseconds(START + 9_000_000)];
    const changed = await queries.changed({ from, to }, 0, 10);
    assert.deepEqual(
      changed.map(({ of, after }) => [of.name, after]),
      [['x', undefined]],
    );
    const edges = await queries.changedEdges({ from, to }, 10);
    assert.deepEqual(
      edges.map((edge) => [edge.change, edge.type, edge.from.name, edge.to.name]),
      [['added', 'USES', 'Y', 'Y']],
    );
    assert.deepEqual(await queries.kinds(), [{ group: '', kind: 'ConfigMap' }]);
    assert.deepEqual(await queries.gaps({}), []);
    const { resources, versions, edges: joined, bytes, usedBytes } = await queries.fill();
    assert.deepEqual([resources, versions, joined], [2, 3, 2]);
    assert.ok(bytes >= usedBytes && usedBytes > 0);
    assert.equal(await queries.countVersions({ names: [] }), 0);
    for (const [namePrefix, count] of [
      ['x', 3],
      ['Y', 1],
      ['y', 0],
      ['xx', 0],
    ] as const)
      assert.equal(await queries.countVersions({ namePrefix }), count, namePrefix);
    assert.equal(await queries.countVersions({ verbs: ['update'], from: timeOfMicroseconds(START + 500_000) }), 1);
    const [gone, here] = (await Promise.all([['x'], ['Y']].map((names) => queries.existences({ names }, 10)))).flat();
    assert.deepEqual([gone?.until, here?.until], [timeOfMicroseconds(START + 2_000_000), undefined]);
    assert.ok(gone && here);
    const span = { from: timeOfMicroseconds(START), to: timeOfMicroseconds(START + 9_000_000) };
    const newsOf = async (number: number, page: { order: 'oldest' | 'newest'; limit: number }) =>
      (await queries.edgeChanges([number], span, page)).map(
        ({ change, type, direction, other }) => `${change} ${type} ${direction} ${other.name}`,
      );
    const news = ['removed OWNS in x', 'added USES out Y'];
    assert.deepEqual(await newsOf(here.number, { order: 'oldest', limit: 9 }), news);
    assert.deepEqual(await newsOf(here.number, { order: 'newest', limit: 1 }), news.slice(1));
    assert.deepEqual(
      await newsOf(gone.number, { order: 'oldest', limit: 9 }),
      [],
      'it came and went with what it joins',
    );
    assert.deepEqual(await queries.edgeChanges([], span, { limit: 9 }), []);
    const namesOf = async (query: Parameters<Queries['existences']>[0]): Promise<readonly string[]> =>
      (await queries.existences(query, 10)).map(({ of }) => of.name);
    const later = { from: timeOfMicroseconds(START + 2_500_000), to: span.to };
    assert.deepEqual(await namesOf({ connected: { with: [here.number], ...span } }), ['Y', 'x']);
    assert.deepEqual(await namesOf({ connected: { with: [here.number], ...later } }), ['Y'], 'x is gone then');
    assert.deepEqual(await namesOf({ connected: { with: [], ...span } }), []);
    assert.deepEqual(await namesOf({ without: [{ group: '', kind: 'ConfigMap' }] }), []);
    assert.equal(await queries.countVersions({ existences: { numbers: [gone.number], withEvents: true } }), 3);
    assert.equal(await queries.countVersions({ existences: { numbers: [] } }), 0);
  });

  it(`HI111 ${name}: edges of some are told from either end of an interval, a shorter answer being the beginning of a longer one`, async (bench) => {
    const { db, writer } = await bench.writer();
    const [node, other] = [named('node', { kind: 'Node' }), named('other', { kind: 'Node' })];
    const pods = Array.from({ length: 40 }, (_, at) => named(`pod-${at}`, { kind: 'Pod' }));
    const runs = (type: 'link' | 'unlink', pod: Named): Entry => ({ type, edge: 'RUNS_ON', from: pod.id, to: node.id });
    const about = { type: 'link', edge: 'ABOUT', to: node.id } as const;
    const event = named('node.1', { kind: 'Event' });
    await writer.write([momentAt(0), ...[node, other, ...pods, event].map((of) => version(of, '{}'))]);
    // Four come at a time, and go one after the other.
    for (const [at, pod] of pods.entries()) await writer.write([momentAt(1 + (at >> 2)), runs('link', pod)]);
    await writer.write([
      momentAt(30),
      { ...about, from: event.id },
      { type: 'link', edge: 'OWNS', from: node.id, to: other.id },
    ]);
    for (const [at, pod] of pods.entries()) await writer.write([momentAt(40 + at), runs('unlink', pod)]);
    const queries = new Queries(db);
    const numbers = (await queries.existences({ kinds: [{ group: '', kind: 'Node' }] }, 9)).map(({ number }) => number);
    const span = { from: timeOfMicroseconds(START + 3_000_000), to: timeOfMicroseconds(START + 60_000_000) };
    const expected = [
      ...pods.slice(8).map((pod, at) => [3 + (at >> 2), 'added', pod.name]),
      [30, 'added', 'other'],
      ...pods.slice(0, 21).map((pod, at) => [40 + at, 'removed', pod.name]),
    ];
    for (const order of ['oldest', 'newest'] as const) {
      const wanted = expected.map(([second]) => second);
      const all = await queries.edgeChanges(numbers, span, { order, limit: 1_000 });
      const seconds = all.map(({ at }) => (Date.parse(at) - START / 1_000) / 1_000);
      assert.deepEqual(seconds, order === 'oldest' ? wanted : wanted.toReversed());
      assert.deepEqual(
        all.map(({ change, other: { name } }, at) => JSON.stringify([seconds[at], change, name])).sort(),
        expected.map((each) => JSON.stringify(each)).sort(),
      );
      for (const limit of [1, 7, 33, 54])
        assert.deepEqual(await queries.edgeChanges(numbers, span, { order, limit }), all.slice(0, limit));
    }
  });

  it(`HI112 ${name}: an edge that went and came back is no difference, nor one that came and went`, async (bench) => {
    const { db, writer } = await bench.writer();
    const [a, b] = [named('a'), named('b')];
    const edge = (type: 'link' | 'unlink', edge: string): Entry => ({ type, edge, from: a.id, to: b.id });
    await writer.write([momentAt(0), version(a, '{}'), version(b, '{}'), edge('link', 'FLAPS'), edge('link', 'GOES')]);
    await writer.write([momentAt(10), edge('unlink', 'FLAPS'), edge('link', 'PASSES'), edge('unlink', 'GOES')]);
    await writer.write([momentAt(20), edge('link', 'FLAPS'), edge('unlink', 'PASSES'), edge('link', 'COMES')]);
    await writer.write([momentAt(30)]);
    const between = async (from: number, to: number): Promise<readonly string[]> => {
      const [first, last] = [from, to].map((second) => timeOfMicroseconds(START + second * 1_000_000));
      const edges = await new Queries(db).changedEdges({ from: first ?? '', to: last ?? '' }, 10);
      return edges.map(({ change, type }) => `${change} ${type}`).sort();
    };
    assert.deepEqual(await between(5, 30), ['added COMES', 'removed GOES']);
    assert.deepEqual(await between(5, 15), ['added PASSES', 'removed FLAPS', 'removed GOES']);
    assert.deepEqual(await between(15, 30), ['added COMES', 'added FLAPS', 'removed PASSES']);
  });

  it(`HI115 ${name}: of each version is told since when nobody had looked, and observations are read once`, async (bench) => {
    const { db, writer } = await bench.writer();
    const at = (second: number): string => timeOfMicroseconds(START + second * 1_000_000);
    const observe = (second: number, coverage: string, kind = 'ConfigMap', namespace?: string): Entry => ({
      type: 'observe',
      text: JSON.stringify({
        type: 'observe',
        at: at(second),
        cluster: 'c',
        scope: { group: kind === '*' ? '*' : '', kind, ...(namespace && { namespace }) },
        coverage,
      }),
    });
    const x = named('x');
    await writer.write([momentAt(0), version(x, '{"n":0}'), observe(0, 'ready'), observe(0, 'ready', '*')]);
    for (let n = 1; n <= 50; n++) {
      await writer.write([momentAt(n * 10), observe(n * 10, n % 5 === 0 ? 'loading' : 'broken')]);
      await writer.write([momentAt(n * 10 + 4), version(x, `{"n":${n}}`), observe(n * 10 + 4, 'ready')]);
      await writer.write([momentAt(n * 10 + 6), version(x, `{"n":${n},"later":true}`)]);
    }
    await writer.write([momentAt(520), observe(520, 'broken', 'ConfigMap', 'other'), observe(521, 'broken', '*')]);
    await writer.write([momentAt(530), observe(530, 'broken', 'ConfigMap', 'shop'), version(x, '{}')]);
    let reads = 0;
    const rows = db.rows.bind(db);
    db.rows = (sql, values) => {
      if (/body FROM observation/.test(sql)) reads++;
      return rows(sql, values);
    };
    const queries = new Queries(db);
    const told = [];
    for (let after: { moment: number; place: number } | undefined; ; ) {
      const page = await queries.versions({ names: ['x'] }, { limit: 10, after });
      told.push(...page.map(({ at: seen, notBefore }) => [seen, notBefore]));
      after = page.at(-1)?.position;
      if (page.length < 10) break;
    }
    const expected = Array.from({ length: 50 }, (_, index) => index + 1).flatMap((n) => [
      [at(n * 10 + 4), n % 5 === 0 ? undefined : at(n * 10)],
      [at(n * 10 + 6), undefined],
    ]);
    assert.deepEqual(told, [[at(0), undefined], ...expected, [at(530), at(521)]]);
    assert.equal(reads, 1);
    assert.equal((await queries.gaps({ namespaces: ['shop'] })).length, 42);
    await writer.write([momentAt(540), observe(540, 'ready', '*')]);
    assert.equal((await queries.gaps({ from: at(535) })).length, 3, 'those that last, and the one that is over');
    assert.equal(reads, 2);
  });
}
