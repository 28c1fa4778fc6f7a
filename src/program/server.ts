/** The program as a server: API and inputs together, stopped in the other order. */
import { setInterval } from 'node:timers/promises';
import { stillLoading } from '../api/health.ts';
import { createApi } from '../api/server.ts';
import { favourMemory } from '../lib/heap.ts';
import { createLogger } from '../lib/logger.ts';
import { outagesOf, outageText } from '../operations/shared/reach.ts';
import type { Config } from './config.ts';
import type { Inputs } from './inputs.ts';
import type { LiveRelations } from './live-relations.ts';
import { openProgram, type Surroundings } from './open.ts';
import { withOutageLog } from './outages.ts';
import { type Failure, type Pipeline, runAll } from './pipeline.ts';
import { followRelations, refreshOf } from './refresh.ts';
import { program as self } from './version.ts';

export interface Served {
  readonly pipeline: Pipeline;
  readonly url: string;
  /** Settles when every input has ended, with those that failed; rejects when none could be read. */
  readonly ended: Promise<readonly Failure[]>;
  close(): Promise<void>;
}

/** Between two looks at users' relations. */
const RELATIONS_LOOK_MS = 1_000;

/** Between two looks at whether everything is listed. */
const LOADED_LOOK_MS = 500;

/** Opens the API first, so that it can say what is still loading, then the inputs. */
export async function startServer(
  config: Config,
  { sources: inputs, rules }: Pick<Inputs, 'sources' | 'rules'>,
  { now, stop }: Surroundings,
): Promise<Served> {
  const log = createLogger(config.log.level);
  const clusters = inputs.flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]));
  const { relations, describer } = rules;
  const program = openProgram(config, rules, now, clusters);
  const { pipeline } = program;
  const refresh = refreshOf(inputs, pipeline, () => ended, stop);
  const api = await createApi({
    ...config.server,
    version: self.version,
    context: () => program.context,
    feed: program.pipeline.feed,
    dependencies: async () => reachable(program.pipeline, clusters),
    warnings: () => [...[...outagesOf(pipeline.view).values()].map(outageText), ...relationsFaults(relations)],
    refresh: refresh && (() => refresh()),
    log,
    now: () => performance.now(),
  });
  const url = await api.listen();
  const logged = inputs.map((input) => (input.cluster === undefined ? input : withOutageLog(input, log)));
  const ended = runAll(program.pipeline, logged, stop, ({ source, problem }) =>
    log.error({ source, code: problem.code }, problem.message),
  );
  ended.catch(() => undefined);
  void saveMemoryOnceLoaded({ view: pipeline.view, clusters }, ended, stop);
  if (relations) void followRelations({ relations, describer, refresh, log, everyMs: RELATIONS_LOOK_MS }, stop);
  return {
    pipeline: program.pipeline,
    url,
    ended,
    async close() {
      await api.close();
      program.close();
    },
  };
}

/** A recording is loaded when it has ended: it says nowhere what is still to come. */
async function saveMemoryOnceLoaded(
  estate: Parameters<typeof stillLoading>[0],
  ended: Served['ended'],
  stop: AbortSignal,
): Promise<void> {
  const looks = setInterval(LOADED_LOOK_MS, undefined, { signal: stop, ref: false });
  try {
    if (estate.clusters?.length === 0) await ended;
    for await (const _ of looks) if (stillLoading(estate).length === 0) return favourMemory();
  } catch {
    // Stopped, or failed, before everything was there.
  }
}

function relationsFaults(relations: LiveRelations | undefined): readonly string[] {
  const fault = relations?.fault;
  return fault === undefined ? [] : [`${fault.message} The relations before stay in force.`, ...fault.details];
}

/** A cluster counts as reachable while its server answers and some kind of it is followed. */
function reachable({ view }: Pipeline, clusters: readonly string[]): Record<string, boolean> {
  const scopes = view.coverage();
  const outages = outagesOf(view);
  const followed = (cluster: string): boolean =>
    scopes.some((scope) => scope.cluster === cluster && scope.kind !== '*' && scope.coverage === 'ready');
  return Object.fromEntries(clusters.map((cluster) => [cluster, !outages.has(cluster) && followed(cluster)]));
}
