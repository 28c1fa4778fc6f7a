/**
 * The product as users install it, in a process of its own: started, waited for, weighed and stopped. Also the other processes a benchmark
 * needs beside it. Weighing reads /proc, so it needs Linux.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
let building: Promise<string> | undefined;

/** The program built as the package has it, once per benchmark; running the sources costs 30 MB more and some tenths of a second. */
function builtProgram(): Promise<string> {
  building ??= build();
  return building;
}

async function build(): Promise<string> {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await cp(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  const args = ['--project', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  await promisify(execFile)(join(root, 'node_modules', '.bin', 'tsc'), args, { cwd: root }).catch(
    (error: { stdout?: string }) => {
      throw new Error(`the program cannot be built:\n${error.stdout}`, { cause: error });
    },
  );
  return join(folder, 'bin', 'kube-kg.mjs');
}

export function benchFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export interface Serving extends AsyncDisposable {
  readonly url: string;
  /** From the start of the process to `/healthz/ready` saying yes, in milliseconds. */
  readonly readyMs: number;
  readonly pid: number;
  memory(): Promise<Memory>;
  /** Waits until it has so many pods: how long that took, and how often it was asked. */
  hasPods(count: number): Promise<{ readonly afterMs: number; readonly asked: number }>;
}

/** Of a process, in MB. */
export interface Memory {
  readonly rssMb: number;
  readonly peakRssMb: number;
}

/** `kube-kg serve` on a kubeconfig, ready; without a history unless the environment names one. Rejects with what it said when it ends before. */
export async function serve(kubeconfig: string, environment: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const [main, port] = await Promise.all([builtProgram(), freePort()]);
  const env = {
    ...process.env,
    KG_KUBERNETES_KUBECONFIG: kubeconfig,
    KG_SERVER_PORT: String(port),
    KG_LOG_LEVEL: 'error',
    KG_HISTORY_ENABLED: String(environment['KG_HISTORY_URL'] !== undefined),
    ...environment,
  };
  const start = performance.now();
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}/healthz/ready`))) {
    if (child.exitCode !== null)
      throw new Error(`serve ended with ${child.exitCode} before it was ready:\n${said.join('')}`);
    await sleep(10);
  }
  const pid = child.pid ?? 0;
  return {
    url,
    readyMs: performance.now() - start,
    pid,
    memory: () => memoryOf(pid),
    hasPods: (count) => untilPods(url, count),
    [Symbol.asyncDispose]: () => stopped(child),
  };
}

async function untilPods(url: string, count: number): Promise<{ readonly afterMs: number; readonly asked: number }> {
  const start = performance.now();
  for (let asked = 1; ; asked++) {
    const answer = (await (await fetch(`${url}/api/v1/resources?kinds=Pod&limit=1`)).json()) as { total?: number };
    if (answer.total === count) return { afterMs: performance.now() - start, asked };
    await sleep(10);
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(late);
}

/** Resident now and at its highest, `VmRSS` and `VmHWM` of proc(5). */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { rssMb: megabytes('VmRSS'), peakRssMb: megabytes('VmHWM') };
}

export interface NullLister {
  /** From the first request to the last object. */
  readonly ms: number;
  /** From the start of the process to its end. */
  readonly wallMs: number;
  readonly objects: number;
  readonly kinds: number;
  readonly megabytes: number;
  readonly peakRssMb: number;
}

/** Lists everything once and drops it, in a process of its own. */
export async function nullLister(kubeconfig: string): Promise<NullLister> {
  const start = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [benchFile('null-lister.ts'), kubeconfig]);
  return { ...(JSON.parse(stdout) as Omit<NullLister, 'wallMs'>), wallMs: performance.now() - start };
}

/** A process that is told what to do line by line and answers line by line in JSON. */
export class Helper implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(file: string, args: readonly string[]) {
    const child = spawn(process.execPath, [benchFile(file), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Its next answer; throws when it has ended. */
  async hear<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#child.spawnargs.join(' ')} ended with ${this.#child.exitCode}`);
    return JSON.parse(value) as T;
  }

  /** Ends its input, which is the sign to leave. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exit;
  }
}

export interface CensusServing extends AsyncDisposable {
  /** From now on it sends so many changes a second to whoever watches. */
  readonly setRate: (changesPerSecond: number) => void;
  readonly kubeconfig: string;
  readonly objects: number;
  readonly pods: number;
  readonly megabytes: number;
}

/** A read-only API server with the census, see census-server.ts. */
export async function serveCensus(options: Readonly<Record<string, number>>): Promise<CensusServing> {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const helper = new Helper('census-server.ts', words);
  const { url, ...size } = await helper.hear<Pick<CensusServing, 'objects' | 'pods' | 'megabytes'> & { url: string }>();
  const folder = await mkdtemp(join(tmpdir(), 'kube-kg-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const name = 'census';
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: url } }],
      users: [{ name, user: {} }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    }),
  );
  return {
    kubeconfig,
    ...size,
    setRate: (changesPerSecond) => helper.tell(`rate ${changesPerSecond}`),
    async [Symbol.asyncDispose]() {
      await helper[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
