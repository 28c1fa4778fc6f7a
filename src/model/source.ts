/** World → Change. A source knows nothing of the graph or the sinks. */
import type { Change } from './change.ts';

export interface Source {
  readonly name: string;
  /** Batches of observed facts, until `stop` fires or the source is exhausted. Throws a Problem only for what cannot be waited out. */
  changes(stop: AbortSignal): AsyncIterable<readonly Change[]>;
}
