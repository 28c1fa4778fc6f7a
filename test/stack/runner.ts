/**
 * Runs programs for the stack: each in its own session, with a pid file and a log in the cluster's folder.
 * Only what this runner started is ever signalled: a pid file names a process by pid *and* start time, so a reused pid is left alone.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  /** Names the pid file and the log. */
  readonly name: string;
  readonly argv: readonly string[];
  /** True once it serves. Without it, a program that was started is ready. */
  readonly ready?: () => Promise<boolean>;
  /** How long it may take to become ready. */
  readonly timeoutMs?: number;
}

/** Where programs run: on this machine's loopback, or in namespaces of their own. */
export interface Machine {
  readonly address: string;
  /** A port for one listener: the usual one where the machine is ours alone, a free one on loopback. */
  port(usual: number): Promise<number>;
  /** The command line that runs `argv` there. */
  command(argv: readonly string[]): readonly string[];
  /** True when `command` starts a helper whose only child is the program. */
  readonly forks: boolean;
}

export const loopback: Machine = {
  address: '127.0.0.1',
  port: freePort,
  command: (argv) => argv,
  forks: false,
};

/** Runs to the end and returns standard output; throws with both outputs when the exit code is not 0. */
export function run(
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<string> {
  const [file = '', ...args] = argv;
  const { cwd, input = '' } = options;
  const env = { ...cleanEnvironment(), ...options.env };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, stdout: string, stderr: string): void => {
      const said = (stderr.trim() || stdout.trim() || error?.message || '').slice(-4000);
      if (error) reject(new Error(`${file} ${args.join(' ').slice(0, 200)}: ${said}`, { cause: error }));
      else resolve(stdout);
    };
    const child = execFile(file, args, { ...(cwd ? { cwd } : {}), env, maxBuffer: 1 << 30 }, done);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Programs of one folder, on one machine. */
export class Runner {
  readonly #directory: string;
  readonly #machine: Machine;
  readonly #keep: boolean;

  /** `keep`: the programs outlive this process (the command line's `up`); otherwise the kernel ends them with it, however it ends. */
  constructor(directory: string, machine: Machine, keep: boolean) {
    this.#directory = directory;
    this.#machine = machine;
    this.#keep = keep;
  }

  /** Starts a program and waits until it is ready; throws with the end of its log when it dies or takes too long. Returns its pid. */
  async start(program: Program): Promise<number> {
    const { name, ready, timeoutMs = 60_000 } = program;
    const pid = await this.#spawn(name, program.argv);
    const deadline = Date.now() + timeoutMs;
    while (ready && !(await ready().catch(() => false))) {
      if (!this.alive(name)) throw new Error(`${name} ended before it was ready\n${await this.#logEnd(name)}`);
      if (Date.now() > deadline)
        throw new Error(`${name} not ready after ${timeoutMs} ms\n${await this.#logEnd(name)}`);
      await sleep(100);
    }
    return pid;
  }

  async #spawn(name: string, argv: readonly string[]): Promise<number> {
    if (this.alive(name)) throw new Error(`${name} is already running`);
    const command = this.#machine.command(argv);
    const [file = '', ...args] = this.#keep ? command : ['setpriv', '--pdeathsig', 'KILL', '--', ...command];
    const log = openSync(this.#path(name, 'log'), 'a');
    const child = spawn(file, args, {
      cwd: this.#directory,
      env: cleanEnvironment(),
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    await spawned(child);
    child.unref();
    const pid = this.#machine.forks ? await onlyChild(child) : (child.pid ?? 0);
    await writeFile(this.#path(name, 'pid'), `${pid} ${startTime(pid) ?? ''}`);
    return pid;
  }

  /** True while the program runs. */
  alive(name: string): boolean {
    return this.pid(name) !== undefined;
  }

  /** The pid of a running program of this folder. */
  pid(name: string): number | undefined {
    let file: string;
    try {
      file = readFileSync(this.#path(name, 'pid'), 'utf8');
    } catch {
      return undefined;
    }
    const [pid = 0, since] = file.split(' ').map(Number);
    return pid > 1 && startTime(pid) === since ? pid : undefined;
  }

  /** Sends a signal; returns whether there was a process to receive it. */
  signal(name: string, signal: NodeJS.Signals): boolean {
    const pid = this.pid(name);
    if (pid === undefined) return false;
    process.kill(pid, signal);
    return true;
  }

  /** Asks the program to end (SIGTERM), ends it after `graceMs`, and returns when it is gone. */
  async stop(name: string, graceMs = 10_000): Promise<void> {
    if (this.signal(name, 'SIGTERM')) {
      this.signal(name, 'SIGCONT');
      const deadline = Date.now() + graceMs;
      while (this.alive(name) && Date.now() < deadline) await sleep(20);
    }
    await this.kill(name);
  }

  /** Ends the program at once and returns when it is gone. */
  async kill(name: string): Promise<void> {
    while (this.signal(name, 'SIGKILL')) await sleep(10);
    await rm(this.#path(name, 'pid'), { force: true });
  }

  #path(name: string, extension: string): string {
    return join(this.#directory, `${name}.${extension}`);
  }

  async #logEnd(name: string): Promise<string> {
    const log = await readFile(this.#path(name, 'log'), 'utf8').catch(() => '');
    return log.trimEnd().split('\n').slice(-15).join('\n');
  }
}

/** The environment without proxies: everything the stack talks to is on this machine. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

/** Waits for the process that a helper forks. */
async function onlyChild(helper: ChildProcess): Promise<number> {
  const pid = helper.pid ?? 0;
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(5)) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    if (children.trim() !== '') return Number.parseInt(children, 10);
    if (helper.exitCode !== null) break;
  }
  throw new Error(`${helper.spawnargs.join(' ')} did not start its program`);
}

/**
 * When the process was started, in ticks since boot; undefined when there is none. One that has ended but was not collected yet counts as
 * gone once all of its threads have ended, for until then its ports are taken. (proc(5): fields 3 state, 20 num_threads, 22 starttime)
 */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const gone = fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1);
    return gone ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Polls until the predicate holds and returns its value; throws with `what` after `timeoutMs`, naming the last error. */
export async function waitFor<T>(
  what: string,
  predicate: () => T | Promise<T>,
  timeoutMs = 60_000,
  everyMs = 100,
): Promise<NonNullable<T>> {
  let last: unknown;
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(everyMs)) {
    try {
      const value = await predicate();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`timed out after ${timeoutMs} ms: ${what}`, { cause: last });
}

/**
 * A port of loopback that nothing listens on. Below the range from which the kernel takes the ports of outgoing connections:
 * a server that is killed and started again would otherwise find its port taken by a client, or the client connected to itself.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await listens(server, { port, host: '127.0.0.1' });
    server.close();
    if (free) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

/** True when something accepts connections there. */
export function listening(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Runs `work` while no other process of this machine holds the lock of that name; the kernel frees it when its holder ends. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const server = createServer();
  while (!(await listens(server, { path: `\0kube-kg ${name}` }))) await sleep(500);
  try {
    return await work();
  } finally {
    server.close();
  }
}

function listens(server: Server, where: ListenOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error);
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}
