/**
 * Follows one kind: does what `watch-step.ts` asks for, and hands on what it says.
 * Invariants: one thing under way at a time; nothing is read from a socket before what was read is handed on, but for one page or batch ahead;
 * a page counts against the semaphore of lists until it is handed on, so that no more pages than its places are in memory.
 */
import { type Backoff, backoffMs, jittered } from '../../lib/backoff.ts';
import type { Release, Semaphore } from '../../lib/semaphore.ts';
import type { Change, Coverage } from '../../model/change.ts';
import { pathOf } from './api-resource.ts';
import type { KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import type { Failure } from './failure.ts';
import type { JsonLines, Read } from './json-lines.ts';
import { firstState } from './watch-draft.ts';
import type { Effect, Input, State, Subject } from './watch-state.ts';
import { step } from './watch-step.ts';

export interface WatcherTimes {
  readonly backoff: Backoff;
  /** Before looking again at what was forbidden or cannot be followed. */
  readonly slowMs: number;
  /** A watch that is silent for so long after it was opened has been accepted. */
  readonly settleMs: number;
  /** Longest silence of a streamed list. */
  readonly streamSilenceMs: number;
  /** Longest silence of a watch that has shown it sends bookmarks (API servers send one a minute). */
  readonly bookmarkSilenceMs: number;
  /** How long one watch request lasts, before jitter. The server ends it; the next goes on from there. */
  readonly watchMs: number;
}

export const watcherTimes: WatcherTimes = {
  backoff: { firstMs: 500, maxMs: 30_000 },
  slowMs: 120_000,
  settleMs: 500,
  streamSilenceMs: 30_000,
  bookmarkSilenceMs: 130_000,
  watchMs: 400_000,
};

export interface WatcherOptions {
  readonly subject: Subject;
  readonly client: Pick<KubeClient, 'get' | 'watch'>;
  readonly lists: Semaphore;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly times: WatcherTimes;
  /** What is known already, when another watcher followed the same before. */
  readonly known?: State['known'];
  /** Takes what is said; the watcher waits for it. */
  readonly emit: (changes: readonly Change[]) => Promise<void>;
  /** Told of every failure. */
  readonly onFailure?: (failure: Failure) => void;
  /** Told when the coverage changes. */
  readonly onCoverage?: (coverage: Coverage | undefined) => void;
  /** For one-shot lists: failures in a row after which it gives up. */
  readonly failuresMax?: number;
}

export interface Watcher {
  readonly subject: Subject;
  readonly coverage: Coverage | undefined;
  readonly known: State['known'];
  /** Lists everything again and says every object anew; resolves when that is done, or cannot be done now. */
  refresh(): Promise<void>;
  /**
   * The server is back: whoever waits to try again does so now, and open watches are opened anew, for nobody knows whether their connections
   * outlived what happened.
   */
  nudge(): void;
  /** The API no longer serves it: says so for every object, and ends. */
  vanish(): Promise<void>;
  /** Ends without a word; what is known may be given to another watcher. */
  stop(): Promise<State['known']>;
  readonly done: Promise<void>;
}

interface OpenWatch {
  readonly lines: JsonLines;
  readonly openedAt: number;
  quiet: boolean;
  bookmarks: boolean;
  reading?: Promise<Read>;
}

/** Starts at once. Nothing it does throws; `done` rejects only when `emit` does. */
export function startWatcher(options: WatcherOptions, stop: AbortSignal): Watcher {
  return new RunningWatcher(options, stop);
}

class RunningWatcher implements Watcher {
  readonly done: Promise<void>;
  readonly #options: WatcherOptions;
  readonly #stop: AbortSignal;
  readonly #ended = new AbortController();
  #state: State;
  /** Ends what is under way when something more urgent came. */
  #work = new AbortController();
  #urgent: Input | undefined;
  #watch: OpenWatch | undefined;
  #place: Release | undefined;
  /** Pausing after a failure. */
  #waiting = false;
  #whenSettled: (() => void)[] = [];

  constructor(options: WatcherOptions, stop: AbortSignal) {
    this.#options = options;
    this.#state = firstState(options.subject, options.known);
    this.#stop = AbortSignal.any([stop, this.#ended.signal]);
    this.#stop.addEventListener('abort', () => this.#work.abort(), { once: true });
    this.done = this.#run();
  }

  get subject(): Subject {
    return this.#options.subject;
  }

  get coverage(): Coverage | undefined {
    return this.#state.coverage;
  }

  get known(): State['known'] {
    return this.#state.known;
  }

  refresh(): Promise<void> {
    return this.#interrupt({ type: 'refresh', at: this.#options.clock.time() });
  }

  nudge(): void {
    if (this.#urgent === undefined && (this.#waiting || this.#state.phase.type === 'watching'))
      void this.#interrupt({ type: 'nudge', at: this.#options.clock.time() });
  }

  vanish(): Promise<void> {
    return this.#interrupt({ type: 'vanish', at: this.#options.clock.time() });
  }

  async stop(): Promise<State['known']> {
    this.#ended.abort();
    await this.done;
    return this.#state.known;
  }

  #interrupt(input: Input): Promise<void> {
    if (this.#state.phase.type === 'ended' || this.#stop.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenSettled.push(resolve);
    this.#urgent = input;
    this.#work.abort();
    return promise;
  }

  async #run(): Promise<void> {
    const { subject, clock, emit, onCoverage, onFailure } = this.#options;
    let input: Input | undefined = { type: 'start', at: clock.time() };
    try {
      while (input !== undefined && !this.#stop.aborted) {
        const before: State = this.#state;
        const { state, changes, effect } = step(subject, before, input);
        this.#state = state;
        const place = this.#place;
        // A streamed list has one place from its first line to its last.
        if (state.phase.type !== 'streaming' || effect.type !== 'read') this.#place = undefined;
        // The next page is asked for while this one is handed on.
        const next = this.#perform(effect);
        next.catch(() => undefined);
        if (changes.length > 0) await emit(changes);
        if (place !== this.#place) place?.();
        if (state.coverage !== before.coverage) onCoverage?.(state.coverage);
        if (isSettled(state, effect) && this.#urgent === undefined) this.#settled();
        input = await next;
        if (input?.type === 'failed') onFailure?.(input.failure);
        if (this.#urgent !== undefined && !this.#stop.aborted) {
          input = this.#urgent;
          this.#urgent = undefined;
        }
      }
    } finally {
      this.#closeWatch();
      this.#place?.();
      this.#settled();
    }
  }

  #settled(): void {
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }

  /** Does it and gives its outcome; undefined when it was cut short. Never rejects. */
  async #perform(effect: Effect): Promise<Input | undefined> {
    if (effect.type === 'end') return undefined;
    if (effect.type !== 'read') this.#closeWatch();
    if (this.#work.signal.aborted && !this.#stop.aborted) this.#work = new AbortController();
    const { signal } = this.#work;
    try {
      return await this.#outcome(effect, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  #outcome(effect: Exclude<Effect, { type: 'end' }>, signal: AbortSignal): Promise<Input | undefined> {
    switch (effect.type) {
      case 'list':
        return this.#list(effect, signal);
      case 'watch':
        return this.#open(effect, signal);
      case 'read':
        return this.#read(signal);
      case 'sleep':
        return this.#sleep(effect, signal);
      default:
        return effect satisfies never;
    }
  }

  async #list({ limit, token }: Extract<Effect, { type: 'list' }>, signal: AbortSignal): Promise<Input> {
    const { subject, client, lists, clock } = this.#options;
    const query = new URLSearchParams({ limit: String(limit), ...(token !== undefined && { continue: token }) });
    this.#place = await lists.acquire(signal);
    const answer = await client.get(`${pathOf(subject.resource, subject.namespace)}?${query}`, { stop: signal });
    const at = clock.time();
    if (answer.type !== 'ok') return { type: 'failed', at, failure: answer, livedMs: 0 };
    const { items, metadata } = (answer.body ?? {}) as List;
    if (!Array.isArray(items) && items !== null) {
      return { type: 'failed', at, livedMs: 0, failure: { type: 'malformed', message: 'the answer is not a list' } };
    }
    const more = metadata?.continue;
    return { type: 'page', at, items: items ?? [], version: metadata?.resourceVersion, ...(more && { token: more }) };
  }

  async #open({ version }: Extract<Effect, { type: 'watch' }>, signal: AbortSignal): Promise<Input> {
    const { subject, client, lists, clock, random, times } = this.#options;
    const seconds = Math.ceil(jittered(times.watchMs, random) / 1000);
    const query = new URLSearchParams({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
      ...(version === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: version }),
    });
    if (version === undefined) this.#place = await lists.acquire(signal);
    const answer = await client.watch(`${pathOf(subject.resource, subject.namespace)}?${query}`, signal);
    const at = clock.time();
    if (answer.type !== 'open') return { type: 'failed', at, failure: answer, livedMs: 0 };
    answer.lines.silenceLimit(version === undefined ? times.streamSilenceMs : (seconds + 30) * 1000);
    this.#watch = { lines: answer.lines, openedAt: clock.now(), quiet: false, bookmarks: false };
    return { type: 'opened', at };
  }

  async #read(signal: AbortSignal): Promise<Input | undefined> {
    const { clock, times } = this.#options;
    const watch = this.#watch;
    if (watch === undefined) return undefined;
    watch.reading ??= watch.lines.read();
    if (!watch.quiet && this.#state.phase.type === 'watching') {
      watch.quiet = true;
      const settled = await clock.race(watch.reading, times.settleMs, signal);
      if (settled === undefined) return { type: 'quiet', at: clock.time() };
    }
    const read = await watch.reading;
    delete watch.reading;
    const at = clock.time();
    const livedMs = clock.now() - watch.openedAt;
    switch (read.type) {
      case 'lines':
        this.#noteBookmarks(watch, read.lines);
        return { type: 'lines', at, lines: read.lines };
      case 'closed':
        return { type: 'closed', at, livedMs };
      default:
        return { type: 'failed', at, failure: read, livedMs };
    }
  }

  /** A server that sends bookmarks sends them on and on: from the first on, silence means that the connection is dead. */
  #noteBookmarks(watch: OpenWatch, lines: readonly unknown[]): void {
    if (watch.bookmarks || !lines.some((line) => (line as { type?: unknown } | null)?.type === 'BOOKMARK')) return;
    watch.bookmarks = true;
    watch.lines.silenceLimit(this.#options.times.bookmarkSilenceMs);
  }

  async #sleep(
    { attempt, slow, atLeastMs }: Extract<Effect, { type: 'sleep' }>,
    signal: AbortSignal,
  ): Promise<Input | undefined> {
    const { clock, random, times, failuresMax = Number.POSITIVE_INFINITY } = this.#options;
    if (attempt > failuresMax || (slow && failuresMax < Number.POSITIVE_INFINITY)) return undefined;
    const wait = slow ? jittered(times.slowMs, random) : backoffMs(times.backoff, attempt, random);
    this.#waiting = true;
    await clock.sleep(Math.max(wait, atLeastMs), signal).finally(() => {
      this.#waiting = false;
    });
    return { type: 'wake', at: clock.time() };
  }

  #closeWatch(): void {
    this.#watch?.lines.close();
    this.#watch = undefined;
  }
}

/** `meta/v1 ListMeta` and the items. */
interface List {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[] | null;
}

/** Whether nothing more is to be expected soon: complete, given up for now, or over. */
function isSettled({ phase }: State, effect: Effect): boolean {
  return phase.type === 'ended' || effect.type === 'sleep' || (phase.type === 'watching' && effect.type !== 'list');
}
