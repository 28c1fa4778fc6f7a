/**
 * The program's memory: what it sees is written to a history, what it knew is there when it starts again, and questions about the past are answered
 * from it.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { Graph } from '../graph/graph.ts';
import type { Describer } from '../model/describe.ts';
import { type Time, timeOfMicroseconds } from '../model/time.ts';
import { type History, type HistoryStatus, openHistory } from '../sinks/history/history.ts';
import { openDatabase } from '../sinks/history/open.ts';
import { HistoryReader } from '../sinks/history/reader.ts';
import { entriesOf } from '../sinks/history/remember.ts';
import { Comparison, type RebuildOptions, rebuild } from './past.ts';
import type { Witness } from './pipeline.ts';

export interface HistoryOptions {
  /** A file, or the URL of a database. */
  readonly url: string;
  readonly describer: Describer;
  readonly windowMax: number;
  /** What is known of these is taken up; of all when none is named. */
  readonly clusters: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ProgramHistory {
  /** What was known when the last process ended, in a graph of its own; empty in the beginning. */
  readonly graph: Graph;
  /** The last sign of life of the last process. */
  readonly lastAt: Time | undefined;
  readonly witness: Witness;
  readonly url: string;
  /** Clusters are followed: time goes on when nothing happens. */
  readonly live: boolean;
  readonly status: HistoryStatus;
  /** Resolves when everything seen so far is written. */
  written(): Promise<void>;
  close(): Promise<void>;
}

/** How often it is written down that somebody looked, although nothing happened. */
const BEAT_MS = 5_000;

/** Opens the history, which is made when absent, and takes up where it ends. Rejects with Problem `store-unreachable`. */
export async function openProgramHistory({
  url,
  describer,
  windowMax,
  clusters,
  now,
}: HistoryOptions): Promise<ProgramHistory> {
  if (!url.includes('://')) mkdirSync(dirname(url), { recursive: true, mode: 0o700 });
  const history = await openHistory(url);
  const { graph, lastAt } = await recall(url, history, {
    describer,
    windowMax,
    ...(clusters.length > 0 && { clusters }),
  });
  const stop = new AbortController();
  const live = clusters.length > 0;
  if (live) void beat(history, now, stop.signal);
  return {
    graph,
    lastAt,
    url,
    live,
    witness: {
      see: (commit, view) => history.write(entriesOf(commit, view, describer)),
      room: () => history.room(),
    },
    get status() {
      return history.status;
    },
    written: () => history.written(),
    async close() {
      stop.abort();
      if (live) history.write([momentOf(now())]);
      await history.close();
    },
  };
}

/** What keeps a history from being written, for people; nothing while it is. */
export function historyFaults(history: Pick<ProgramHistory, 'status'> | undefined): readonly string[] {
  const fault = history?.status.fault;
  return fault === undefined ? [] : [`history: ${fault.message}`];
}

async function recall(
  url: string,
  history: History,
  options: RebuildOptions,
): Promise<Pick<ProgramHistory, 'graph' | 'lastAt'>> {
  await using database = await openDatabase(url, { readOnly: true });
  const reader = new HistoryReader(database);
  const last = await reader.last();
  if (last === undefined) return { graph: new Graph(options), lastAt: undefined };
  const comparison = new Comparison();
  const graph = await rebuild(reader, last.moment, options, comparison);
  const amends = [...comparison.amends(graph.view)];
  if (amends.length > 0) history.write([{ type: 'moment', at: last.at }, ...amends]);
  return { graph, lastAt: timeOfMicroseconds(last.at) };
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
