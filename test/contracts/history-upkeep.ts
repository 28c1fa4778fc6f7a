/** What every store of history must do when it is shortened, copied and put back. A store's test gives a way to make empty ones. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkHistory } from '../../src/sinks/history/check.ts';
import { backUp, restore } from '../../src/sinks/history/copy.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import type { Entry } from '../../src/sinks/history/entries.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { Queries } from '../../src/sinks/history/queries.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import type { Pruned, Retention } from '../../src/sinks/history/retention.ts';
import { sizeOf } from '../../src/sinks/history/size.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { seededRandom } from '../support/random.ts';
import { Life, linesAt, named, START } from './history-life.ts';

const DAY_US = 86_400_000_000;
const EVERYTHING: Retention = { days: 0, kindDays: {}, maxBytes: 0 };

interface Store {
  /** Where an empty one is. */
  readonly url: string;
  end(): Promise<void>;
}

/** Registers the suite for one store. */
export function upkeepContract(name: string, make: () => Promise<Store>): void {
  const it = (title: string, run: (bench: Bench) => Promise<void>): void => {
    test(title, { timeout: 120_000 }, async () => {
      await using bench = new Bench(make);
      await run(bench);
    });
  };

  it(`HI32 ${name}: whatever is shortened while it is written, every later moment is as it was`, async (bench) => {
    const { writer, database } = await bench.writer();
    const life = new Life('shortened');
    let from = 1;
    for (let round = 0; round < 8; round++) {
      await writer.write(valid(life.live(12)));
      const cut = life.truth.length - 7 - (round % 3);
      const now = START / 1_000 + life.truth.length * 1_000;
      const days = (now * 1_000 - (START + (cut - 1) * 1e6 + 5e5)) / DAY_US;
      for await (const _ of writer.prune({ ...EVERYTHING, days }, { now })) await writer.write(valid(life.live(1)));
      from = cut;
      assert.deepEqual(await checkHistory(database, { every: true }), []);
    }
    for (let moment = from; moment <= life.truth.length; moment++)
      assert.deepEqual(lasting(await linesAt(database, moment)), lasting(life.truth[moment - 1] ?? []), `${moment}`);
    const reader = new HistoryReader(database);
    assert.equal(await reader.momentAt(START + (from - 2) * 1e6), undefined, 'before, nothing is known');
    assert.equal(await reader.first(), START + (from - 1) * 1e6);
    const again = await HistoryWriter.open(database);
    await again.write(valid(life.live(3)));
    assert.deepEqual(
      lasting(await linesAt(database, life.truth.length)),
      lasting(life.truth.at(-1) ?? []),
      'another writer goes on',
    );
  });

  it(`HI33 ${name}: what is shortened to its least holds no more than what is there`, async (bench) => {
    const { writer, database } = await bench.writer();
    const empty = await sizeOf(database);
    await writer.write(minutes(0, 400));
    const before = await sizeOf(database);
    const pruned = await run(writer, { ...EVERYTHING, days: 1 / 86_400 }, 401);
    assert.ok(pruned.bytes > 5e5 && (pruned.rows['version'] ?? 0) > 1_900, JSON.stringify(pruned.rows));
    const [counts] = await database.rows(
      'SELECT (SELECT count(*) FROM version), (SELECT count(*) FROM resource), (SELECT count(*) FROM dictionary)',
    );
    const [versions = 0, resources = 0, dictionaries = 0] = (counts ?? []).map(Number);
    assert.equal(versions, resources);
    assert.ok(dictionaries <= resources, `${dictionaries} dictionaries`);
    const after = await sizeOf(database);
    const held = ({ used }: { readonly used: number }): number => used - empty.used;
    assert.ok(held(after) < held(before) / 3, `${held(after)} of ${held(before)}`);
    if (database.dialect === 'sqlite')
      assert.ok(after.total - empty.total < (before.total - empty.total) / 4, 'it is given back');
    assert.equal(
      (await run(writer, { ...EVERYTHING, days: 1 / 86_400 }, 401)).bytes,
      0,
      'the second time nothing goes',
    );
  });

  it(`HI34 ${name}: the oldest goes until it takes no more than it may, but for the last hour`, async (bench) => {
    const { writer, database } = await bench.writer();
    await writer.write(minutes(0, 600));
    const { used } = await sizeOf(database);
    const half = await run(writer, { ...EVERYTHING, maxBytes: used / 2 }, 600);
    assert.ok(!half.isOver && half.usedBytes <= used / 2, `${half.usedBytes} of ${used}`);
    assert.ok(half.usedBytes > used / 4, 'no more goes than must');
    const least = await run(writer, { ...EVERYTHING, maxBytes: 1_000 }, 600);
    assert.ok(least.isOver);
    const first = (await new HistoryReader(database).first()) ?? 0;
    assert.equal((START + 600 * 60e6 - first) / 60e6, 60, 'minutes that are kept');
    assert.deepEqual(await checkHistory(database, { every: true }), []);
  });

  it(`HI35 ${name}: less is kept of a kind than of the others`, async (bench) => {
    const { writer, database } = await bench.writer();
    await writer.write(minutes(0, 200));
    await run(writer, { days: 0, kindDays: { 'apps/Short': 1 / 24, Other: 1 / 24 }, maxBytes: 0 }, 200);
    const versions = async (kind: string): Promise<number> =>
      new Queries(database).countVersions({ kinds: [{ group: kind === 'Short' ? 'apps' : '', kind }] });
    assert.ok((await versions('Short')) < 100);
    assert.ok((await versions('ConfigMap')) > 600);
    const { keptLess } = await new Queries(database).fill();
    assert.deepEqual(
      keptLess.map(({ kind }) => kind),
      ['Short'],
    );
    assert.deepEqual(await checkHistory(database, { every: true }), []);
  });

  it(`HI36 ${name}: a backup is one instant of what is being written, and restores to any store`, async (bench) => {
    const { writer, url } = await bench.writer();
    const life = new Life('copied');
    await writer.write(valid(life.live(300)));
    const file = join(bench.folder, 'backup.db');
    let isDone = false;
    const copied = backUp(url, file, {}).finally(() => (isDone = true));
    while (!isDone) {
      await writer.write(valid(life.live(1)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await copied;
    assert.equal(statSync(file).mode & 0o077, 0, 'only its owner may read it');
    assert.ok(!existsSync(`${file}-wal`) && !existsSync(`${file}.lock`), 'nothing lies beside it');
    const asItWas = async (database: Database): Promise<void> => {
      const last = (await new HistoryReader(database).last())?.moment ?? 0;
      assert.ok(last >= 300, `${last}`);
      for (const moment of [1, 150, 299, last])
        assert.deepEqual(lasting(await linesAt(database, moment)), lasting(life.truth[moment - 1] ?? []), `${moment}`);
      assert.deepEqual(await checkHistory(database, { every: true }), []);
    };
    await using backup = await openDatabase(file, { readOnly: true });
    await asItWas(backup);
    await assert.rejects(backUp(url, file, {}), { code: 'invalid-input', message: /--force/ });
    await backUp(url, file, { force: true });
    const elsewhere = join(bench.folder, 'restored.db');
    const other = await bench.store();
    for (const to of [elsewhere, other.url]) {
      await restore(file, to, {});
      await using restored = await openDatabase(to);
      await asItWas(restored);
      await (await HistoryWriter.open(restored)).write(valid(new Life('more').live(2)));
    }
    await assert.rejects(restore(file, other.url, {}), { code: 'invalid-input', message: /--force/ });
    await restore(file, other.url, { force: true });
    await assert.rejects(restore(file, url, { force: true }), { code: 'store-in-use', message: /in use/ });
  });

  it(`HI37 ${name}: what is damaged is not restored`, async (bench) => {
    const { url, writer, database } = await bench.writer();
    await writer.write(minutes(0, 30));
    const file = join(bench.folder, 'backup.db');
    await backUp(url, file, {});
    await using damaged = await openDatabase(file);
    await damaged.script("UPDATE version SET body = x'28b52ffd'");
    await damaged.close();
    const faulty = { code: 'store-damaged', message: /damaged/ };
    await assert.rejects(restore(file, join(bench.folder, 'new.db'), {}), faulty);
    assert.ok(!existsSync(join(bench.folder, 'new.db')));
    writeFileSync(file, 'nothing of the kind, but long enough to be looked at\n'.repeat(99));
    await assert.rejects(restore(file, join(bench.folder, 'new.db'), {}), {
      code: 'invalid-input',
      message: /no history/,
    });
    assert.deepEqual(await checkHistory(database, { every: true }), []);
  });
}

/** Stores of a test, and all that was opened of them. */
class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'kube-kg-upkeep-'));
  readonly #make: () => Promise<Store>;
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(make: () => Promise<Store>) {
    this.#make = make;
  }

  async store(): Promise<Store> {
    const store = await this.#make();
    this.#ends.push(store.end);
    return store;
  }

  async writer(): Promise<{ readonly writer: HistoryWriter; readonly database: Database; readonly url: string }> {
    const { url } = await this.store();
    const database = await openDatabase(url);
    this.#ends.push(() => database.close());
    return { writer: await HistoryWriter.open(database), database, url };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    rmSync(this.folder, { recursive: true });
  }
}

async function run(writer: HistoryWriter, retention: Retention, minute: number): Promise<Pruned> {
  const steps = writer.prune(retention, { now: START / 1_000 + minute * 60_000 });
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/** Versions of a few objects, each minute others, of words that nothing makes shorter. */
function minutes(from: number, to: number): readonly Entry[] {
  const random = seededRandom('minutes');
  const words = (): string => Array.from({ length: 60 }, () => random.int(2 ** 31).toString(36)).join(' ');
  const objects = Array.from({ length: 10 }, (_, at) =>
    named(`object-${'abcdefghij'[at]}`, at % 5 === 0 ? { group: 'apps', kind: 'Short' } : {}),
  );
  return Array.from({ length: to - from + 1 }, (_, at): readonly Entry[] => [
    { type: 'moment', at: START + (from + at) * 60e6 },
    ...objects
      .filter((__, number) => (number + at) % 2 === 0)
      .map((of): Entry => ({ type: 'version', of, text: JSON.stringify({ kind: of.kind, words: words() }) })),
  ]).flat();
}

/** Observations as the graph makes them. */
function valid(entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry): Entry => {
    if (entry.type !== 'observe') return entry;
    const scope = { group: '', kind: 'ConfigMap' };
    return {
      type: 'observe',
      text: JSON.stringify({ ...JSON.parse(entry.text), cluster: 'c', scope, coverage: 'ready' }),
    };
  });
}

function lasting(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !line.startsWith('["observed"'));
}
