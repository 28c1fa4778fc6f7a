/**
 * The mirror in Neo4j, in rounds: begun when a cluster has been listed, kept current from the feed, begun again whenever it fails.
 * Invariants: what a cluster was not yet listed for is not swept, so that a start does not empty the mirror; a round compares the same clusters
 * however often it begins again, and is over when more has been listed than it has compared, so that nothing is left behind; and whatever happens
 * to Neo4j, the program goes on.
 */
import { kinds } from '../kinds/index.ts';
import type { Logger } from '../lib/logger.ts';
import { sleep } from '../lib/timer.ts';
import { isBuiltInGroup } from '../model/groups.ts';
import type { Problem } from '../model/problem.ts';
import type { ScopeCoverage, View } from '../model/view.ts';
import { awaitedOf } from '../operations/shared/reach.ts';
import { type Connection, connect } from '../sinks/neo4j/connection.ts';
import { type Neo4jSink, neo4jSink } from '../sinks/neo4j/sink.ts';
import { follower } from '../sinks/policy/follow.ts';
import { retrying, tireless } from '../sinks/policy/retry.ts';
import type { Config } from './config.ts';
import type { Pipeline } from './pipeline.ts';

export interface Mirror {
  /** Whether Neo4j takes what we write, or would. */
  isReachable(): Promise<boolean>;
  /** What is wrong, for people. */
  warnings(): readonly string[];
  /** Writes nothing any more once it resolves; what was under way is taken back by Neo4j. */
  close(): Promise<void>;
}

export type Neo4jSettings = Config['neo4j'] & { readonly uri: string };

export interface MirrorOptions {
  readonly settings: Neo4jSettings;
  readonly pipeline: Pick<Pipeline, 'view' | 'feed'>;
  /** Clusters that have been listed, and so are known in full. */
  readonly listed: () => readonly string[];
  readonly log: Logger;
}

/** Between two looks at what has been listed. */
const LOOK_MS = 500;
/** A call that fails is made again at once or soon; what fails longer is an outage. */
const CALL = { attempts: 4, backoff: { firstMs: 100, maxMs: 1_000 } };
const OUTAGE = { firstMs: 1_000, maxMs: 30_000 };

export function startMirror({ settings, pipeline, listed, log }: MirrorOptions): Mirror {
  const closing = new AbortController();
  const stop = closing.signal;
  const { keepEnded, batchSize } = settings;
  const { user, password } = settings;
  const connection = connect({ ...settings, ...(password === undefined ? { user: undefined } : { user }) });
  // Those of the round. Who was listed once stays: new kinds take nothing back.
  let complete: readonly string[] = [];
  const sink = neo4jSink(connection, {
    kinds: kinds.filter(({ group }) => isBuiltInGroup(group)),
    clusters: () => complete,
    keepEnded,
    batchSize,
  });
  let trouble: Problem | undefined;
  const troubled = (problem: Problem | undefined): void => {
    if (problem && problem.message !== trouble?.message)
      log.warn({ code: problem.code }, `${problem.message}; the mirror is as of before until it works again`);
    if (trouble && !problem) log.info({}, 'the mirror in Neo4j has caught up');
    trouble = problem;
  };
  const chance = { sleep, random: Math.random };
  const follow = tireless(follower(pipeline.view, pipeline.feed), { ...chance, backoff: OUTAGE, troubled });
  const run = async (): Promise<void> => {
    while (!stop.aborted) {
      complete = [...new Set([...complete, ...listed()])];
      using round = until(() => isMore(listed(), complete) || isListedNow(sink.unswept, pipeline.view), stop);
      if (complete.length === 0) await ended(round.signal);
      else await follow(retrying(sink, { ...chance, ...CALL }, round.signal), round.signal, () => undefined);
    }
  };
  void run();
  return {
    isReachable: async () => trouble === undefined && (await answers(connection)),
    warnings: () => warningsOf(trouble, sink, complete, pipeline.view),
    async close() {
      closing.abort();
      // Not for what is under way: the driver never answers that any more.
      await sink.close();
    },
  };
}

/** Of these clusters, those of which everything has been listed that may and can be. */
export function listedOf({ view, clusters }: { readonly view: View; readonly clusters: readonly string[] }): string[] {
  const awaited = new Set(awaitedOf(view).map(({ cluster }) => cluster));
  const known = new Set([...view.clusters, ...view.coverage().map(({ cluster }) => cluster)]);
  return clusters.filter((cluster) => known.has(cluster) && !awaited.has(cluster));
}

function isMore(listed: readonly string[], complete: readonly string[]): boolean {
  return listed.some((cluster) => !complete.includes(cluster));
}

/** Some of what was left out has been listed by now, and nothing more will be soon. */
function isListedNow(unswept: readonly ScopeCoverage[], view: View): boolean {
  if (unswept.length === 0) return false;
  const loading = new Set(
    view
      .coverage()
      .filter(({ coverage }) => coverage === 'loading')
      .map(scopeText),
  );
  const awaited = new Set(awaitedOf(view).map(scopeText));
  const texts = unswept.map(scopeText);
  return texts.some((text) => !loading.has(text)) && !texts.some((text) => awaited.has(text));
}

function scopeText({ cluster, group, kind, namespace }: ScopeCoverage): string {
  return [cluster, group, kind, namespace].join('|');
}

/** A signal that fires with `stop`, or when a look says so. */
function until(look: () => boolean, stop: AbortSignal): Disposable & { readonly signal: AbortSignal } {
  const round = new AbortController();
  const timer = setInterval(() => {
    if (look()) round.abort();
  }, LOOK_MS).unref();
  return { signal: AbortSignal.any([stop, round.signal]), [Symbol.dispose]: () => clearInterval(timer) };
}

async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

async function answers(connection: Connection): Promise<boolean> {
  return connection.verify().then(
    () => true,
    () => false,
  );
}

function warningsOf(
  trouble: Problem | undefined,
  { skipped }: Neo4jSink,
  complete: readonly string[],
  { clusters }: View,
): readonly string[] {
  const waiting = clusters.filter((cluster) => !complete.includes(cluster));
  return [
    ...(trouble ? [`Neo4j: ${trouble.message}. The mirror is as of before, and catches up by itself.`] : []),
    ...(skipped > 0
      ? [`Neo4j: ${skipped} resources are not mirrored, since their names are too long for an index.`]
      : []),
    ...waiting.map((cluster) => `Neo4j: the mirror of cluster ${cluster} waits until it has been listed.`),
  ];
}
