/** Options that commands share, each declared once, and the configuration they make. */
import type { Command } from 'commander';
import { Problem } from '../../model/problem.ts';
import { type Config, load } from '../../program/config.ts';
import { standardHistory } from '../../program/history-files.ts';
import { apart, type Choices, FILE } from './apart.ts';
import type { Io } from './io.ts';

export interface SharedOptions {
  readonly kubeconfig?: string;
  readonly context?: readonly string[];
  readonly relations?: string;
  readonly config?: string;
  readonly at?: string;
  readonly history?: string | boolean;
  readonly strict?: boolean;
}

/** Adds the options of every command that reads the configuration: which clusters, which relations, which file. */
export function withConfig(command: Command): Command {
  return withSettings(
    command
      .option('--kubeconfig <file>', 'kubeconfig of the live clusters')
      .option('--context <name>', 'kubeconfig context; repeat it for several clusters', repeated),
  );
}

/** Adds those of them that are not about live clusters. */
export function withSettings(command: Command): Command {
  return command
    .option('--relations <file>', 'YAML file with relations of your own')
    .option('--config <file>', 'configuration file; default: kube-kg.yaml when present');
}

const LIVE = { 'live clusters as they are': ['--context', '--kubeconfig'] };
const PLACES: Choices = { 'the recording': [FILE, '--file'], 'a running kube-kg': ['--server'], ...LIVE };

const AT =
  'as it was at an instant (RFC 3339, or a day or time of day in UTC), or so long ago (15m, 2d), of a recording before its end';

/** Adds what goes with a recording. `at`: of what else, if at all, an instant may be asked for. */
export function withRecording(command: Command, at: 'history' | 'recording' | 'never' = 'history'): Command {
  if (at !== 'never')
    command.option('--at <time>', at === 'history' ? `${AT}; without a recording the history is asked` : AT);
  command.option('--strict', 'exit with 2 when a line of the recording is bad');
  return apart(apart(command, PLACES), { 'what was': ['--at'], ...LIVE });
}

/** Adds which history tells of the past where there is no recording, or is to be worked on. */
export function withHistory(command: Command, what = 'the history to ask'): Command {
  command.option('--history <file>', `${what}; default: the one that "kube-kg serve" keeps`);
  return apart(command, { 'the history': ['--history'], ...PLACES });
}

/** Whether the history is asked, where there is no recording: of an instant, or, when it is named, as it was last. */
export function asksHistory({ at, history }: SharedOptions): boolean {
  return at !== undefined || typeof history === 'string';
}

/** The configuration with its history where `serve` keeps it, unless it is somewhere else. */
export function configWithHistory(options: SharedOptions, io: Io): Config {
  const config = configFrom(options, io, { 'history.url': options.history || undefined });
  return { ...config, history: { ...config.history, url: config.history.url ?? standardHistory(io.environment) } };
}

/** The value of an option that may be given several times: one value each time. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A whole number given as an option; undefined when it was not given. Throws `invalid-input`. */
export function numberFrom(text: string | undefined, option: string, min = 0, max = Number.MAX_SAFE_INTEGER) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new Problem('invalid-input', `${option} ${text}: give a whole number from ${min} to ${max}.`);
}

/** Configuration with the command line's options over it. Throws `invalid-config`. */
export function configFrom(options: SharedOptions, io: Io, overrides: Readonly<Record<string, unknown>> = {}): Config {
  return load({
    file: options.config,
    environment: io.environment,
    note: (text) => io.stderr.write(`note: ${text}\n`),
    overrides: {
      'kubernetes.kubeconfig': options.kubeconfig,
      'kubernetes.contexts': options.context,
      'graph.relations': options.relations,
      ...overrides,
    },
  });
}
