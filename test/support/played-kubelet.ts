/**
 * A kubelet behind an API server, as far as logs go: runs of containers with lines, `previous`, `follow`, `sinceTime` by whole seconds, `tailLines`. It
 * stands in for the real one where a test needs to say when what is written, and what fails. test/stack/ has the real one.
 */
import type { KubeObject } from '../../src/model/change.ts';
import type { Bytes, KubeClient } from '../../src/sources/kubernetes/client.ts';
import type { Clock } from '../../src/sources/kubernetes/clock.ts';
import type { Failure } from '../../src/sources/kubernetes/failure.ts';

interface Run {
  readonly id: string;
  readonly lines: string[];
  exit?: { readonly code: number; readonly at: string };
}

export class PlayedKubelet implements Pick<KubeClient, 'get' | 'stream'> {
  readonly #clock: Clock;
  /** By pod. */
  readonly #runs = new Map<string, Run[]>();
  readonly #open = new Set<{ wake: () => void; isCut: boolean }>();
  /** Every path asked for. */
  readonly asked: string[] = [];
  /** Answers instead, where it gives something. */
  fails: (path: string) => Failure | undefined = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many logs are followed. */
  get followed(): number {
    return this.#open.size;
  }

  begin(pod: string): void {
    const runs = this.#runs.get(pod) ?? [];
    this.#runs.set(pod, [...runs, { id: `containerd://${pod}-${runs.length}`, lines: [] }]);
  }

  /** Writes lines of this instant. */
  write(pod: string, ...texts: readonly string[]): void {
    this.#last(pod).lines.push(...texts.map((text) => `${this.#clock.time().replace('Z', '000001Z')} ${text}`));
    this.#wake();
  }

  end(pod: string, code: number): void {
    this.#last(pod).exit = { code, at: this.#clock.time() };
    this.#wake();
  }

  /** Breaks every connection, as a server that is killed does. */
  cut(): void {
    for (const one of this.#open) one.isCut = true;
    this.#wake();
  }

  /** The pod as its status shows it. `isWaiting`: after an end, it is about to be restarted. */
  pod(name: string, namespace = 'shop'): KubeObject {
    const [last, before] = [...(this.#runs.get(name) ?? [])].reverse();
    const ended = (run: Run | undefined): object | undefined =>
      run?.exit && {
        terminated: { containerID: run.id, exitCode: run.exit.code, finishedAt: run.exit.at, reason: 'Error' },
      };
    const state =
      ended(last) ??
      (last ? { running: { startedAt: this.#clock.time() } } : { waiting: { reason: 'ContainerCreating' } });
    const status = {
      name: 'main',
      state,
      lastState: ended(before) ?? {},
      ...(last && { containerID: last.id }),
      restartCount: 0,
    };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, uid: `uid-${name}` },
      status: { phase: 'Running', containerStatuses: [status] },
    };
  }

  async get(path: string): Promise<{ type: 'ok'; body: unknown; etag: undefined }> {
    this.asked.push(path);
    const [, name = ''] = /metadata\.name%3D([\w-]+)/.exec(path) ?? [];
    return { type: 'ok', body: { items: this.#runs.has(name) ? [this.pod(name)] : [] }, etag: undefined };
  }

  async stream(path: string, stop: AbortSignal): Promise<Bytes | Failure> {
    this.asked.push(path);
    const failure = this.fails(path);
    if (failure) return failure;
    const { pathname, searchParams } = new URL(path, 'http://localhost');
    const pod = pathname.split('/').at(-2) ?? '';
    const runs = this.#runs.get(pod) ?? [];
    const ended = runs.filter(({ exit }) => exit !== undefined);
    const isOver = runs.at(-1)?.exit !== undefined;
    const run = searchParams.has('previous') ? ended.at(isOver ? -2 : -1) : runs.at(-1);
    if (run === undefined) return { type: 'refused', message: 'previous terminated container not found' };
    return { type: 'stream', bytes: this.#bytes(run, searchParams, stop) };
  }

  async *#bytes(run: Run, query: URLSearchParams, stop: AbortSignal): AsyncIterable<Uint8Array> {
    const since = (query.get('sinceTime') ?? '').slice(0, 19);
    const begin = Math.max(0, run.lines.length - Number(query.get('tailLines') ?? run.lines.length));
    const isWanted = (line: string): boolean => line.slice(0, 19) >= since;
    let place = begin;
    const here = { wake: () => {}, isCut: false };
    if (query.has('follow')) this.#open.add(here);
    try {
      for (;;) {
        const fresh = run.lines.slice(place).filter(isWanted);
        place = run.lines.length;
        if (fresh.length > 0) yield Buffer.from(`${fresh.join('\n')}\n`);
        if (place < run.lines.length) continue;
        if (!query.has('follow') || run.exit) return;
        if (here.isCut) throw new Error('aborted');
        await new Promise<void>((resolve, reject) => {
          here.wake = resolve;
          stop.addEventListener('abort', () => reject(stop.reason), { once: true });
          if (stop.aborted) reject(stop.reason);
        });
      }
    } finally {
      this.#open.delete(here);
    }
  }

  #wake(): void {
    for (const { wake } of this.#open) wake();
  }

  #last(pod: string): Run {
    const run = this.#runs.get(pod)?.at(-1);
    if (run === undefined) throw new Error(`${pod} has not begun`);
    return run;
  }
}
