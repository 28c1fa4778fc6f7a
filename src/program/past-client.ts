/**
 * Asks the thread that answers about the past. It is started with the first question and ended when nobody has asked for a while, and so are the graphs
 * it keeps; every question is answered or rejected with a Problem, also when the thread ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startTimer } from '../lib/timer.ts';
import type { HistoryQueries } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { JsonText, type Past } from '../operations/operation.ts';
import type { ProgramHistory } from './history.ts';
import type { Answered, Asked, PastThreadData, Question } from './past-protocol.ts';

/** The program beside this file: TypeScript in a checkout, JavaScript once built. */
const program = new URL(`./past-thread${import.meta.url.slice(-3)}`, import.meta.url);

const WRITTEN_MS = 500;
const IDLE_MS = 600_000;
/** Questions at a time; more are turned away. */
const ASKED_MAX = 200;
const STOPPING = 'the server is stopping';

/** The history that is written, as far as it matters to who reads it. */
type Kept = Pick<ProgramHistory, 'status' | 'written'>;

interface Waiting {
  resolve(value: unknown): void;
  reject(problem: Problem): void;
}

const methods: readonly (keyof HistoryQueries)[] = [
  'versions',
  'countVersions',
  'courses',
  'existences',
  'edgeChanges',
  'changed',
  'changedEdges',
  'gaps',
  'kinds',
  'extent',
  'keptLess',
  'fill',
];

export class PastClient implements Past {
  readonly history: HistoryQueries;
  readonly #data: PastThreadData;
  readonly #kept: Kept;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #lastId = 0;
  /** Questions that are not answered yet. */
  #asked = 0;
  #isOver = false;
  #forgetIdle: () => void = () => undefined;

  constructor(data: PastThreadData, kept: Kept) {
    this.#data = data;
    this.#kept = kept;
    const query =
      (method: keyof HistoryQueries) =>
      (...values: readonly unknown[]): Promise<unknown> =>
        this.#ask({ type: 'query', method, values });
    this.history = Object.fromEntries(methods.map((method) => [method, query(method)])) as unknown as HistoryQueries;
  }

  answer(operation: string, at: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#ask({ type: 'answer', operation, at, input });
  }

  /** Other rules are in force: the next question is answered by them. */
  renew(): void {
    void this.#end('what is answered about the past has just changed; ask again');
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#end(STOPPING);
  }

  async #ask(question: Question): Promise<unknown> {
    if (this.#asked >= ASKED_MAX)
      throw new Problem('limit-reached', `${ASKED_MAX} questions about the past wait already; try again later`);
    this.#asked++;
    try {
      await this.#written();
      if (this.#isOver) throw new Problem('not-ready', STOPPING);
      return await this.#handOver(question);
    } finally {
      this.#asked--;
    }
  }

  /** What was seen before the question belongs into the answer; a store in trouble must not keep it waiting. */
  async #written(): Promise<void> {
    if (this.#kept.status.fault) return;
    await Promise.race([this.#kept.written(), delay(WRITTEN_MS, undefined, { ref: false })]).catch(() => undefined);
  }

  #handOver(question: Question): Promise<unknown> {
    this.#thread ??= this.#start();
    const thread = this.#thread;
    const id = ++this.#lastId;
    thread.postMessage({ id, question } satisfies Asked);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#forgetIdle();
    thread.ref();
    return promise;
  }

  #start(): Worker {
    const thread = new Worker(program, { workerData: this.#data, stdout: false });
    const gone = (why: string): void => {
      if (this.#thread === thread) void this.#end(why);
    };
    thread.on('message', (answered: Answered) => this.#take(answered));
    thread.on('error', ({ message }) => gone(`The thread that answers about the past failed: ${message}`));
    thread.on('exit', () => gone('The thread that answers about the past ended unexpectedly; ask again'));
    return thread;
  }

  #take({ id, value, pieces, problem }: Answered): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (problem) waiting?.reject(new Problem(problem.code, problem.message, { details: problem.details }));
    else waiting?.resolve(pieces ? new JsonText(pieces) : value);
    if (this.#waiting.size > 0) return;
    this.#thread?.unref();
    this.#forgetIdle = startTimer(() => void this.#end('idle'), IDLE_MS, { ref: false });
  }

  #end(why: string): Promise<unknown> | undefined {
    this.#forgetIdle();
    const thread = this.#thread;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(new Problem('not-ready', why));
    this.#waiting.clear();
    return thread?.terminate();
  }
}
