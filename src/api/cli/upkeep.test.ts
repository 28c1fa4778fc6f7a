/** Commands that look after a history: what they say, what they refuse, how they end. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Life, START } from '../../../test/contracts/history-life.ts';
import { type Ran, runIn } from '../../../test/support/command.ts';
import { openSqlite } from '../../sinks/history/sqlite.ts';
import { HistoryWriter } from '../../sinks/history/writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-upkeep-'));
after(() => rmSync(folder, { recursive: true }));

/** A minute after the life of `original` ends. */
const NOW = START / 1_000 + 300_000 + 60_000;

const run = (argv: readonly string[], terminal = false): Promise<Ran> =>
  runIn({ environment: { XDG_STATE_HOME: folder }, terminal: { stderr: terminal }, now: () => NOW }, argv);

const original = join(folder, 'original.db');

/** 300 seconds of life. */
before(async () => {
  const database = openSqlite(original);
  const writer = await HistoryWriter.open(database);
  const entries = new Life('upkeep').live(300).filter(({ type }) => type !== 'observe');
  await writer.write(entries);
  await database.close();
});

function copied(name: string): string {
  const path = join(folder, name);
  copyFileSync(original, path);
  chmodSync(path, 0o600);
  writeFileSync(`${path}.key`, 'k\n', { mode: 0o600 });
  return path;
}

test('HI39 prune says what would go, what went, and where history begins', async () => {
  const path = copied('prune.db');
  const size = statSync(path).size;
  const foreseen = await run(['prune', '--history', path, '--older-than', '2m', '--dry-run']);
  assert.equal(foreseen.code, 0, foreseen.err);
  const [, what = '', versions] =
    /^((\d+) versions and \d+ resources) would go; history would begin at 2026-01-01T00:04:00/.exec(foreseen.out) ?? [];
  assert.ok(Number(versions) > 100, foreseen.out);
  assert.equal(statSync(path).size, size, 'nothing changed');
  const { code, out, err } = await run(['prune', '--history', path, '--older-than', '2m'], true);
  assert.equal(code, 0, err);
  assert.ok(out.startsWith(`${what} have gone: `), `${out} after ${foreseen.out}`);
  assert.match(
    out,
    /^\d+ versions and \d+ resources have gone: \d.*\nhistory begins at 2026-01-01T00:04:00\.000Z, and takes/,
  );
  const gone = await run(['graph', '--history', path, '--at', '2026-01-01T00:01:00Z']);
  assert.match(gone.err, /history begins at 2026-01-01T00:04:00/);
  assert.equal(gone.code, 1);
  const told = await run(['history', '--history', path, '--json']);
  assert.equal(JSON.parse(told.out).oldest, '2026-01-01T00:04:00.000Z');
  const again = await run(['prune', '--history', path, '--older-than', '2m']);
  assert.match(again.out, /^0 versions and 0 resources have gone/);
});

test('HI40 what makes no sense is told with how to write it, and nothing is made', async () => {
  const path = copied('wrong.db');
  for (const [wrong, told] of [
    [['--older-than', 'yesterday'], /--older-than yesterday: write a duration as 90s, 15m, 2h or 7d/],
    [['--kind', 'Evnt=1d'], /no kind is called "Evnt"; did you mean Event/],
    [['--kind', 'Event'], /--kind Event: write it as Event=3d/],
    [['--max-size', '-1'], /--max-size -1: write a size/],
  ] as const) {
    const { code, err } = await run(['prune', '--history', path, ...wrong]);
    assert.equal(code, 2);
    assert.match(err, told);
  }
  const absent = join(folder, 'absent.db');
  for (const argv of [['prune'], ['backup', join(folder, 'x.db')]]) {
    const { code, err } = await run([...argv, '--history', absent]);
    assert.equal(code, 3);
    assert.match(err, /no history at .*absent\.db/);
  }
  assert.ok(!existsSync(absent) && !existsSync(join(folder, 'x.db')));
});

test('HI41 who writes is not disturbed: prune and restore refuse, backup copies', async () => {
  const path = copied('written.db');
  await using database = openSqlite(path);
  await HistoryWriter.open(database);
  const backup = join(folder, 'of-written.db');
  for (const argv of [['prune'], ['restore', original, '--force']]) {
    const { code, err } = await run([...argv, '--history', path]);
    assert.equal(code, 3);
    assert.match(err, /A running kube-kg writes to .*written\.db: stop it first/);
  }
  const { code, out } = await run(['backup', backup, '--history', path]);
  assert.equal(code, 0);
  assert.match(out, /is copied to/);
});

test('HI42 a backup comes back, and nothing is overwritten unasked', async () => {
  const [path, backup, restored] = [copied('source.db'), join(folder, 'backup.db'), join(folder, 'new', 'restored.db')];
  assert.equal((await run(['backup', backup, '--history', path])).code, 0);
  const second = await run(['backup', backup, '--history', path]);
  assert.deepEqual([second.code, /--force/.test(second.err)], [2, true]);
  assert.match((await run(['backup', path, '--history', path, '--force'])).err, /is the history itself/);
  assert.equal((await run(['restore', backup, '--history', restored])).code, 0);
  assert.equal((await run(['restore', backup, '--history', restored])).code, 2);
  assert.equal((await run(['restore', backup, '--history', restored, '--force'])).code, 0);
  const told = async (history: string): Promise<unknown> => {
    const { oldest, newest, counts } = JSON.parse((await run(['history', '--history', history])).out);
    return { oldest, newest, counts };
  };
  assert.deepEqual(await told(restored), await told(path));
});

test('HI43 doctor tells a sound history from a damaged one, by what is wrong', async () => {
  const sound = await run(['doctor', copied('sound.db'), '--verbose']);
  assert.equal(sound.code, 0, sound.out);
  assert.match(sound.out, /every version can be read/);
  assert.match(sound.out, /versions of \d+ resources/);
  const damages: Readonly<Record<string, readonly [sql: string, told: RegExp]>> = {
    base: [
      'DELETE FROM version WHERE (resource, moment) IN (SELECT resource, base FROM version)',
      /hang on one that is/,
    ],
    dictionary: ['DELETE FROM dictionary', /need a dictionary/],
    body: ["UPDATE version SET body = x'28b52ffd00'", /cannot be read/],
    order: ['UPDATE moment SET at = 0 WHERE no = 100', /earlier than the ones before/],
    overlap: ['UPDATE resource SET until = NULL', /existed twice/],
    interval: ['UPDATE edge SET until = since - 1 WHERE until IS NOT NULL', /edges ended before they began/],
    end: ['DELETE FROM resource WHERE no = 3', /edges have no end|of no known resource/],
  };
  for (const [name, [sql, told]] of Object.entries(damages)) {
    const path = copied(`damaged-${name}.db`);
    await using database = openSqlite(path);
    await database.script(sql);
    await database.close();
    const { code, out } = await run(['doctor', '--history', path]);
    assert.equal(code, 1, name);
    assert.match(out, told, name);
    assert.match(out, /Restore a backup/);
  }
});

test('HI44 doctor says who may read a history, and that its key is missing', async () => {
  const path = copied('readable.db');
  chmodSync(path, 0o644);
  rmSync(`${path}.key`);
  const { code, out } = await run(['doctor', path]);
  assert.equal(code, 0, 'warnings');
  assert.match(out, /others may read .*readable\.db/);
  assert.match(out, /chmod 600/);
  assert.match(out, /readable\.db\.key is not there/);
  const none = await run(['doctor', '--history', join(folder, 'nothing.db'), '--json']);
  assert.equal(none.code, 1);
  assert.equal(JSON.parse(none.out)[0].status, 'fault');
});

test('HI98 doctor says whether somebody writes, however long ago something was seen', async () => {
  const path = copied('held.db');
  assert.match((await run(['doctor', path])).out, /2026-01-01T00:04:59\S*; nobody writes to it/);
  await using database = openSqlite(path);
  await HistoryWriter.open(database);
  assert.match((await run(['doctor', path])).out, /2026-01-01T00:04:59\S*; a kube-kg writes to it/);
});
