/**
 * One container of one pod, read through the API server (`pods/log`): its run before, its run that ended, its run that goes on.
 * Invariants: runs are read in their order and no line is taken twice, whatever is asked again: the place reached is the time of the last line and how
 * many lines of that time were taken; what comes faster than it may be read holds the socket up, and for long is left out.
 */
import { backoffMs } from '../../../lib/backoff.ts';
import { linesOf } from '../../../lib/lines.ts';
import type { TokenBucket } from '../../../lib/token-bucket.ts';
import { compareTime, type Time, timeFrom } from '../../../model/time.ts';
import type { ContainerLog } from '../../logs/container-log.ts';
import type { KubeClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { BURST_SECONDS, LINE_BYTES_MAX, type LogLimits, type LogTimes } from './limits.ts';
import type { ContainerState, Ended, PodState } from './pods.ts';

export interface ReaderOptions {
  readonly client: Pick<KubeClient, 'stream'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: LogLimits;
  readonly times: LogTimes;
  /** What may be taken of the pod and of all pods: bytes and lines. */
  readonly bytes: readonly TokenBucket[];
  readonly lines: readonly TokenBucket[];
  readonly onForbidden: (failure: Failure) => void;
}

/** How far a container was read. */
interface Place {
  readonly at: Time;
  /** Lines of that time that were taken. */
  readonly count: number;
}

/** What is asked for at once. */
interface Part {
  readonly previous?: boolean;
  readonly follow?: boolean;
}

type Outcome = 'read' | 'later' | 'behind';

const RUNS_KEPT = 8;
/** Of what was missed so many times the usual tail is read. */
const MISSED_TAILS = 5;

export class ContainerReader {
  readonly log: ContainerLog;
  readonly #pod: PodState;
  readonly #options: ReaderOptions;
  #state: ContainerState;
  #place: Place | undefined;
  /** Runs that were read to their end. */
  #done: readonly string[] = [];
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #busy: Promise<void> | undefined;
  /** It wrote faster than may be read. */
  #isBehind = false;

  /** `readTo`: when the last line was written that was taken before. */
  constructor(
    pod: PodState,
    state: ContainerState,
    { log, readTo }: { readonly log: ContainerLog; readonly readTo: Time | undefined },
    options: ReaderOptions,
  ) {
    this.#place = readTo === undefined ? undefined : { at: readTo, count: 1 };
    this.#pod = pod;
    this.#state = state;
    this.log = log;
    this.#options = options;
  }

  /** What the pod's status says by now. A change of it is a reason to ask at once. */
  see(state: ContainerState): void {
    const isNews = runsOf(state) !== runsOf(this.#state);
    this.#state = state;
    if (!isNews) return;
    this.#failures = 0;
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  /** Whether there is something to read, nobody is at it, and it may be asked for by now. */
  hasWork(nowMs: number): boolean {
    return (
      this.#busy === undefined &&
      nowMs >= this.#notBefore &&
      (this.#state.running !== undefined || this.#unread().length > 0)
    );
  }

  /** Reads what there is; `follow`: and what comes, until the run ends, or `stop` fires. Never throws. Who asks meanwhile waits for the same. */
  read(stop: AbortSignal, follow: boolean): Promise<void> {
    this.#busy ??= this.#read(stop, follow).finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async #read(stop: AbortSignal, follow: boolean): Promise<void> {
    try {
      for (const { ended, previous } of this.#unread()) {
        if ((await this.#take({ previous }, stop)) === 'later') return;
        this.#done = [...this.#done, ended.run].slice(-RUNS_KEPT);
        this.log.end(ended.hasFailed);
      }
      if (this.#state.running === undefined) return;
      const outcome = await this.#take({ follow }, stop);
      // What ended will say so in its status; until then, and when it has not ended, it is asked again before long.
      if (outcome !== 'later') this.#wait(outcome === 'read' ? 1 : 2);
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  /** Runs that are over and have not been read, the earlier first. */
  #unread(): readonly { readonly ended: Ended; readonly previous: boolean }[] {
    const { ended, previous } = this.#state;
    const runs = [
      ...(previous ? [{ ended: previous, previous: true }] : []),
      ...(ended ? [{ ended, previous: false }] : []),
    ];
    return runs.filter((one) => !this.#done.includes(one.ended.run));
  }

  async #take(part: Part, stop: AbortSignal): Promise<Outcome> {
    const { client, times } = this.#options;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(times.connectionMs)]);
    const connection = { isBroken: false };
    let outcome: Outcome = 'read';
    try {
      const opened = await client.stream(this.#path(part), signal);
      if (opened.type !== 'stream') return this.#refused(opened, part);
      outcome = await this.#lines(this.#counted(opened.bytes, connection), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    stop.throwIfAborted();
    // A connection that was long enough has not failed.
    if (connection.isBroken && !signal.aborted) {
      this.#wait(++this.#failures);
      return 'later';
    }
    this.#failures = 0;
    this.#isBehind = outcome === 'behind';
    if (this.#isBehind) this.log.leap();
    return outcome;
  }

  #path({ previous = false, follow = false }: Part): string {
    const { namespace, name } = this.#pod;
    const { tailLines, podBytes } = this.#options.limits;
    // What was written since the last line is wanted as a whole, but for a flood.
    const tail = this.#place === undefined || this.#isBehind ? tailLines : tailLines * MISSED_TAILS;
    const query = new URLSearchParams({
      container: this.#state.name,
      timestamps: 'true',
      tailLines: String(tail),
    });
    if (previous) query.set('previous', 'true');
    if (follow) query.set('follow', 'true');
    else query.set('limitBytes', String(podBytes * BURST_SECONDS));
    if (this.#place !== undefined) query.set('sinceTime', this.#place.at);
    return `/api/v1/namespaces/${namespace}/pods/${name}/log?${query}`;
  }

  /** Why there is nothing. What is gone for good counts as read. */
  #refused(failure: Failure, { follow }: Part): Outcome {
    if (failure.type === 'forbidden') this.#options.onForbidden(failure);
    // 400: no such run (any more), or not yet; 404: no such pod, or a node that keeps no logs.
    const isOver = failure.type === 'refused' || failure.type === 'not-found';
    if (isOver && follow === undefined) return 'read';
    this.#wait(++this.#failures, failure.retryAfterMs);
    return 'later';
  }

  #wait(failures: number, atLeastMs = 0): void {
    const { clock, random, times } = this.#options;
    this.#notBefore = clock.now() + Math.max(atLeastMs, backoffMs(times.backoff, failures, random));
  }

  /** Ends where the connection breaks: what is missing is asked for again. */
  async *#counted(chunks: AsyncIterable<Uint8Array>, connection: { isBroken: boolean }): AsyncIterable<Uint8Array> {
    const { bytes, clock } = this.#options;
    try {
      for await (const chunk of chunks) {
        for (const bucket of bytes) bucket.take(chunk.length, clock.now());
        yield chunk;
      }
    } catch {
      connection.isBroken = true;
    }
  }

  async #lines(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Outcome> {
    const { bytes, lines, clock, times } = this.#options;
    const isKnown = this.#knownUpTo(this.#place);
    let held = 0;
    let resumed = clock.now();
    for await (const batch of linesOf(chunks, LINE_BYTES_MAX, 'beginning')) {
      // Time passed while nothing came: it is read as fast as it is written.
      if (clock.now() - resumed > 100) held = 0;
      for (const { text, tooLong } of batch) this.#line(tooLong ? withoutLastWord(text) : text, isKnown);
      for (const bucket of lines) bucket.take(batch.length, clock.now());
      const waitMs = Math.max(...[...bytes, ...lines].map((bucket) => bucket.wait(clock.now())));
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      held += waitMs;
      if (held > times.behindMs) return 'behind';
      resumed = clock.now();
    }
    return 'read';
  }

  /** `2026-11-22T10:00:00.123456789Z text`; whatever has no time is a word of the kubelet, not of the container. */
  #line(line: string, isKnown: (at: Time) => boolean): void {
    const space = line.indexOf(' ');
    const at = timeFrom(space < 0 ? line : line.slice(0, space));
    if (at === undefined || isKnown(at)) return;
    const place = this.#place;
    const order = place === undefined ? 1 : compareTime(at, place.at);
    // Two streams of one container may be a little out of step.
    if (order > 0) this.#place = { at, count: 1 };
    else if (order === 0 && place) this.#place = { at, count: place.count + 1 };
    this.log.add({ at, text: space < 0 ? '' : line.slice(space + 1).replace(/\r$/, '') });
  }

  /** An answer begins with the second that was asked for: which of its lines were taken before. */
  #knownUpTo(place: Place | undefined): (at: Time) => boolean {
    if (place === undefined) return () => false;
    let again = 0;
    return (at) => {
      const order = compareTime(at, place.at);
      return order < 0 || (order === 0 && ++again <= place.count);
    };
  }
}

/** A word that was cut is no more what it was, and a credential no more one that can be told. */
function withoutLastWord(text: string): string {
  return text.replace(/[^\s,;&]*$/, '…');
}

function runsOf({ running, ended, previous }: ContainerState): string {
  return [running, ended?.run, previous?.run].join(' ');
}
