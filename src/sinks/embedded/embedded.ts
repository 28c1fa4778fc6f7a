/**
 * The life of the embedded Cypher store: filled when it is first asked, kept current from the feed, dropped when idle, started anew after
 * it was lost. Those who never ask pay nothing.
 * Invariant: an answer is never older than the revision the caller could see when it asked.
 */

import { createSemaphore, type Semaphore } from '../../lib/semaphore.ts';
import { startTimer } from '../../lib/timer.ts';
import { Problem, problemFrom } from '../../model/problem.ts';
import type { View } from '../../model/view.ts';
import type { Follow } from '../policy/follow.ts';
import { hintsFor, isHollow } from './hints.ts';
import type { StoreLimits } from './protocol.ts';
import { type Query, type QueryAnswer, type QueryOptions, type QueryParams, queryFrom, runQuery } from './query.ts';
import { type EmbeddedSink, embeddedSink } from './sink.ts';
import { openStore, type Store } from './store.ts';

/** Calls back after a time; the returned function takes that back. */
export type Timer = (callback: () => void, ms: number) => () => void;

export interface EmbeddedOptions {
  readonly view: View;
  readonly follow: Follow;
  /** The store is dropped when nobody has asked for so long; without it, it is kept. */
  readonly idleMs?: number;
  /** Queries that run at once; 3 by default. The rest wait in line. */
  readonly runningMax?: number;
  /** Queries that wait in line before more are turned away; 100 by default. */
  readonly waitingMax?: number;
  readonly limits?: Partial<StoreLimits>;
  readonly timer?: Timer;
}

const RUNNING_MAX = 3;
const WAITING_MAX = 100;
const setTimer: Timer = (callback, ms) => startTimer(callback, ms, { ref: false });

export function openEmbedded(options: EmbeddedOptions): Embedded {
  return new Embedded(options);
}

export class Embedded {
  readonly #options: EmbeddedOptions;
  readonly #queries: Semaphore;
  #session: Session | undefined;
  #forgetIdle: () => void = () => {};
  #closed = false;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#queries = createSemaphore(options.runningMax ?? RUNNING_MAX, options.waitingMax ?? WAITING_MAX);
  }

  /** `empty`: nobody asked yet, or it was dropped · `filling`: the first replacement runs · `ready`. */
  get state(): 'empty' | 'filling' | 'ready' {
    if (this.#session === undefined || this.#session.hasEnded) return 'empty';
    return this.#session.isFilled ? 'ready' : 'filling';
  }

  /**
   * Answers a Cypher query on the graph as it is now or later.
   * Rejects with Problem `read-only`, `unsupported`, `invalid-query`, `invalid-input` before anything runs, and `invalid-query`,
   * `timeout`, `too-large`, `limit-reached` or `store-unreachable` after.
   */
  async query(text: string, params: QueryParams = {}, options: QueryOptions = {}): Promise<QueryAnswer> {
    const query = queryFrom(text, params, options);
    if (this.#queries.isFull)
      throw new Problem('limit-reached', 'As many Cypher queries wait already as may; ask again later');
    const release = await this.#queries.acquire();
    this.#forgetIdle();
    try {
      const answer = await this.#ask(query);
      const hints = isHollow(answer.rows) ? hintsFor(this.#options.view, query.statement.names) : [];
      return hints.length > 0 ? { ...answer, hints } : answer;
    } finally {
      release();
      this.#rest();
    }
  }

  /** What fails because the store was lost through another query is asked once more. */
  async #ask(query: Query): Promise<QueryAnswer> {
    const session = this.#open();
    try {
      return await session.ask(query);
    } catch (error) {
      const lost =
        error instanceof Problem && error.code === 'store-unreachable' && session.hasEnded && session.isFilled;
      if (!lost || this.#closed) throw error;
      return await this.#open().ask(query);
    }
  }

  #open(): Session {
    if (this.#closed) throw new Problem('store-unreachable', 'The Cypher store was closed');
    if (this.#session === undefined || this.#session.hasEnded) this.#session = new Session(this.#options);
    return this.#session;
  }

  #rest(): void {
    const { idleMs, timer = setTimer } = this.#options;
    if (idleMs === undefined || !this.#queries.isIdle) return;
    this.#forgetIdle = timer(() => this.#drop('The Cypher store was dropped after being idle'), idleMs);
  }

  #drop(reason: string): void {
    this.#session?.end(new Problem('store-unreachable', reason));
    this.#session = undefined;
  }

  /** Ends the store and rejects what waits for it. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#forgetIdle();
    this.#drop('The Cypher store was closed');
  }
}

/** One store from its start to its end. */
class Session {
  readonly #view: View;
  readonly #store: Store;
  readonly #sink: EmbeddedSink;
  readonly #stop = new AbortController();
  #reached = -1;
  #waiting: { revision: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #end: Problem | undefined;

  constructor({ view, follow, limits }: EmbeddedOptions) {
    this.#view = view;
    this.#store = openStore(limits);
    this.#sink = embeddedSink(this.#store);
    const followed = follow(this.#sink, this.#stop.signal, (revision) => this.#reach(revision));
    followed.then(
      () => this.end(new Problem('store-unreachable', 'The Cypher store is no longer kept current')),
      (error: unknown) => this.end(problemFrom(error)),
    );
    void this.#store.ended.then((problem) => this.end(problem));
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get isFilled(): boolean {
    return this.#reached >= 0;
  }

  async ask(query: Query): Promise<QueryAnswer> {
    await this.#catchUp(this.#view.revision);
    await this.#sink.reconcile(this.#view);
    return runQuery(this.#store, query);
  }

  #reach(revision: number): void {
    this.#reached = revision;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((each) => each.revision > revision);
    for (const each of waiting) if (each.revision <= revision) each.resolve();
  }

  async #catchUp(revision: number): Promise<void> {
    if (this.#end) throw this.#end;
    if (this.#reached >= revision) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ revision, resolve, reject });
    await promise;
  }

  end(problem: Problem): void {
    if (this.#end) return;
    this.#end = problem;
    this.#stop.abort();
    this.#store.end(problem);
    for (const { reject } of this.#waiting) reject(problem);
    this.#waiting = [];
  }
}
