/** PostgreSQL on loopback, its data in a folder of its own. Started, stopped, killed and started again. From Debian's package `postgresql`. */
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { loopback, type Program, Runner, run } from '../runner.ts';

const NAME = 'postgres';
const password = 'stack-password';

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** Where a database can be asked, by default the one that is always there. */
  url(database?: string): string;
  /** Rows of a statement, on a connection of its own. */
  ask(sql: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A folder that only the server may use. */
  folder(): Promise<string>;
  /** Ends it as an administrator would, or at once; its data stays. */
  stop(how?: 'gently' | 'at once'): Promise<void>;
  /** After `stop`. */
  start(): Promise<void>;
}

/** Starts an empty one and returns when it answers; `await using` ends it and removes its folder. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = await postgresPrograms();
  const directory = await mkdtemp(join(tmpdir(), 'kube-kg-postgres-'));
  const user = await serverUser();
  if (user) await chown(directory, user.uid, user.gid);
  // The server refuses to be run by root.
  const as = user
    ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--pdeathsig=KILL', '--']
    : [];
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  const init = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '-A', 'scram-sha-256', '--no-sync'];
  await run([...as, join(programs, 'initdb'), ...init, `--pwfile=${passwordFile}`], { cwd: directory });
  const port = await loopback.port(5432);
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    // It may be killed, the machine is not.
    fsync: 'off',
    shared_buffers: '64MB',
    log_min_messages: 'warning',
  };
  const program: Program = {
    name: NAME,
    argv: [
      ...as,
      join(programs, 'postgres'),
      ...['-D', data],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    ready: async () => (await ask('SELECT 1')).length === 1,
  };
  const url = (database = 'postgres'): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const ask = async (sql: string, database?: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url(database), connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const runner = new Runner(directory, loopback, false);
  const start = async (): Promise<void> => {
    await runner.start(program);
  };
  await start();
  return {
    port,
    url,
    ask,
    async folder() {
      const folder = await mkdtemp(join(directory, 'folder-'));
      if (user) await chown(folder, user.uid, user.gid);
      return folder;
    },
    async stop(how = 'gently') {
      // SIGINT is the fast shutdown: connections are ended, what was committed is kept.
      if (how === 'gently') runner.signal(NAME, 'SIGINT');
      await (how === 'gently' ? runner.stop(NAME, 30_000) : killAll(runner));
    },
    start,
    async [Symbol.asyncDispose]() {
      await killAll(runner);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Kills the server, whose own processes end when they see that it is gone. */
async function killAll(runner: Runner): Promise<void> {
  const pid = runner.pid(NAME);
  const children = pid === undefined ? '' : await run(['cat', `/proc/${pid}/task/${pid}/children`]).catch(() => '');
  await runner.kill(NAME);
  for (const child of children.split(' ').map(Number)) {
    if (child <= 1) continue;
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // Gone.
    }
  }
}

/** The newest that is installed. Debian keeps them out of the path. */
export async function postgresPrograms(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  if (newest === undefined) throw new Error("PostgreSQL is not installed: Debian's package postgresql");
  return join(root, String(newest), 'bin');
}

/** Whom root runs the server as: the user that the package made. */
async function serverUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [, , uid, gid] = (await run(['getent', 'passwd', 'postgres'])).split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
