/** History beside a real PostgreSQL, and both stores when what they stand on fails: the connection, the server, the process, the disk. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../src/model/problem.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import { type History, openHistory } from '../../src/sinks/history/history.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { historyContract } from '../contracts/history.ts';
import { assertHistory, Life } from '../contracts/history-life.ts';
import { troubleContract } from '../contracts/history-trouble.ts';
import { assertPast } from '../fuzz/past.ts';
import { worlds } from '../fuzz/worlds.ts';
import { startBreakingProxy } from '../support/breaking-proxy.ts';
import { assertLoad, loadAt } from '../support/history-load.ts';
import { seededRandom } from '../support/random.ts';
import { type PostgresServer, startPostgres } from './components/postgres.ts';
import { run, waitFor } from './runner.ts';

/** How often a writing process is killed. */
const KILLS = Number(process.env['HISTORY_KILLS'] ?? 10);
/** How long PostgreSQL is away. */
const AWAY_MS = Number(process.env['HISTORY_AWAY_SECONDS'] ?? 20) * 1_000;

let server: PostgresServer;

before(async () => {
  server = await startPostgres();
});
after(() => server[Symbol.asyncDispose]());

let schemas = 0;

/** The address of a history that is not there yet. */
function freshUrl(base = server.url()): string {
  return `${base}?schema=history_${++schemas}`;
}

historyContract('PostgreSQL', async () => {
  const url = freshUrl();
  return { open: (access) => openDatabase(url, access), end: async () => undefined };
});

troubleContract('PostgreSQL', async () => ({ url: freshUrl(), end: async () => undefined }));

for (const world of Object.keys(worlds)) {
  for (let seed = 1; seed <= 2; seed++)
    test(`HI1 the past equals what was in PostgreSQL: ${world} (seed ${seed})`, async () =>
      assertPast(world, seed, await openDatabase(freshUrl())));
}

test('HI25 a batch is there once, wherever the connection to PostgreSQL broke while it was written', async (t) => {
  await using proxy = await startBreakingProxy(server.port);
  const url = freshUrl(server.url().replace(`:${server.port}/`, `:${proxy.port}/`));
  const db = await openDatabase(url);
  const writer = await HistoryWriter.open(db);
  const random = seededRandom('broken connections');
  const life = new Life('broken connections');
  const broken = { before: 0, after: 0, commits: 0 };
  for (let batch = 0; batch < 60; batch++) {
    const entries = life.live(1 + random.int(4));
    let pieces = random.int(12);
    proxy.when = (piece) => {
      // Every fourth time what is lost is the answer to a commit.
      const isCommit = piece.includes('COMMIT');
      if (batch % 4 === 0 ? !isCommit : --pieces > 0) return undefined;
      const how = batch % 4 === 0 || random.chance(0.5) ? 'after' : 'before';
      broken[how]++;
      if (isCommit && how === 'after') broken.commits++;
      proxy.when = () => undefined;
      return how;
    };
    await persistently(() => writer.write(entries));
  }
  await db.close();
  t.diagnostic(`connections broken: ${JSON.stringify(broken)}`);
  assert.ok(broken.commits >= 15 && broken.before >= 10);
  const reader = await openDatabase(url, { readOnly: true });
  await assertHistory(reader, life);
  await reader.close();
});

test('HI26 another writer that took over meanwhile is neither overwritten nor taken for us', async () => {
  const url = freshUrl();
  const db = await openDatabase(url);
  const writer = await HistoryWriter.open(db);
  const life = new Life('two writers in turn');
  await writer.write(life.live(5));
  // Who notices first that the connection is lost: the writer, or whoever else uses its connection.
  for (const first of ['writer', 'another']) {
    await server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kube-kg'");
    await delay(100);
    const other = await openDatabase(url);
    const otherWriter = await HistoryWriter.open(other);
    await otherWriter.write(life.live(5));
    const batch = life.live(5);
    const lost = first === 'writer' ? writer.write(batch) : db.rows('SELECT 1');
    await assert.rejects(lost, { code: 'store-unreachable' }, 'the connection was lost');
    await assert.rejects(writer.write(batch), { code: 'store-in-use', message: /in use by another kube-kg/ });
    await other.close();
    await persistently(() => writer.write(batch));
  }
  await assertHistory(db, life);
  await db.close();
});

async function persistently(work: () => Promise<void>): Promise<void> {
  await waitFor(
    'the server to take it',
    async () => {
      try {
        await work();
        return true;
      } catch (error) {
        assert.ok(error instanceof Problem && /^store-(unreachable|in-use)$/.test(error.code), String(error));
        return false;
      }
    },
    20_000,
    20,
  );
}

/** Moments of the load, as fast as history takes them. */
class Load {
  given = 0;
  mostWaiting = 0;
  mostMemory = 0;
  /** It may not give more. */
  waits = false;
  readonly #history: History;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopped = false;
  readonly #ended: Promise<void>;

  constructor(history: History) {
    this.#history = history;
    this.#ended = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      for (let count = 0; count < 50; count++) this.#history.write(loadAt(++this.given));
      this.mostWaiting = Math.max(this.mostWaiting, this.#history.status.waiting);
      this.mostMemory = Math.max(this.mostMemory, process.memoryUsage.rss());
      const room = this.#history.room();
      this.waits = room !== undefined;
      if (room) await Promise.race([room, this.#stopped.promise]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#stopped.resolve();
    await this.#ended;
  }

  /** Ends it, and resolves when all of it is written. */
  async end(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#history.written();
  }
}

test('HI27 PostgreSQL is killed under load: memory stays bounded, and when it is back everything is written, once', async (t) => {
  const url = freshUrl();
  await using cleanup = new AsyncDisposableStack();
  const history = await openHistory(url);
  cleanup.defer(() => history.close());
  const load = cleanup.use(new Load(history));
  await waitFor('some to be written', () => history.status.written > 2_000);
  await server.stop('at once');
  let isBack = false;
  cleanup.defer(() => (isBack ? undefined : server.start()));
  const before = { written: history.status.written, memory: process.memoryUsage.rss() };
  await waitFor('the fault to be told', () => history.status.fault?.code === 'store-unreachable');
  await delay(AWAY_MS);
  await waitFor('sources to wait', () => load.waits);
  const away = { ...history.status, given: load.given };
  await server.start();
  isBack = true;
  await waitFor('it to be written to again', () => history.status.written > away.written);
  await load.end();
  assert.equal(history.status.fault, undefined);
  const reader = await openDatabase(url, { readOnly: true });
  cleanup.defer(() => reader.close());
  assert.equal(await assertLoad(reader), load.given);
  t.diagnostic(`written when killed ${before.written}, given when back ${away.given}, in the end ${load.given}`);
  t.diagnostic(
    `at most ${(load.mostWaiting / 2 ** 20).toFixed(0)} MiB waited; memory ${mb(before.memory)} → ${mb(load.mostMemory)} MB`,
  );
  assert.ok(load.mostWaiting < 70 * 2 ** 20 && load.mostMemory - before.memory < 500e6);
});

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

test(`HI28 a process that writes is killed (SIGKILL): all that was acknowledged is there, and it opens at once`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-kg-killed-'));
  t.after(() => rm(folder, { recursive: true }));
  await killed(t, join(folder, 'history.db'), async (db) => {
    assert.deepEqual(await db.rows('PRAGMA integrity_check'), [['ok']]);
  });
});

test('HI28 the same with PostgreSQL', async (t) => {
  await killed(t, freshUrl(), async () => undefined);
});

async function killed(t: TestContext, url: string, check: (db: Database) => Promise<void>): Promise<void> {
  const random = seededRandom('kills');
  const figures = { acknowledged: 0, found: 0, openMs: 0 };
  let known = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'history-load.ts'), url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged = await killedAfter(child, 2 + random.int(8), random.int(300));
    const began = performance.now();
    const db = await waitFor(
      'the server to see that it is gone',
      () => openDatabase(url).catch(() => undefined),
      5_000,
      20,
    );
    await HistoryWriter.open(db);
    figures.openMs = Math.max(figures.openMs, performance.now() - began);
    const found = await assertLoad(db, known);
    assert.ok(found >= acknowledged, `acknowledged ${acknowledged}, found ${found}`);
    await check(db);
    await db.close();
    figures.acknowledged = acknowledged;
    known = figures.found = found;
  }
  t.diagnostic(
    `${KILLS} kills: acknowledged ${figures.acknowledged}, found ${figures.found}, opened in at most ${figures.openMs.toFixed(0)} ms`,
  );
  assert.ok(known > 0 && figures.openMs < 3_000);
}

/** Kills it so long after it has said so many words; the last number that it said. */
async function killedAfter(child: ChildProcess, words: number, ms: number): Promise<number> {
  let said = '';
  const begun = Promise.withResolvers<void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > words) begun.resolve();
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([begun.promise, closed]);
  await delay(ms);
  child.kill('SIGKILL');
  await closed;
  return Number(said.split('\n').at(-2));
}

/** A folder that is a file system of its own, which can grow. */
async function mounted(folder: string, mib: number): Promise<AsyncDisposable & { grow(mib: number): Promise<void> }> {
  const { uid, gid } = await stat(folder);
  await run(['mount', '-t', 'tmpfs', '-o', `size=${mib}m,uid=${uid},gid=${gid},mode=700`, 'tmpfs', folder]);
  return {
    grow: async (size) => void (await run(['mount', '-o', `remount,size=${size}m`, folder])),
    [Symbol.asyncDispose]: async () => void (await run(['umount', '-l', folder])),
  };
}

const skip = process.getuid?.() === 0 ? false : 'only root may mount a small file system';

async function fills(t: TestContext, url: string, grow: () => Promise<void>): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const history = await openHistory(url);
  cleanup.defer(() => history.close());
  const load = cleanup.use(new Load(history));
  await waitFor('the disk to be full', () => history.status.fault?.code === 'store-full');
  t.diagnostic(history.status.fault?.message ?? '');
  const reader = await openDatabase(url, { readOnly: true });
  cleanup.defer(() => reader.close());
  const found = await assertLoad(reader);
  assert.ok(found > 0 && found >= history.status.written, 'what is written can be read');
  await grow();
  await waitFor('it to recover', () => history.status.fault === undefined);
  await load.end();
  assert.equal(await assertLoad(reader), load.given);
  t.diagnostic(`${found} moments when it was full, ${load.given} in the end`);
}

test('HI29 a full disk is told, reads go on, and writing when there is space again: SQLite', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-kg-full-'));
  t.after(() => rm(folder, { recursive: true }));
  await using disk = await mounted(folder, 4);
  await fills(t, join(folder, 'history.db'), () => disk.grow(512));
});

test('HI29 a full disk is told, reads go on, and writing when there is space again: PostgreSQL', {
  skip,
}, async (t) => {
  const folder = await server.folder();
  await using disk = await mounted(folder, 4);
  await server.ask(`CREATE TABLESPACE small LOCATION '${folder}'`);
  await server.ask('CREATE DATABASE small');
  // Only what the history makes lies there: a server whose own catalog has no room turns everybody away.
  await server.ask('ALTER DATABASE small SET default_tablespace = small');
  await fills(t, freshUrl(server.url('small')), () => disk.grow(512));
  await server.ask('DROP DATABASE small WITH (FORCE)');
  await server.ask('DROP TABLESPACE small');
});
