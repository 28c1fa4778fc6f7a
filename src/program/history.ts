/**
 * The program's memory: what it sees is written to a history, what it knew is there when it starts again, and questions about the past are answered
 * from it.
 */
import { setInterval } from 'node:timers/promises';
import { Graph } from '../graph/graph.ts';
import { withoutPassword } from '../lib/address.ts';
import type { Change } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import { type Time, timeOfMicroseconds } from '../model/time.ts';
import type { Entry } from '../sinks/history/entries.ts';
import { type History, type HistoryStatus, openHistory, type Told } from '../sinks/history/history.ts';
import { openDatabase } from '../sinks/history/open.ts';
import type { ReadableOptions } from '../sinks/history/readable.ts';
import { HistoryReader } from '../sinks/history/reader.ts';
import { entriesOf } from '../sinks/history/remember.ts';
import type { LetterStore } from './dead-letters.ts';
import { type FrameOrigin, keepFrames, resume } from './frames.ts';
import { makePlace } from './history-files.ts';
import { Comparison, type RebuildOptions, rebuild } from './past.ts';
import type { Witness } from './pipeline.ts';
import { interrupted } from './recall.ts';
import { type KeepOptions, keepWithin, type RetentionStatus } from './retention.ts';

export interface HistoryOptions {
  /** A file, or the URL of a database. */
  readonly url: string;
  readonly origin: FrameOrigin;
  readonly windowMax: number;
  /** What is known of these is taken up; of all when none is named. */
  readonly clusters: readonly string[];
  /** Something is followed, so that time goes on when nothing happens; otherwise it is a recording, which makes a history of its own. */
  readonly live: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends the opening, which may wait for a server or be long. */
  readonly stop?: AbortSignal;
  /** Told that writing fails, and that it works again. */
  readonly told?: Told;
  /** What is readable in SQL. */
  readonly readable?: ReadableOptions;
  /** What is kept of clusters that are followed; everything when nothing is said. */
  readonly keep?: Omit<KeepOptions, 'now' | 'stop'>;
}

export interface ProgramHistory {
  /** What was known when the last process ended, in a graph of its own; empty in the beginning. */
  readonly graph: Graph;
  /** The last sign of life of the last process. */
  readonly lastAt: Time | undefined;
  readonly witness: Witness;
  readonly url: string;
  /** As it was opened. */
  readonly live: boolean;
  readonly status: HistoryStatus;
  /** How far the clock is behind the latest that was seen, in milliseconds, because it stepped back; 0 when it is not. */
  readonly clockBehindMs: number;
  /** Absent where everything is kept. */
  readonly retention: RetentionStatus | undefined;
  /** Dead letters that were kept, as JSON, and where they are kept. */
  readonly letters: LetterStore & { readonly kept: readonly string[] };
  /** Resolves when everything seen so far is written. */
  written(): Promise<void>;
  close(): Promise<void>;
}

/** How often it is written down that somebody looked, although nothing happened. */
const BEAT_MS = 5_000;

/**
 * Opens the history, which is made when absent, and takes up where it ends. Rejects with what `openHistory` does, and with Problem `store-damaged` when it
 * cannot be read.
 */
export async function openProgramHistory({
  url,
  origin,
  windowMax,
  clusters,
  live,
  now,
  keep,
  readable,
  stop: leave,
  told,
}: HistoryOptions): Promise<ProgramHistory> {
  if (!url.includes('://')) makePlace(url);
  const history = await openHistory(url, told, readable, leave);
  const wanted = { ...origin, windowMax, ...(clusters.length > 0 && { clusters }) };
  const { graph, lastAt, isWhole, letters } = await recall(url, history, wanted).catch(async (error: unknown) => {
    await history.close();
    throw error;
  });
  if (!live && lastAt !== undefined) {
    await history.close();
    throw new Problem(
      'invalid-input',
      `${withoutPassword(url)} holds a history already, which ends at ${lastAt}: ask it with --history ${withoutPassword(url)} ("kube-kg graph --history …"). A recording is served with a history of its own: give another file, or none.`,
    );
  }
  const stop = new AbortController();
  if (live) void beat(history, now, stop.signal);
  const frames = live && isWhole ? keepFrames(history, graph, origin, stop.signal) : undefined;
  let clockBehindMs = 0;
  const kept = live && keep ? keepWithin(history, { ...keep, now, stop: stop.signal }) : undefined;
  return {
    graph,
    lastAt,
    url,
    live,
    witness: {
      see(commit, view) {
        const at = commit.changes.at(-1)?.at;
        if (live && at !== undefined) clockBehindMs = Date.parse(commit.at) - Date.parse(at);
        history.write(entriesOf(commit, view, origin.describer));
      },
      room: () => history.room(),
    },
    get status() {
      return history.status;
    },
    get clockBehindMs() {
      return clockBehindMs;
    },
    get retention() {
      return kept?.status;
    },
    letters: {
      kept: letters,
      write: (all) =>
        history.write([momentOf(now()), ...all.map(({ id, text }) => ({ type: 'letter' as const, id, text }))]),
    },
    written: () => history.written(),
    async close() {
      stop.abort();
      if (live) history.write([momentOf(now())]);
      frames?.end();
      await history.close();
    },
  };
}

/** Clocks are set by this much all the time. */
const CLOCK_MS = 2_000;

/** What keeps a history from being written as it happens, for people; nothing while it is. */
export function historyFaults(
  history: Pick<ProgramHistory, 'status' | 'clockBehindMs'> | undefined,
): readonly string[] {
  if (history === undefined) return [];
  const { status, clockBehindMs } = history;
  const seconds = Math.round(clockBehindMs / 1_000);
  return [
    ...(status.fault ? [`history: ${status.fault.message}`] : []),
    ...(status.unreadable ? [`history, what SQL reads of it: ${status.unreadable.message}`] : []),
    ...(clockBehindMs > CLOCK_MS
      ? [
          `history: the clock stepped back by ${seconds} s; until it has caught up, everything counts as observed at the time before the step`,
        ]
      : []),
  ];
}

/** `isWhole`: the graph is all that the history knows of. */
async function recall(
  url: string,
  history: History,
  options: RebuildOptions & FrameOrigin,
): Promise<
  Pick<ProgramHistory, 'graph' | 'lastAt'> & { readonly isWhole: boolean; readonly letters: readonly string[] }
> {
  await using database = await openDatabase(url, { readOnly: true });
  const letters = (await database.rows('SELECT body FROM dead_letter')).map(([body]) => String(body));
  const reader = new HistoryReader(database);
  const last = await reader.last();
  if (last === undefined) return { graph: new Graph(options), lastAt: undefined, isWhole: true, letters };
  const lastAt = timeOfMicroseconds(last.at);
  const isWhole = options.clusters === undefined || (await reader.isOf(options.clusters));
  const resumed = isWhole ? await resume(reader, last.moment, options) : undefined;
  if (resumed) return { graph: resumed, lastAt, isWhole, letters };
  const comparison = new Comparison();
  const graph = await rebuild(reader, last.moment, options, comparison);
  const entries = [...comparison.amends(graph.view), ...(await left(reader, last, options))];
  if (entries.length > 0) history.write([{ type: 'moment', at: last.at }, ...entries]);
  return { graph, lastAt, isWhole, letters };
}

/** That nobody looks any more at clusters that are not followed any longer. */
async function left(
  reader: HistoryReader,
  { moment, at }: { readonly moment: number; readonly at: number },
  { describer, clusters }: RebuildOptions,
): Promise<readonly Entry[]> {
  const observed = new Graph({ describer });
  const observations = (await reader.observationsUntil(moment)).map((text) => JSON.parse(text) as Change);
  observed.apply(observations.filter(({ cluster }) => clusters !== undefined && !clusters.includes(cluster)));
  return interrupted(observed.view, timeOfMicroseconds(at)).map((change) => ({
    type: 'observe',
    text: JSON.stringify(change),
  }));
}

async function beat(history: History, now: () => number, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(BEAT_MS, undefined, { signal, ref: false })) {
      if (history.status.waiting === 0) history.write([momentOf(now())]);
    }
  } catch {
    // Stopped.
  }
}

function momentOf(ms: number): { readonly type: 'moment'; readonly at: number } {
  return { type: 'moment', at: Math.floor(ms) * 1_000 };
}
