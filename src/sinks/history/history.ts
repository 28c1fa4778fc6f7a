/**
 * Writing history from the thread of the graph: what is handed over is on its way at once, and the sources wait when too much is.
 * Invariant: nothing that was handed over is dropped while the store can be written to again; it is held in memory within a bound.
 */
import { Worker } from 'node:worker_threads';
import { Problem } from '../../model/problem.ts';
import type { Removed } from './clear.ts';
import type { Entry } from './entries.ts';
import type { FrameMade } from './frames.ts';
import type { Fault, FromWriter, ToWriter, WriterData } from './protocol.ts';
import { type ReadableOptions, standardReadable } from './readable.ts';
import type { Pruned, PruneOptions, Retention } from './retention.ts';

export interface HistoryStatus {
  /** Why nothing is written at present. */
  readonly fault?: Fault;
  /** Why what people read in SQL does not come along. */
  readonly unreadable?: Fault;
  /** Characters that wait to be written. */
  readonly waiting: number;
  /** Commits that were handed over, and those of them that are written. */
  readonly given: number;
  readonly written: number;
  /** What has gone so far of a removal that is under way. */
  readonly pruning?: Removed;
}

export interface History {
  /** Hands over what a commit left to remember. Never waits. */
  write(entries: readonly Entry[]): void;
  /** Resolves when there is room for more; undefined when there is. Sources wait for it. */
  room(): Promise<void> | undefined;
  /** Resolves when everything handed over so far is in the store. Rejects with a Problem when it will not be. */
  written(): Promise<void>;
  /** Hands over the linked graph as it is after all that was handed over. It may be lost. */
  keep(frame: FrameMade): void;
  /**
   * Removes what is not kept any longer, while writing goes on. Rejects with a Problem when that fails or this is closed: what has not gone then, goes the
   * next time. Asked while it is under way, it is that which is answered.
   */
  prune(retention: Retention, options: Omit<PruneOptions, 'writer'>): Promise<Pruned>;
  readonly status: HistoryStatus;
  /** Writes what is left and ends. Safe to call twice. */
  close(): Promise<void>;
}

/** The program beside this file: TypeScript in a checkout, JavaScript once built. */
const program = new URL(`./writer-thread${import.meta.url.slice(-3)}`, import.meta.url);

const WAITING_MAX = 64 * 2 ** 20;
/** About what an entry without text takes. */
const ENTRY_WEIGHT = 100;

/** Told that writing fails, and that it works again (undefined). */
export type Told = (fault: Fault | undefined) => void;

/**
 * Opens the store, which is made when absent. Rejects with what `openDatabase` does, and with Problem `not-ready` when `stop` fires before it is open;
 * nothing runs on then.
 */
export async function openHistory(
  url: string,
  told: Told = () => undefined,
  readable: ReadableOptions = standardReadable,
  stop?: AbortSignal,
): Promise<History> {
  const thread = new Worker(program, { workerData: { url, readable } satisfies WriterData, stdout: false });
  const history = new ThreadedHistory(thread, told);
  const leave = (): unknown => thread.terminate();
  stop?.addEventListener('abort', leave);
  try {
    if (stop?.aborted) leave();
    await history.opened;
    return history;
  } catch (error) {
    await thread.terminate();
    throw error;
  } finally {
    stop?.removeEventListener('abort', leave);
  }
}

class ThreadedHistory implements History {
  readonly opened: Promise<void>;
  readonly #thread: Worker;
  readonly #told: Told;
  readonly #ended: Promise<void>;
  /** Weights of what is on its way, by number. */
  readonly #under = new Map<number, number>();
  #waiting = 0;
  /** On their way at the end of this turn of the event loop. */
  #handed: Entry[] = [];
  #given = 0;
  #written = 0;
  #fault: Fault | undefined;
  #unreadable: Fault | undefined;
  /** It will never be written to again. */
  #lost = false;
  #isOver = false;
  #pruning: { readonly done: PromiseWithResolvers<Pruned>; removed: Removed } | undefined;
  #change = Promise.withResolvers<void>();

  constructor(thread: Worker, told: Told) {
    this.#thread = thread;
    this.#told = told;
    const opened = Promise.withResolvers<void>();
    this.opened = opened.promise;
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.promise;
    let isOpen = false;
    const lose = ({ code, message }: Fault): void => {
      opened.reject(new Problem(code, message));
      if (isOpen)
        this.#trouble({ code, message: `${message}; no history is kept any more until kube-kg is started again` });
      this.#lost = true;
      this.#under.clear();
      this.#waiting = 0;
      this.#changed();
    };
    thread.on('message', (message: FromWriter) => {
      isOpen ||= message.type === 'opened';
      if (message.type === 'opened') opened.resolve();
      else if (message.type === 'failed') lose(message.fault);
      else if (message.type === 'pruning' || message.type === 'pruned') this.#takePruning(message);
      else if (message.type === 'unreadable') this.#unreadable = message.fault;
      else this.#take(message);
    });
    thread.on('error', ({ message }) => lose({ code: 'internal', message: `The history's thread failed: ${message}` }));
    thread.on('exit', () => {
      if (this.#under.size > 0)
        lose({ code: 'internal', message: "The history's thread ended before everything was written" });
      this.#isOver = true;
      opened.reject(new Problem('not-ready', 'The history was closed before it was open'));
      this.#takePruning({ type: 'pruned', pruned: { code: 'not-ready', message: 'The history was closed' } });
      ended.resolve();
    });
  }

  #takePruning(message: Extract<FromWriter, { type: 'pruning' | 'pruned' }>): void {
    const pruning = this.#pruning;
    if (pruning === undefined) return;
    if (message.type === 'pruning') {
      pruning.removed = message.removed;
      return;
    }
    this.#pruning = undefined;
    const { pruned } = message;
    if ('code' in pruned) pruning.done.reject(new Problem(pruned.code, pruned.message));
    else pruning.done.resolve(pruned);
  }

  #take(message: Extract<FromWriter, { type: 'written' | 'trouble' }>): void {
    if (message.type === 'trouble') this.#trouble(message.fault);
    else {
      this.#written = message.number;
      for (const [number, weight] of this.#under) {
        if (number > message.number) break;
        this.#under.delete(number);
        this.#waiting -= weight;
      }
    }
    this.#changed();
  }

  #trouble(fault: Fault | undefined): void {
    this.#fault = fault;
    this.#told(fault);
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  write(entries: readonly Entry[]): void {
    if (this.#lost || entries.length === 0) return;
    this.#given++;
    if (this.#handed.length === 0) setImmediate(() => this.#send());
    this.#handed.push(...entries);
  }

  /** Texts are made here, when those who wait for the commit itself have been served. */
  #send(): void {
    if (this.#lost || this.#handed.length === 0) return;
    const entries = this.#handed.map((entry) => (entry.type === 'version' ? { ...entry } : entry));
    this.#handed = [];
    const weight = entries.reduce(
      (sum, entry) => sum + ('text' in entry ? (entry.text?.length ?? 0) : 0) + ENTRY_WEIGHT,
      0,
    );
    this.#under.set(this.#given, weight);
    this.#waiting += weight;
    this.#thread.postMessage({ type: 'write', number: this.#given, entries } satisfies ToWriter);
  }

  keep(frame: FrameMade): void {
    if (this.#lost || this.#fault) return;
    this.#send();
    const buffers = frame.pieces.map(({ buffer }) => buffer as ArrayBuffer);
    this.#thread.postMessage({ type: 'frame', frame } satisfies ToWriter, [...new Set(buffers)]);
  }

  room(): Promise<void> | undefined {
    return this.#waiting < WAITING_MAX ? undefined : this.#until(() => this.#waiting < WAITING_MAX / 2);
  }

  async written(): Promise<void> {
    this.#send();
    const number = this.#given;
    await this.#until(() => this.#written >= number || this.#lost);
    if (this.#written < number && this.#fault) throw new Problem(this.#fault.code, this.#fault.message);
  }

  prune(retention: Retention, options: Omit<PruneOptions, 'writer'>): Promise<Pruned> {
    if (this.#pruning) return this.#pruning.done.promise;
    if (this.#isOver) return Promise.reject(new Problem('not-ready', 'The history is closed'));
    const done = Promise.withResolvers<Pruned>();
    this.#pruning = { done, removed: { rows: {}, bytes: 0 } };
    this.#thread.postMessage({ type: 'prune', retention, options } satisfies ToWriter);
    return done.promise;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#change.promise;
  }

  get status(): HistoryStatus {
    const [fault, unreadable] = [this.#fault, this.#unreadable];
    return {
      ...(fault && { fault }),
      ...(unreadable && { unreadable }),
      waiting: this.#waiting,
      given: this.#given,
      written: this.#written,
      ...(this.#pruning && { pruning: this.#pruning.removed }),
    };
  }

  async close(): Promise<void> {
    this.#send();
    this.#thread.postMessage({ type: 'close' } satisfies ToWriter);
    await this.#ended;
  }
}
