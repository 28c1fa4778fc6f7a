/** What the graph is made from: a recording, or the configured clusters and KubeView, followed or looked at once. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import type { Readable } from 'node:stream';
import { kinds } from '../kinds/index.ts';
import { withoutPassword } from '../lib/address.ts';
import { createLogger } from '../lib/logger.ts';
import type { Occurrence } from '../model/change.ts';
import type { Wanted } from '../model/groups.ts';
import { Problem } from '../model/problem.ts';
import type { Source } from '../model/source.ts';
import { ageIn, instantBefore, noInstant } from '../operations/shared/interval.ts';
import { untilBeforeEnd } from '../sources/before-end.ts';
import { systemClock } from '../sources/kubernetes/clock.ts';
import { kubernetesSnapshots, kubernetesSources } from '../sources/kubernetes/clusters.ts';
import type { KubernetesSource } from '../sources/kubernetes/source.ts';
import { kubeviewSnapshot, kubeviewSource } from '../sources/kubeview/source.ts';
import {
  emptyReport,
  type RecordingOptions,
  type RecordingReport,
  recordingSource,
  unreadable,
} from '../sources/recording.ts';
import { recordingFiles } from '../sources/recording-files.ts';
import { type Redaction, redaction } from '../sources/redact.ts';
import type { Config } from './config.ts';
import { isHistory } from './is-history.ts';
import { type Rules, rulesOf } from './live-relations.ts';
import { type LogSurroundings, logOptionsOf } from './logs.ts';

/** Where the user wants the graph from. */
export interface Origin {
  /** Files, folders and patterns of a recording, or `-` for standard input; without it, the configured clusters. */
  readonly file?: string | readonly string[] | undefined;
  /** Leaves out what a recording says of later times. */
  readonly at?: string | undefined;
}

/** What reading needs of its surroundings. */
export interface Reading {
  readonly stdin: Readable;
  /** For the kubeconfig and proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told what somebody should do something about; otherwise it is logged. */
  readonly warn?: (message: string) => unknown;
  /** One look is also at what containers wrote. */
  readonly logs?: boolean;
}

/** A source that may follow a cluster of that name. */
export interface Input extends Source {
  /** May become another when more is known. */
  readonly cluster?: string;
  /** What it depends on is called so in `/health`, where it is not the cluster itself. */
  readonly dependency?: string;
  /** Observes again, everything unless some kinds are wanted; resolves when that is done, or cannot be done now. */
  refresh?(wanted?: Wanted): Promise<void>;
  /** Reads the logs of a pod now and for so long; false when there is no such pod. */
  readLogs?(namespace: string, name: string, forMs: number): Promise<boolean>;
  /** Is told what is known of what pods wrote, by their uid, before it is followed. */
  recallLogs?(known: (uid: string) => readonly Occurrence[]): void;
  /** Acts on an object of its cluster, or only tries to. */
  act?: KubernetesSource['act'];
  /** May be read a second time, from its beginning. */
  readonly repeatable?: boolean;
}

export interface Inputs {
  readonly sources: readonly Input[];
  /** What the graph and the redaction go by. */
  readonly rules: Rules;
  /** Present for a recording; filled when it has been read. */
  readonly report?: RecordingReport;
}

/** The inputs, not yet begun. Throws `invalid-config` for clusters that are not configured right, `invalid-input` for a time that is none. */
export function inputsOf(
  config: Config,
  { file, at }: Origin,
  { stdin, environment, warn = logged(config), ...reading }: Reading,
  mode: 'follow' | 'once',
): Inputs {
  const logs = reading.logs ?? mode === 'follow';
  const rules = rulesOf(config);
  const redact = redactionFrom(config, rules);
  if (file === undefined) {
    if (at !== undefined)
      throw new Problem(
        'invalid-input',
        '--at: only a recording can be read up to an instant; what was in live clusters, questions tell from the history: "kube-kg graph --at 15m".',
      );
    return {
      rules,
      sources: [
        ...kubeview(config, redact, environment, mode),
        ...clusters(config, redact, { environment, mode, warn, logs, describer: rules.describer }),
      ],
    };
  }
  const paths = recordingFiles(file);
  checkFiles(paths);
  return { rules, ...recordingInput(paths, at, { stdin, redact: redact.change }) };
}

/** The recording in these files, up to an instant, which may be given as how long before its end. */
function recordingInput(
  paths: readonly string[],
  at: string | undefined,
  options: Pick<RecordingOptions, 'stdin' | 'redact'>,
): Required<Pick<Inputs, 'sources' | 'report'>> {
  const report = emptyReport();
  const beforeEnd = at === undefined ? undefined : ageIn(at);
  const until = at === undefined || beforeEnd !== undefined ? undefined : instantBefore(at, 0);
  if (at !== undefined && beforeEnd === undefined && until === undefined) throw noInstant('--at', at);
  const source = recordingSource({ ...options, paths, ...(until !== undefined && { until }) }, report);
  const input: Input = { ...source, repeatable: !paths.includes('-') };
  return { sources: [beforeEnd === undefined ? input : untilBeforeEnd(input, beforeEnd, report)], report };
}

/** Throws `bad-recording` for files that are not there, or are a history. */
function checkFiles(paths: readonly string[]): void {
  for (const path of paths) {
    if (path === '-') continue;
    if (isHistory(path))
      throw new Problem(
        'bad-recording',
        `${withoutPassword(path)} is a history, no recording; ask it with --history ${withoutPassword(path)}.`,
      );
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      throw unreadable(path, error);
    }
  }
}

/** The clusters of the kubeconfig: where KubeView is configured, only those that are named. */
function clusters(
  config: Config,
  redaction: Redaction,
  surroundings: Pick<Reading, 'environment' | 'logs'> &
    Pick<LogSurroundings, 'describer' | 'warn'> & { readonly mode: 'follow' | 'once' },
): readonly Input[] {
  const { environment, mode, logs } = surroundings;
  const { kubernetes, kubeview } = config;
  if (kubeview.url !== undefined && kubernetes.contexts.length === 0) return [];
  const sources = mode === 'once' ? kubernetesSnapshots : kubernetesSources;
  const wanted = logs ? logOptionsOf(config, { redaction, ...surroundings }) : undefined;
  return sources(kubernetes, { redact: redaction.object, environment, logs: wanted });
}

function logged({ log: { level } }: Config): (message: string) => void {
  const log = createLogger(level);
  return (message) => log.warn({}, message);
}

function kubeview(
  { kubeview: { url, ...section }, log: { level } }: Config,
  { object: redact }: Redaction,
  environment: Reading['environment'],
  mode: 'follow' | 'once',
): readonly Input[] {
  if (url === undefined) return [];
  const surroundings = { environment, clock: systemClock(), random: Math.random, log: createLogger(level) };
  const options = { ...section, ...surroundings, url, kinds, redact };
  if (mode === 'once') return [kubeviewSnapshot(options)];
  return [Object.assign(kubeviewSource(options), { dependency: 'kubeview' })];
}

/** Throws `bad-recording` when a recording was read and none of its lines says anything, `not-found` when it says nothing of the time asked for. */
export function checkRecording(report: RecordingReport | undefined, file: Origin['file']): void {
  if (report?.firstAt !== undefined && report.changes === 0)
    throw new Problem(
      'not-found',
      `nothing was observed until the instant asked for; the recording begins at ${report.firstAt} and ends at ${report.lastAt}`,
    );
  if (!report || report.badLines === 0 || report.changes > 0 || report.header || report.ignoredTypes.size > 0) return;
  const [first] = report.bad;
  throw new Problem(
    'bad-recording',
    `${[file].flat().join(', ')} is no recording: none of its ${report.lines} lines can be used (line ${first?.line}: ${first?.reason}). Make one with "kube-kg record".`,
  );
}

/** Redaction under the configured key, or one of this process; what relations follow, also users' own, stays. */
export function redactionFrom({ redaction: { key } }: Config, { describer }: Rules): Redaction {
  return redaction(key ?? randomBytes(32), describer.referencesIn);
}
