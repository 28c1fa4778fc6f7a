/** The server as `serve` and `demo` start it: pipeline, API and sources together, stopped in the other order. */
import type { Config } from '../../config.ts';
import { createLogger, type Logger } from '../../lib/logger.ts';
import { problemFrom } from '../../model/problem.ts';
import type { Source } from '../../model/source.ts';
import type { Pipeline } from '../../pipeline.ts';
import { program as self } from '../../version.ts';
import { createApi } from '../server.ts';
import { contextOf } from './context.ts';
import { pipelineFrom } from './input.ts';
import type { Io } from './io.ts';

export interface ServedSource extends Source {
  readonly cluster?: string;
  refresh?(): Promise<void>;
}

export interface Served {
  readonly pipeline: Pipeline;
  readonly url: string;
  /** Settles when every source has ended; rejects when none could run. */
  readonly sourcesEnded: Promise<void>;
  close(): Promise<void>;
}

/** Opens the API first, so that it can say what is still loading, then the sources. */
export async function startServer(config: Config, sources: readonly ServedSource[], io: Io): Promise<Served> {
  const log = createLogger(config.log.level);
  const pipeline = pipelineFrom(config, io);
  const clusters = sources.flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]));
  const context = contextOf(pipeline, config, clusters);
  let started = false;
  const api = await createApi({
    ...config.server,
    version: self.version,
    context: () => context,
    feed: pipeline.feed,
    dependencies: async () => reachable(pipeline, clusters),
    starting: () => (started ? [] : ['sources have not been started']),
    refresh: async () => {
      await Promise.all(sources.map((source) => source.refresh?.()));
    },
    log,
    now: () => performance.now(),
  });
  const url = await api.listen();
  started = true;
  const ended = runAll(sources, pipeline, log, io.stop);
  ended.catch(() => undefined);
  return {
    pipeline,
    url,
    sourcesEnded: ended,
    async close() {
      await api.close();
      context.close();
    },
  };
}

/** A cluster counts as reachable while some kind of it is followed. */
function reachable({ view }: Pipeline, clusters: readonly string[]): Record<string, boolean> {
  const scopes = view.coverage();
  return Object.fromEntries(
    clusters.map((cluster) => [
      cluster,
      scopes.some((scope) => scope.cluster === cluster && scope.coverage === 'ready'),
    ]),
  );
}

/** One source's failure is not another's; only when all have failed there is nothing to serve. */
async function runAll(sources: readonly Source[], pipeline: Pipeline, log: Logger, stop: AbortSignal): Promise<void> {
  const results = await Promise.allSettled(sources.map((source) => pipeline.run(source, stop)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [problemFrom(result.reason)] : []));
  for (const failure of failures) log.error({ code: failure.code }, failure.message);
  const [first] = failures;
  if (first && failures.length === sources.length) throw first;
}
