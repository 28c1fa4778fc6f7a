/**
 * The linked graph kept beside the history it was made of: as often as that costs next to nothing, and at the end, so that the past and the next start
 * begin from there. Invariant: what begins from a frame is what building it would give.
 */
import { createHash } from 'node:crypto';
import { frameOf, graphFrom } from '../graph/frame.ts';
import type { Graph } from '../graph/graph.ts';
import type { KindDescriber } from '../kinds/describe.ts';
import { sleep } from '../lib/timer.ts';
import type { History } from '../sinks/history/history.ts';
import type { HistoryReader } from '../sinks/history/reader.ts';
import type { Config } from './config.ts';
import { advance, type RebuildOptions } from './past.ts';
import { readText } from './relations-file.ts';
import { program } from './version.ts';

export interface FrameOrigin {
  readonly describer: KindDescriber;
  /** Names the program, its settings and users' relations: frames of another are of no use. */
  readonly edition: string;
}

/** What frames of a program with this configuration go by. */
export function originOf({ graph: { relations, windowMax } }: Config, describer: KindDescriber): FrameOrigin {
  const parts = [program.version, windowMax, relations === undefined ? '' : readText(relations), describer.text()];
  return { describer, edition: createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16) };
}

const FIRST_MS = 60_000;
const EVERY_MS = 900_000;
/** Changes wait while a frame is made: that takes a five thousandth of the time at most. */
const SHARE = 5_000;

export interface Frames {
  /** Keeps the last one. */
  end(): void;
}

/** Keeps frames until it is stopped. Those of a graph whose relations have changed since would be of no edition, so none are made. */
export function keepFrames(
  history: Pick<History, 'keep' | 'status'>,
  graph: Graph,
  { describer, edition }: FrameOrigin,
  stop: AbortSignal,
): Frames {
  const rules = describer.text();
  const keep = (): number => {
    const start = performance.now();
    if (graph.view.resourceCount > 0 && history.status.fault === undefined && describer.text() === rules)
      history.keep({ edition, pieces: frameOf(graph, { describer, edition }) });
    return performance.now() - start;
  };
  void (async () => {
    for (let wait = FIRST_MS; ; wait = Math.max(EVERY_MS, keep() * SHARE)) await sleep(wait, stop);
  })().catch(() => undefined);
  return { end: keep };
}

/** A graph is moved on over so many versions at least, and as many as it has resources: building it anew costs more. */
const ADVANCE_MIN = 2_000;

/** Whether a graph is sooner moved on from one moment to another than built anew. */
export async function isNear(graph: Graph, reader: HistoryReader, from: number, to: number): Promise<boolean> {
  return (await reader.countBetween(from, to)) <= Math.max(ADVANCE_MIN, graph.view.resourceCount);
}

/** The graph of a moment, from the last frame before; undefined where there is none that helps. */
export async function resume(
  reader: HistoryReader,
  moment: number,
  { describer, edition, windowMax }: FrameOrigin & Pick<RebuildOptions, 'windowMax'>,
): Promise<Graph | undefined> {
  const frame = await reader.frameBefore(moment, edition);
  const graph = frame && graphFrom(frame.pieces, { describer, edition, ...(windowMax !== undefined && { windowMax }) });
  if (!graph || !(await isNear(graph, reader, frame.moment, moment))) return undefined;
  return (await advance(graph, reader, frame.moment, moment)) ? graph : undefined;
}
