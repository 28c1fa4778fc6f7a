/**
 * A linked graph as bytes, so that the graph of an instant need not be linked anew. A frame is a cache: what it holds can be made again from objects,
 * and one that is not of the same edition, or not whole, is none.
 * Invariant: a graph from a frame gives the answers of the one that it was made of, and takes changes as that one would.
 */
import type { Describer, Rules } from '../model/describe.ts';
import { Graph, type GraphOptions } from './graph.ts';
import { type Frame, FrameReader, FrameWriter } from './pieces.ts';

export type { Frame } from './pieces.ts';

export interface FrameOptions extends GraphOptions {
  readonly describer: Describer & Rules;
  /**
   * Names what else must be the same for who reads a frame, for rules do not say how they find their targets: the version of the program, and
   * the text of users' relations.
   */
  readonly edition: string;
}

type Origin = Pick<FrameOptions, 'describer' | 'edition'>;

/** The frame of a graph as it is between two commits. `describer` is that of the graph. */
export function frameOf(graph: Graph, origin: Origin): Frame {
  const writer = new FrameWriter();
  graph.write(writer);
  return writer.frame(editionOf(origin));
}

/** A graph that is as the one was that the frame was made of; undefined when the frame is not usable. Never throws. */
export function graphFrom(frame: Frame, options: FrameOptions): Graph | undefined {
  const reader = FrameReader.open(frame, editionOf(options));
  if (reader === undefined) return undefined;
  const graph = new Graph(options);
  graph.read(reader, options.describer);
  return graph;
}

function editionOf({ describer, edition }: Origin): string {
  return `${edition}\n${describer.text()}`;
}
