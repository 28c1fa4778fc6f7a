/**
 * The flow on one page: sources → graph → feed. Whoever follows the feed is attached by open.ts and server.ts.
 * Invariants: one writer, every batch of every source goes through `take`, one after the other, on this thread; one source's failure is not
 * another's.
 */
import { setImmediate } from 'node:timers/promises';
import { Feed } from '../graph/feed.ts';
import { Graph } from '../graph/graph.ts';
import { countBounded } from '../lib/bounded-count.ts';
import { type Logger, throttled } from '../lib/logger.ts';
import type { Change } from '../model/change.ts';
import type { Commit, Rejection } from '../model/commit.ts';
import type { Describer } from '../model/describe.ts';
import { Problem, problemFrom } from '../model/problem.ts';
import type { Source } from '../model/source.ts';
import type { View } from '../model/view.ts';

export interface PipelineOptions {
  readonly describer: Describer;
  /** Distinguishes this process from those before it; part of every revision. */
  readonly epoch: string;
  readonly windowMax?: number;
  readonly feedEntriesMax?: number;
  /** A graph that knows something already. */
  readonly graph?: Graph;
  readonly witness?: Witness;
  readonly log: Logger;
  /** Milliseconds, for throttling and time slices. */
  readonly now: () => number;
}

/** Sees every commit before anybody else does, each of changes that were observed at one time. */
export interface Witness {
  see(commit: Commit, view: View): void;
  /** Resolves when it can see more; undefined when it can. Sources wait for it. */
  room(): Promise<void> | undefined;
}

/** How many changes were turned down, and the latest of them with their reasons. */
export interface RejectionLedger {
  readonly count: number;
  /** The first hundred reasons; what was turned down for others counts under `other reasons`. */
  readonly byReason: ReadonlyMap<string, number>;
  readonly latest: readonly Rejection[];
}

export interface Pipeline {
  readonly view: View;
  readonly feed: Feed;
  readonly rejections: RejectionLedger;
  /** Counts what was turned down before it could be a change. */
  reject(rejection: Rejection): void;
  /** Resolves when there is room for more; undefined when there is. */
  room(): Promise<void> | undefined;
  /** Applies and publishes one batch. */
  take(changes: readonly Change[]): void;
  /** Applies what follows from what is known, between the batches of sources, and at the pace of the witness. */
  submit(changes: readonly Change[]): Promise<void>;
  /** Feeds a source in until it ends or `stop` fires. Rejects only with what the source throws. */
  run(source: Source, stop: AbortSignal): Promise<void>;
}

const CHUNK = 250;
const SLICE_MS = 12;
const REJECTIONS_KEPT = 100;
/** Reasons may quote what was wrong, so that there is no end to them. */
const REASONS_MAX = 100;
const OTHER_REASONS = 'other reasons';

export function openPipeline(options: PipelineOptions): Pipeline {
  const { describer, epoch, windowMax, feedEntriesMax, witness, log, now } = options;
  const graph = options.graph ?? new Graph({ describer, ...(windowMax !== undefined && { windowMax }) });
  const { view } = graph;
  const feed = new Feed({
    epoch,
    head: view.revision,
    ...(feedEntriesMax !== undefined && { entriesMax: feedEntriesMax }),
  });
  const rejections = { count: 0, byReason: new Map<string, number>(), latest: [] as Rejection[] };
  const warn = throttled(10_000, now, (count) => {
    log.warn(
      { count, latest: rejections.latest.at(-1) },
      'changes were rejected; "GET /api/v1/rejections" lists the latest',
    );
  });

  const commitOf = (changes: readonly Change[]): void => {
    const commit = graph.apply(changes);
    for (const rejection of commit.rejected) note(rejections, rejection);
    if (commit.rejected.length > 0) warn();
    witness?.see(commit, view);
    feed.publish(commit);
  };
  const take = (changes: readonly Change[]): void => {
    for (const each of witness ? byTime(changes) : [changes]) commitOf(each);
  };

  return {
    view,
    feed,
    rejections,
    reject(rejection) {
      note(rejections, rejection);
      warn();
    },
    room: () => witness?.room(),
    take,
    async submit(changes) {
      for (let start = 0; start < changes.length; start += CHUNK) {
        if (start > 0) await setImmediate();
        const room = witness?.room();
        if (room) await room;
        take(changes.slice(start, start + CHUNK));
      }
    },
    async run(source, stop) {
      try {
        let began = now();
        for await (const batch of source.changes(stop)) {
          for (let start = 0; start < batch.length; start += CHUNK) {
            take(batch.length <= CHUNK ? batch : batch.slice(start, start + CHUNK));
            const room = witness?.room();
            if (room) await room;
            if (now() - began < SLICE_MS) continue;
            await setImmediate();
            began = now();
          }
          if (stop.aborted) break;
        }
      } catch (error) {
        if (!stop.aborted) throw error;
      }
    },
  };
}

/** A source that could not be read, or not to its end. */
export interface Failure {
  readonly source: string;
  readonly problem: Problem;
}

/** Runs sources side by side and returns those that failed, each told to `failed` at once. Throws when none could be read. */
export async function runAll(
  pipeline: Pipeline,
  sources: readonly Source[],
  stop: AbortSignal,
  failed: (failure: Failure) => void = () => undefined,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const run = async (source: Source): Promise<void> => {
    try {
      await pipeline.run(source, stop);
    } catch (error) {
      const failure = { source: source.name, problem: problemFrom(error) };
      failures.push(failure);
      failed(failure);
    }
  };
  await Promise.all(sources.map(run));
  const [first] = failures;
  if (first === undefined || failures.length < sources.length) return failures;
  if (failures.length === 1) throw first.problem;
  throw new Problem(first.problem.code, `None of the ${failures.length} sources could be read.`, {
    cause: first.problem,
    details: failures.map(({ source, problem }) => `${source}: ${problem.message}`),
  });
}

/** The same changes in the same order, those together that have one time and follow one another. */
function* byTime(changes: readonly Change[]): Iterable<readonly Change[]> {
  let start = 0;
  for (let index = 1; index <= changes.length; index++) {
    if (changes[index]?.at === changes[start]?.at && index < changes.length) continue;
    yield start === 0 && index === changes.length ? changes : changes.slice(start, index);
    start = index;
  }
}

function note(
  ledger: { count: number; byReason: Map<string, number>; latest: Rejection[] },
  rejection: Rejection,
): void {
  ledger.count++;
  countBounded(ledger.byReason, rejection.reason, REASONS_MAX, OTHER_REASONS);
  ledger.latest.push(rejection);
  if (ledger.latest.length > REJECTIONS_KEPT) ledger.latest.shift();
}
