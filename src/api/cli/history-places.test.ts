/** Where no history can be: what commands say of it, how they end, and that they leave nothing behind. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ran, runIn } from '../../../test/support/command.ts';
import { openSqlite } from '../../sinks/history/sqlite.ts';
import { HistoryWriter } from '../../sinks/history/writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-places-'));
after(() => rmSync(folder, { recursive: true }));

const recording = resolve(import.meta.dirname, '../../../demo/shop.jsonl.gz');
const environment = { XDG_STATE_HOME: join(folder, 'state') };
const run = (...argv: readonly string[]): Promise<Ran> => runIn({ environment }, argv);
const serve = (history: string): Promise<Ran> => run('serve', recording, '--port', '0', '--history', history);

test('HI106 what is no history is left as it is by every command, and told as wrong use', async () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  const path = join(own, 'README.md');
  writeFileSync(path, '# Words, and no database\n');
  for (const command of [
    ['serve', recording, '--port', '0'],
    ['prune'],
    ['backup', join(own, 'backup.db')],
    ['restore', path],
  ]) {
    const { code, err } = await run(...command, '--history', command[0] === 'restore' ? join(own, 'new.db') : path);
    assert.match(err, /README\.md is no history: it is no SQLite database/, command[0]);
    assert.equal(code, 2, command[0]);
    assert.deepEqual(readdirSync(own), ['README.md'], command[0]);
  }
  const { code, out } = await run('doctor', '--history', path);
  assert.equal(code, 1);
  assert.doesNotMatch(out, /chmod|\.key/);
});

test('HI106 where nothing can be kept is told with what else to do', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { code, err } = await serve(join(file, 'history.db'));
  assert.equal(code, 3);
  assert.match(
    err,
    /^error: A history cannot be kept in \S*file \(it is no folder\): name another place with --history, or keep none \(--no-history\)\.$/m,
  );
  assert.match((await serve(folder)).err, /is no history: it is no file/);
});

test("HI106 another user's history, and another user's folder, are told as such", {
  skip: process.geteuid?.() === 0 ? false : 'only root can be somebody else for a while',
}, async () => {
  chmodSync(folder, 0o755);
  const theirs = join(folder, 'theirs');
  mkdirSync(theirs, { mode: 0o755 });
  const path = join(theirs, 'history.db');
  const database = openSqlite(path);
  await HistoryWriter.open(database);
  await database.close();
  const elsewhere = mkdtempSync(join(tmpdir(), 'kube-kg-nobody-'));
  after(() => rmSync(elsewhere, { recursive: true, force: true }));
  process.seteuid?.(65_534);
  try {
    const kept = await serve(join(theirs, 'new.db'));
    assert.match(kept.err, /(A history cannot be kept in|new\.db\.key cannot be made).*this user has no right to/);
    for (const command of [['history'], ['doctor'], ['prune']]) {
      const { code, out, err } = await run(...command, '--history', path);
      assert.ok(code === 3 || code === 1, command[0]);
      assert.match(
        out + err,
        /history\.db cannot be used.*(this user has no right to that|only its owner may read it)/,
        command[0],
      );
    }
  } finally {
    process.seteuid?.(0);
  }
});

test('HI106 what is not there is told as what it should have been', async () => {
  const nothing = join(folder, 'nope.db');
  assert.match(
    (await run('restore', nothing, '--history', join(folder, 'x.db'))).err,
    /^error: There is no backup at \S*nope\.db\.$/m,
  );
  assert.match(
    (await run('backup', join(folder, 'b.db'), '--history', nothing)).err,
    /There is no history at \S*nope\.db: "kube-kg serve"/,
  );
  assert.match((await run('doctor', '--history', nothing)).out, /There is no history at \S*nope\.db/);
  assert.match((await run('doctor', nothing)).out, /nope\.db cannot be read/);
});

test('HI107 who is stopped while a history is being opened ends at once, and holds nothing', async (t) => {
  // A server that never answers.
  const silent = await listening();
  t.after(() => silent.server.close());
  const stop = new AbortController();
  const ran = runIn({ environment, stop: stop.signal }, [
    'serve',
    recording,
    '--port',
    '0',
    '--history',
    `postgres://u:p@127.0.0.1:${silent.port}/x`,
  ]);
  await silent.asked;
  stop.abort(new DOMException('SIGTERM', 'AbortError'));
  const ended = await Promise.race([ran, delay(3_000, undefined, { ref: false })]);
  assert.equal(ended?.code, 0);
  assert.equal(ended?.err, '');
});

async function listening(): Promise<{ readonly server: Server; readonly port: number; readonly asked: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    asked.resolve();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0, asked: asked.promise };
}
