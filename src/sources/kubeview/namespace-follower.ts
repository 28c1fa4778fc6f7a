/**
 * Follows one namespace: does what `namespace-step.ts` asks for, and hands on what it says.
 * Invariants: an id is used for one stream and never again, for KubeView mixes up two streams of one id; nothing is fetched under an id but while
 * its stream is open, and a stream is not closed while a fetch under its id is on its way; a stream is read without waiting for anybody.
 */
import { type Backoff, backoffMs, jittered } from '../../lib/backoff.ts';
import type { Semaphore } from '../../lib/semaphore.ts';
import { sleep, startTimer } from '../../lib/timer.ts';
import type { Turnstile } from '../../lib/turnstile.ts';
import type { Change } from '../../model/change.ts';
import type { Wanted } from '../../model/groups.ts';
import type { Clock } from '../kubernetes/clock.ts';
import { type Failure, failureFromError } from '../kubernetes/failure.ts';
import type { Fetched, KubeviewClient } from './client.ts';
import { firstState } from './namespace-draft.ts';
import type { Effect, Input, State, Subject } from './namespace-state.ts';
import { step } from './namespace-step.ts';
import { UpdateQueue } from './update-queue.ts';

export interface FollowerTimes {
  /** Between two fetches. */
  readonly refreshMs: number;
  /** Longest silence of a stream; KubeView pings every 10 seconds. */
  readonly silenceMs: number;
  /** How long a fetch that is on its way may take before the stream under it is closed. */
  readonly graceMs: number;
  readonly backoff: Backoff;
}

export interface FollowerOptions {
  readonly subject: Subject;
  readonly client: Pick<KubeviewClient, 'fetch' | 'updates'>;
  /** A new id for a stream, never the same twice, here or in another process. */
  readonly newId: () => string;
  /** Streams are opened and fetches begun one after the other: KubeView's registry has no lock. */
  readonly turn: Turnstile;
  /** Fetches at a time, over all namespaces. */
  readonly fetches: Semaphore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly times: FollowerTimes;
  /** Objects of which an update may wait before the stream is given up. */
  readonly queuedMax: number;
  /** Takes what is said; the follower waits for it. */
  readonly emit: (changes: readonly Change[]) => Promise<void>;
  /** Told when the stream or a fetch fails. */
  readonly onFailure: (failure: Failure) => void;
}

/** A stream, and the fetch that was last sent under its id. */
interface Stream {
  readonly id: string;
  readonly over: AbortController;
  sent?: { readonly answered: Promise<unknown>; readonly over: AbortController };
}

type News = Input extends infer I ? (I extends Input ? Omit<I, 'at'> : never) : never;

/** Starts at once. Nothing it does throws; `done` rejects only when `emit` does. */
export class NamespaceFollower {
  readonly done: Promise<void>;
  readonly #options: FollowerOptions;
  readonly #news: News[] = [{ type: 'start' }];
  readonly #queue = new UpdateQueue();
  readonly #left: Promise<void>[] = [];
  #state: State = firstState();
  #stream: Stream | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;
  #forgetTimer: () => void = () => undefined;
  #whenSettled: (() => void)[] = [];

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.done = this.#run();
  }

  /** Fetches everything again and says every object of these kinds anew; resolves when that is done, or cannot be done now. */
  refresh(wanted: Wanted): Promise<void> {
    return this.#interrupt({ type: 'refresh', wanted });
  }

  /** KubeView is back: whoever waits to try again does so now. */
  nudge(): void {
    this.#put({ type: 'nudge' });
  }

  /** The namespace is no longer listed: says so for every object, and ends. */
  vanish(): Promise<void> {
    return this.#interrupt({ type: 'vanish' });
  }

  /** Ends without a word. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.done;
  }

  #interrupt(news: News): Promise<void> {
    if (this.#state.phase === 'ended' || this.#stopped) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenSettled.push(resolve);
    this.#put(news);
    return promise;
  }

  #put(news: News): void {
    this.#news.push(news);
    this.#wake();
  }

  async #run(): Promise<void> {
    const { subject, clock, emit } = this.#options;
    try {
      for (let news = await this.#next(); news !== undefined; news = await this.#next()) {
        const { state, changes, effect } = step(subject, this.#state, { ...news, at: clock.time() } as Input);
        this.#state = state;
        if (changes.length > 0) await emit(changes);
        if (this.#stopped) break;
        this.#perform(effect);
        if (effect.type === 'end') break;
        if (this.#isSettled()) this.#settled();
      }
    } finally {
      this.#stopped = true;
      this.#forgetTimer();
      this.#leave();
      await Promise.all(this.#left);
      this.#settled();
    }
  }

  /** What the streams said goes first: it was there before whatever else there is. Undefined when stopped. */
  async #next(): Promise<News | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      const [news] = this.#news;
      if (news?.type !== 'opened' && !this.#queue.isEmpty) return this.#queue.take();
      if (news !== undefined) return this.#news.shift();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  #isSettled(): boolean {
    const { phase, again } = this.#state;
    const isAsked = this.#news.some(({ type }) => type === 'refresh' || type === 'vanish');
    return !isAsked && !again && (phase === 'following' || phase === 'pausing');
  }

  #settled(): void {
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }

  #perform(effect: Effect): void {
    if (effect.type === 'none') return;
    this.#forgetTimer();
    if (effect.type === 'open') this.#open();
    else if (effect.type === 'fetch') this.#fetch();
    else if (effect.type === 'wait') {
      const { times, random } = this.#options;
      const { failures, atLeastMs } = effect;
      const pause = failures > 0 ? backoffMs(times.backoff, failures, random) : jittered(times.refreshMs, random);
      this.#forgetTimer = startTimer(() => this.#put({ type: 'due' }), Math.max(pause, atLeastMs));
    }
  }

  #open(): void {
    const stream: Stream = { id: this.#options.newId(), over: new AbortController() };
    this.#stream = stream;
    const reading = this.#read(stream).then(
      () => this.#lose(stream, { type: 'unreachable', message: 'KubeView ended the stream' }),
      (error: unknown) => this.#lose(stream, failureFromError(error)),
    );
    this.#keep(reading);
  }

  /** Reads the stream to its end, into the queue. */
  async #read(stream: Stream): Promise<void> {
    const { client, turn, times, queuedMax } = this.#options;
    const { signal } = stream.over;
    await turn(signal);
    const opened = await client.updates(stream.id, signal);
    if (opened.type !== 'open') return this.#lose(stream, opened);
    let forget = (): void => undefined;
    const watch = (): void => {
      forget();
      const message = `no ping for ${times.silenceMs / 1000} s`;
      forget = startTimer(() => this.#lose(stream, { type: 'unreachable', message }), times.silenceMs);
    };
    try {
      watch();
      let isOpen = false;
      for await (const events of opened.events) {
        // Read on until it is closed: KubeView waits for us.
        if (this.#stream !== stream) continue;
        watch();
        if (!isOpen) this.#put({ type: 'opened' });
        isOpen = true;
        this.#queue.add(events);
        this.#wake();
        if (this.#queue.size > queuedMax)
          this.#lose(stream, { type: 'busy', message: 'KubeView says more than can be taken in' });
      }
    } finally {
      forget();
    }
  }

  /** Of what happens to a stream only the first end is news, and of one that was left nothing. */
  #lose(stream: Stream, failure: Failure): void {
    if (this.#stream !== stream || this.#stopped) return;
    this.#leave();
    this.#put({ type: 'lost', failure });
    this.#options.onFailure(failure);
  }

  /** Gives up the stream there is, not before KubeView has had the time to take note of a fetch under its id. */
  #leave(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) return;
    const leaving = async (): Promise<void> => {
      const { sent, over } = stream;
      if (sent !== undefined) {
        const late = new AbortController();
        const patience = sleep(this.#options.times.graceMs, late.signal).catch(() => undefined);
        await Promise.race([sent.answered, patience]);
        late.abort();
        sent.over.abort();
      }
      over.abort();
    };
    this.#keep(leaving());
  }

  /** Waited for at the end. */
  #keep(task: Promise<void>): void {
    this.#left.push(task);
    const forget = (): void => void this.#left.splice(this.#left.indexOf(task), 1);
    task.then(forget, forget);
  }

  #fetch(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const fetching = this.#answer(stream).then(
      (answer) => {
        if (this.#stream !== stream || answer === undefined) return;
        if (answer.type === 'fetched') return this.#put(answer);
        this.#put({ type: 'unfetched', failure: answer });
        this.#options.onFailure(answer);
      },
      () => undefined,
    );
    this.#keep(fetching);
  }

  /** Everything there is, or why not; undefined when the stream was lost before it could be asked for. Rejects when the stream is given up. */
  async #answer(stream: Stream): Promise<Fetched | Failure | undefined> {
    const { client, fetches, subject, turn } = this.#options;
    const release = await fetches.acquire(stream.over.signal);
    try {
      await turn(stream.over.signal);
      if (this.#stream !== stream) return undefined;
      const over = new AbortController();
      const answer = client.fetch(subject.namespace, stream.id, over.signal);
      stream.sent = { answered: answer.catch(() => undefined), over };
      return await answer;
    } finally {
      release();
    }
  }
}
