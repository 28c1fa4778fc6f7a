/**
 * A pod that is read, was read, or is to be: how it is, who wants it read, and how far each of its containers was read.
 * Invariant: a turn lasts while one of its containers has something to say, or until it is ended; what is known of a container outlasts turns.
 */
import { TokenBucket } from '../../../lib/token-bucket.ts';
import type { Occurrence } from '../../../model/change.ts';
import { ContainerLog } from '../../logs/container-log.ts';
import type { RedactText } from '../../logs/entry.ts';
import type { Failure } from '../failure.ts';
import { ContainerReader, type ReaderOptions } from './container-reader.ts';
import { BURST_SECONDS } from './limits.ts';
import type { PodState, Trouble } from './pods.ts';

export interface PatientOptions extends Omit<ReaderOptions, 'bytes' | 'lines' | 'onForbidden'> {
  readonly redact: RedactText;
  /** What all pods together may take. */
  readonly bytes: TokenBucket;
  readonly lines: TokenBucket;
  readonly onForbidden: (namespace: string, failure: Failure) => void;
  /** What was told before of what a pod wrote, by its uid. */
  readonly known: (uid: string) => readonly Occurrence[];
}

interface Turn {
  readonly over: AbortController;
  readonly tasks: Set<Promise<void>>;
}

/** After so long a break what is written is news again. */
const BREAK_MS = 20_000;

export class Patient {
  readonly #options: PatientOptions;
  readonly #readers = new Map<string, ContainerReader>();
  readonly #budget: Pick<ReaderOptions, 'bytes' | 'lines'>;
  #state: PodState;
  #trouble: Trouble | undefined;
  /** Since when it is in trouble, or out of it; milliseconds of the clock, as the others. */
  #since: number;
  #turn: Turn | undefined;
  #turnAt = Number.NEGATIVE_INFINITY;
  /** When its last turn ended. */
  #readAt = Number.NEGATIVE_INFINITY;
  /** Somebody wants to read it until then. */
  askedUntil = Number.NEGATIVE_INFINITY;
  /** The pod is there no more. */
  isGone = false;

  constructor(state: PodState, options: PatientOptions) {
    const { limits, clock, bytes, lines } = options;
    const now = clock.now();
    this.#options = options;
    this.#state = state;
    this.#since = now;
    this.#budget = {
      bytes: [new TokenBucket(limits.podBytes, limits.podBytes * BURST_SECONDS, now), bytes],
      lines: [new TokenBucket(limits.podLines, limits.podLines * BURST_SECONDS, now), lines],
    };
  }

  get state(): PodState {
    return this.#state;
  }

  get isInTrouble(): boolean {
    return this.#trouble !== undefined;
  }

  get isRead(): boolean {
    return this.#turn !== undefined;
  }

  get turnAt(): number {
    return this.#turnAt;
  }

  get logs(): readonly ContainerLog[] {
    return Array.from(this.#readers.values(), ({ log }) => log);
  }

  /** Its status as it is now. */
  see(state: PodState, trouble: Trouble | undefined): void {
    if (this.isInTrouble !== (trouble !== undefined)) this.#since = this.#options.clock.now();
    this.#state = state;
    this.#trouble = trouble;
    for (const container of state.containers) this.#readers.get(container.name)?.see(container);
  }

  /** It was deleted: what it wrote so far is all. */
  end(): void {
    this.isGone = true;
    this.endTurn();
    for (const log of this.logs) log.end(false);
  }

  isWanted(): boolean {
    const { clock, limits, times } = this.#options;
    const forMs = clock.now() - this.#since;
    if (this.isGone) return false;
    if (this.#isAskedFor) return true;
    // Who is well again is read for a little.
    if (this.#trouble === undefined) return forMs < limits.calmMs;
    if (this.#trouble.until <= Date.parse(clock.time())) return false;
    return this.#trouble.severity === 'critical' || forMs >= times.patienceMs;
  }

  hasWork(): boolean {
    this.#admit();
    const now = this.#options.clock.now();
    return this.#readers.values().some((reader) => reader.hasWork(now));
  }

  /** Begins a turn, or goes on with it: reads those of its containers that have something to say, side by side. */
  goOn(stop: AbortSignal): readonly Promise<void>[] {
    const { clock } = this.#options;
    if (this.#turn === undefined) {
      this.#turnAt = clock.now();
      if (clock.now() - this.#readAt > BREAK_MS) for (const log of this.logs) log.begin();
    }
    this.#turn ??= { over: new AbortController(), tasks: new Set() };
    const turn = this.#turn;
    if (turn.over.signal.aborted) return [];
    this.#admit();
    const signal = AbortSignal.any([stop, turn.over.signal]);
    const begun: Promise<void>[] = [];
    for (const reader of this.#readers.values()) {
      if (!reader.hasWork(clock.now())) continue;
      const task = reader.read(signal, true).finally(() => {
        turn.tasks.delete(task);
        if (turn.tasks.size > 0) return;
        this.#turn = undefined;
        this.#readAt = clock.now();
      });
      turn.tasks.add(task);
      begun.push(task);
    }
    if (turn.tasks.size === 0) this.#turn = undefined;
    return begun;
  }

  endTurn(): void {
    this.#turn?.over.abort();
  }

  /** Reads what there is, once. */
  async readNow(signal: AbortSignal): Promise<void> {
    this.#admit();
    await Promise.all([...this.#readers.values()].map((reader) => reader.read(signal, false)));
    for (const log of this.logs) log.settle(Number.POSITIVE_INFINITY);
  }

  /** Who was asked for, then who is worst, then who waits longest. */
  compare(other: Patient): number {
    return (
      Number(other.#isAskedFor) - Number(this.#isAskedFor) ||
      this.#rank - other.#rank ||
      (this.#turnAt === other.#turnAt ? 0 : this.#turnAt - other.#turnAt) ||
      this.#since - other.#since
    );
  }

  get #isAskedFor(): boolean {
    return this.askedUntil > this.#options.clock.now();
  }

  get #rank(): number {
    return this.#trouble?.severity === 'critical' ? 0 : this.#trouble ? 1 : 2;
  }

  #admit(): void {
    const { redact, limits, onForbidden, known } = this.#options;
    const { uid, namespace, name, containers } = this.#state;
    const fresh = containers.filter((state) => !this.#readers.has(state.name));
    if (fresh.length === 0) return;
    const told = known(uid);
    for (const state of fresh) {
      const of = { uid, namespace, pod: name, container: state.name };
      const log = new ContainerLog(of, { redact, templatesMax: limits.templates });
      const options: ReaderOptions = {
        ...this.#options,
        ...this.#budget,
        onForbidden: (failure) => onForbidden(namespace, failure),
      };
      this.#readers.set(
        state.name,
        new ContainerReader(this.#state, state, { log, readTo: log.recall(told) }, options),
      );
    }
  }
}
