/** What operations are given on the command line and in the server: the pipeline's view, the tables, and Cypher on demand. */
import type { Config } from '../../config.ts';
import { customRelations } from '../../kinds/custom.ts';
import { genericRelations } from '../../kinds/generic.ts';
import { kinds } from '../../kinds/index.ts';
import type { Context } from '../../operations/operation.ts';
import type { Pipeline } from '../../pipeline.ts';
import { openEmbedded } from '../../sinks/embedded/embedded.ts';
import { follower } from '../../sinks/policy/follow.ts';

export interface OpenContext extends Context {
  /** Ends the Cypher store, if it was ever asked. */
  close(): void;
}

/** `clusters` are those that are meant to be watched, whether or not anything came from them yet. */
export function contextOf(
  { view, feed, rejections }: Pipeline,
  { cypher }: Config,
  clusters: readonly string[] = [],
): OpenContext {
  const { idleSeconds, rowsMax, timeoutMs } = cypher;
  const embedded = openEmbedded({
    view,
    follow: follower(view, feed),
    ...(idleSeconds > 0 && { idleMs: idleSeconds * 1000 }),
  });
  return {
    view,
    epoch: feed.epoch,
    kinds,
    generalRelations: [...genericRelations, ...customRelations],
    clusters,
    rejections,
    cypher: (text, parameters, limits) =>
      embedded.query(text, parameters, {
        limitRows: Math.min(limits.limit, rowsMax),
        timeoutMs: Math.min(limits.timeoutMs, timeoutMs),
      }),
    close: () => embedded.close(),
  };
}
