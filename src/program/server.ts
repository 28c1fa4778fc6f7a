/** The program as a server: API and inputs together, stopped in the other order. */
import { setTimeout as delay, setInterval } from 'node:timers/promises';
import { stillLoading } from '../api/health.ts';
import type { IntakeAccess } from '../api/options.ts';
import { createApi } from '../api/server.ts';
import { favourMemory } from '../lib/heap.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { bytesIn } from '../lib/quantity.ts';
import type { Source } from '../model/source.ts';
import { outagesOf, outageText } from '../operations/shared/reach.ts';
import { Analyst } from './analyst.ts';
import type { Config } from './config.ts';
import { originOf } from './frames.ts';
import { type HistoryOptions, historyFaults, openProgramHistory, type ProgramHistory } from './history.ts';
import { type Inputs, redactionFrom } from './inputs.ts';
import { type IntakeOptions, openIntake, type ProgramIntake } from './intake.ts';
import type { LiveRelations } from './live-relations.ts';
import { openLogs } from './logs.ts';
import { listedOf, type Mirror, startMirror } from './mirror.ts';
import { openProgram, type Program, type Surroundings } from './open.ts';
import { withOutageLog } from './outages.ts';
import { type Failure, type Pipeline, runAll } from './pipeline.ts';
import { interrupted, recalling } from './recall.ts';
import { followRelations, refreshOf } from './refresh.ts';
import { remediationOf } from './remediation.ts';
import { readableOf, retentionOf, retentionWarnings } from './retention.ts';
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

/** For inputs to end when they are stopped. */
const LEAVE_MS = 3_000;

/** Between two looks at whether everything is listed. */
const LOADED_LOOK_MS = 500;

/** Opens the API first, so that it can say what is still loading, then the inputs. */
export async function startServer(
  config: Config,
  { sources: inputs, rules }: Pick<Inputs, 'sources' | 'rules'>,
  { now, stop }: Surroundings,
): Promise<Served> {
  await using opened = new AsyncDisposableStack();
  const log = createLogger(config.log.level);
  const clusters = (): readonly string[] => inputs.flatMap(({ cluster = [] }) => cluster);
  const { relations, describer } = rules;
  const history = await historyOf(config, {
    origin: originOf(config, describer),
    clusters: clusters(),
    live: inputs.some(({ repeatable }) => repeatable === undefined),
    now,
    stop,
    log,
  });
  if (history) opened.defer(() => history.close());
  const program = openProgram(config, { rules, now, ...(history && { history }) });
  opened.defer(() => program.close());
  const { pipeline } = program;
  if (history?.lastAt) pipeline.take(interrupted(pipeline.view, history.lastAt));
  const intake = intakeOf(config, { inputs, pipeline, rules, history, clusters, now, stop });
  const refresh = refreshOf(inputs, pipeline, () => ended, stop);
  const remediation = remediationOf(config, { pipeline, inputs, redact: redactionFrom(config, rules).text, now });
  const logs = openLogs(config, inputs, pipeline.view);
  const analyst = await analystOf(config, { program, history, now, log });
  const api = await createApi({
    ...config.server,
    limits: { watchEvents: config.history.queryMax },
    version: self.version,
    context: () => ({
      ...program.context,
      clusters: clusters(),
      ...(history?.retention && { retention: history.retention.info }),
      ...(intake && { deadLetters: intake.letters }),
      ...(analyst && { incidents: analyst }),
      logs,
      remediation,
    }),
    intake,
    feed: program.pipeline.feed,
    dependencies: async () => ({
      ...reachable(program.pipeline, inputs),
      ...(mirror && { neo4j: await mirror.isReachable() }),
      ...(history && { history: historyFaults(history).length === 0 }),
    }),
    details: () => historyDetails(history),
    warnings: () => warningsOf({ pipeline, relations, history, mirror }),
    refresh: refresh && (() => refresh()),
    log,
    now: () => performance.now(),
  });
  opened.defer(() => api.close());
  const url = await api.listen();
  const logged = inputs.map((input) => (input.cluster === undefined ? input : withOutageLog(input, log)));
  const recalled = logged.map(
    (source): Source => ({ name: source.name, changes: (signal) => recalling(source.changes(signal), pipeline.view) }),
  );
  const ended = runAll(program.pipeline, history ? recalled : logged, stop, ({ source, problem }) => {
    // The failure of the only one is that of `ended`.
    if (inputs.length > 1) log.error({ source, code: problem.code }, problem.message);
  });
  ended.catch(() => undefined);
  // Inputs that were stopped take leave of what they follow, before anything else is closed.
  opened.defer(async () => {
    if (stop.aborted) await Promise.race([ended.catch(() => undefined), delay(LEAVE_MS, undefined, { ref: false })]);
  });
  if (analyst) opened.defer(startWith(stop, (end) => analyst.run(end)));
  const mirror = mirrorOf(config, { pipeline, clusters, ended, log });
  if (mirror) opened.defer(() => mirror.close());
  void saveMemoryOnceLoaded(() => ({ view: pipeline.view, clusters: clusters() }), ended, stop);
  const changed = program.renewPast;
  if (relations)
    void followRelations({ relations, describer, refresh, changed, log, everyMs: RELATIONS_LOOK_MS }, stop);
  const all = opened.move();
  return {
    pipeline: program.pipeline,
    url,
    ended,
    close: () => all.disposeAsync(),
  };
}

function warningsOf({
  pipeline,
  relations,
  history,
  mirror,
}: Pick<Served, 'pipeline'> & {
  readonly relations: LiveRelations | undefined;
  readonly history: ProgramHistory | undefined;
  readonly mirror: Mirror | undefined;
}): readonly string[] {
  return [
    ...[...outagesOf(pipeline.view).values()].map(outageText),
    ...relationsFaults(relations),
    ...historyFaults(history),
    ...(history?.retention ? retentionWarnings(history.retention) : []),
    ...(mirror?.warnings() ?? []),
  ];
}

async function historyOf(
  config: Config,
  { log, ...options }: Pick<HistoryOptions, 'origin' | 'clusters' | 'live' | 'now' | 'stop'> & { readonly log: Logger },
): Promise<ProgramHistory | undefined> {
  const { url, enabled, pruneMinutes } = config.history;
  if (url === undefined || !enabled) return undefined;
  const { windowMax } = config.graph;
  const keep = { retention: retentionOf(config), everyMs: pruneMinutes * 60_000, log };
  return openProgramHistory({
    url,
    windowMax,
    ...options,
    keep,
    readable: readableOf(config),
    told: (fault) =>
      fault ? log.error({ code: fault.code }, fault.message) : log.info({}, 'history is written again'),
  });
}

/** Works where a history is kept; it goes on from the incidents that are in the graph. */
async function analystOf(
  { analysis }: Config,
  {
    program: { pipeline, context },
    history,
    now,
    log,
  }: Pick<Surroundings, 'now'> & {
    readonly program: Program;
    readonly history: ProgramHistory | undefined;
    readonly log: Logger;
  },
): Promise<Analyst | undefined> {
  const { enabled, settleMs, rest, resolveSeconds, reopenSeconds, incidents, escalation } = analysis;
  if (!enabled || history === undefined || context.past === undefined) return undefined;
  const { escalationMinutes: windowMinutes, escalationThreshold: threshold } = analysis;
  const settings = {
    settleMs,
    rest,
    resolveAfterMs: resolveSeconds * 1_000,
    reopenWithinMs: reopenSeconds * 1_000,
    keptMax: incidents,
    escalation: escalation ? { windowMinutes, threshold } : undefined,
  };
  return Analyst.open({ pipeline, history: context.past.history, live: history.live, now, log, settings });
}

/** Starts what works until it is stopped; what is returned stops it and waits for its end. */
function startWith(stop: AbortSignal, work: (end: AbortSignal) => Promise<void>): () => Promise<void> {
  const own = new AbortController();
  const ended = work(AbortSignal.any([stop, own.signal]));
  return () => {
    own.abort();
    return ended;
  };
}

/** A recording says what was; nobody adds to it. */
function intakeOf(
  config: Config,
  {
    inputs,
    rules,
    history,
    ...options
  }: Pick<IntakeOptions, 'pipeline' | 'clusters' | 'now' | 'stop'> &
    Pick<Inputs, 'rules'> & {
      readonly inputs: Inputs['sources'];
      readonly history: ProgramHistory | undefined;
    },
): (ProgramIntake & IntakeAccess) | undefined {
  const { enabled, deadLetters, token, maxBody, ...settings } = config.intake;
  if (!enabled || inputs.some(({ repeatable }) => repeatable !== undefined)) return undefined;
  const { letters } = history ?? {};
  const intake = openIntake({
    ...settings,
    ...options,
    redaction: redactionFrom(config, rules),
    max: deadLetters,
    ...(letters && { store: letters, kept: letters.kept }),
  });
  return Object.assign(intake, { bytesMax: bytesIn(maxBody) ?? 0, token });
}

function historyDetails(history: ProgramHistory | undefined): Readonly<Record<string, unknown>> {
  if (history === undefined) return {};
  const { waiting, pruning } = history.status;
  const { info, last } = history.retention ?? {};
  const fill = last && { oldest: last.oldest, bytes: last.totalBytes, usedBytes: last.usedBytes };
  return { history: { waiting, ...fill, ...(info && { retention: info }), ...(pruning && { pruning }) } };
}

/** A recording is listed when it has been read to its end. */
function mirrorOf(
  { neo4j }: Config,
  {
    pipeline,
    clusters,
    ended,
    log,
  }: Pick<Served, 'pipeline' | 'ended'> & {
    readonly clusters: () => readonly string[];
    readonly log: Logger;
  },
): Mirror | undefined {
  const { uri } = neo4j;
  if (uri === undefined) return undefined;
  let isRead = false;
  ended.then(
    () => {
      isRead = true;
    },
    () => undefined,
  );
  const { view } = pipeline;
  const listed = (): readonly string[] => (isRead ? view.clusters : listedOf({ view, clusters: clusters() }));
  return startMirror({ settings: { ...neo4j, uri }, pipeline, listed, log });
}

/** A recording is loaded when it has ended: it says nowhere what is still to come. */
async function saveMemoryOnceLoaded(
  estate: () => Parameters<typeof stillLoading>[0],
  ended: Served['ended'],
  stop: AbortSignal,
): Promise<void> {
  const looks = setInterval(LOADED_LOOK_MS, undefined, { signal: stop, ref: false });
  try {
    if (estate().clusters?.length === 0) await ended;
    for await (const _ of looks) if (stillLoading(estate()).length === 0) return favourMemory();
  } catch {
    // Stopped, or failed, before everything was there.
  }
}

function relationsFaults(relations: LiveRelations | undefined): readonly string[] {
  const fault = relations?.fault;
  return fault === undefined ? [] : [`${fault.message} The relations before stay in force.`, ...fault.details];
}

/** A cluster, or what tells of it, counts as reachable while its server answers and some kind of it is followed. */
function reachable({ view }: Pipeline, inputs: Inputs['sources']): Record<string, boolean> {
  const scopes = view.coverage();
  const outages = outagesOf(view);
  const followed = (cluster: string): boolean =>
    scopes.some((scope) => scope.cluster === cluster && scope.kind !== '*' && scope.coverage === 'ready');
  return Object.fromEntries(
    inputs.flatMap(({ cluster, dependency = cluster }) =>
      cluster === undefined || dependency === undefined
        ? []
        : [[dependency, !outages.has(cluster) && followed(cluster)]],
    ),
  );
}
