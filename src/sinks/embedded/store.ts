/**
 * Handle on the process that holds the store. Every request is answered or rejected with a Problem, also when the process ends;
 * a store that has ended stays ended.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { Problem } from '../../model/problem.ts';
import type { Envelope, Fault, Reply, Request, StoreLimits } from './protocol.ts';

/** A fault the store reported for one request; query.ts makes a Problem of it. */
export class StoreFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

export interface Store {
  /** Rejects with a StoreFault, or with the Problem the store ended with. `started` is called when a query begins to run. */
  request(request: Request, started?: () => void): Promise<unknown>;
  /** Ends the process at once; what waits is rejected with the problem. Safe to call twice. */
  end(problem: Problem): void;
  /** Resolves when the store has ended, with the reason. */
  readonly ended: Promise<Problem>;
  /** Of the process, undefined once it has ended. */
  readonly pid: number | undefined;
}

const MIB = 2 ** 20;
const defaults: StoreLimits = { queryMemoryMax: 1024 * MIB, answerMax: 32 * MIB };

/** The program beside this file: TypeScript in a checkout, JavaScript once built. */
const program = new URL(`./store-process${import.meta.url.slice(-3)}`, import.meta.url);

export function openStore(limits: Partial<StoreLimits> = {}): Store {
  const child = fork(program, [JSON.stringify({ ...defaults, ...limits })], {
    execArgv: [],
    serialization: 'json',
    stdio: ['ignore', process.stderr.fd, process.stderr.fd, 'ipc'], // standard output belongs to answers
  });
  return new ProcessStore(child);
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  readonly started: (() => void) | undefined;
}

class ProcessStore implements Store {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended = Promise.withResolvers<Problem>();
  #end: Problem | undefined;
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (reply: Reply) => this.#take(reply));
    child.on('error', (error) =>
      this.end(new Problem('store-unreachable', 'The Cypher store could not be started', { cause: error })),
    );
    child.on('exit', (code, signal) => {
      this.end(
        new Problem(
          'store-unreachable',
          `The Cypher store ended unexpectedly (${signal ?? `code ${code}, see standard error`}); ask again, it is filled anew`,
        ),
      );
    });
  }

  get ended(): Promise<Problem> {
    return this.#ended.promise;
  }

  get pid(): number | undefined {
    return this.#end ? undefined : this.#child.pid;
  }

  request(request: Request, started?: () => void): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject, started });
    // An error here means that the process is gone, which `exit` reports.
    this.#child.send({ id, request } satisfies Envelope, () => {});
    return promise;
  }

  #take({ id, value, fault, started }: Reply): void {
    const waiting = this.#waiting.get(id);
    if (started) {
      waiting?.started?.();
      return;
    }
    this.#waiting.delete(id);
    if (fault) waiting?.reject(new StoreFault(fault));
    else waiting?.resolve(value);
  }

  end(problem: Problem): void {
    if (this.#end) return;
    this.#end = problem;
    this.#child.kill('SIGKILL');
    for (const { reject } of this.#waiting.values()) reject(problem);
    this.#waiting.clear();
    this.#ended.resolve(problem);
  }
}
