/** What an investigation is asked for, checked: an interval, and names. Arguments and messages are those that clients of audit investigators know. */
import type { HistoryQueries, VersionQuery } from '../../../model/history.ts';
import { Problem } from '../../../model/problem.ts';
import { type Resource, resourceTitle } from '../../../model/resource.ts';
import { compareTime, type Time, timeFrom } from '../../../model/time.ts';
import type { Context } from '../../../operations/operation.ts';

type Input = Readonly<Record<string, unknown>>;

/** An interval of the past, both ends inclusive. */
export interface Window {
  readonly from: Time;
  readonly to: Time;
}

/** Where an investigation looks. */
export interface Scene {
  readonly context: Context;
  readonly history: HistoryQueries;
  readonly window: Window;
  /** Absent: all. */
  readonly namespace?: string;
  readonly cluster?: string;
  /** How text names a resource: with its cluster where there are several. */
  readonly title: (of: Titled) => string;
}

type Titled = Pick<Resource, 'cluster' | 'kind' | 'namespace' | 'name'>;

/** What the scene selects, as queries of a history say it. */
export function selectionOf({ namespace, cluster }: Scene): Pick<VersionQuery, 'namespaces' | 'clusters'> {
  return {
    ...(namespace !== undefined && { namespaces: [namespace] }),
    ...(cluster !== undefined && { clusters: [cluster] }),
  };
}

/** The scene that the arguments name. Throws `invalid-input`, and `unsupported` where no history is kept. */
export function sceneFrom(context: Context, input: Input): Scene {
  const window = { from: instantFrom(input, 'start_time'), to: instantFrom(input, 'end_time') };
  if (compareTime(window.to, window.from) <= 0)
    throw new Problem('invalid-input', `end_time must be after start_time; they are ${window.to} and ${window.from}`);
  const namespace = optionalText(input, 'namespace');
  const cluster = optionalText(input, 'cluster');
  const { clusters } = context.view;
  if (cluster !== undefined && !clusters.includes(cluster))
    throw new Problem('invalid-input', `no cluster is called "${cluster}"; there are ${clusters.join(', ')}`);
  return {
    context,
    history: historyOf(context),
    window,
    ...(namespace !== undefined && { namespace }),
    ...(cluster !== undefined && { cluster }),
    title: (of) => (clusters.length > 1 ? `${of.cluster}: ${resourceTitle(of)}` : resourceTitle(of)),
  };
}

/** Throws `unsupported` where no history is kept. */
export function historyOf({ past }: Context): HistoryQueries {
  if (past) return past.history;
  throw new Problem(
    'unsupported',
    'Failed to query audit logs: no history is kept here. Start with "kube-kg serve --history FILE", or "kube-kg mcp --file RECORDING".',
  );
}

function instantFrom(input: Input, name: 'start_time' | 'end_time'): Time {
  const text = optionalText(input, name);
  if (text === undefined) throw new Problem('invalid-input', `${name} is required (RFC3339 format)`);
  const time = timeFrom(text);
  if (time !== undefined) return time;
  throw new Problem(
    'invalid-input',
    `invalid ${name} format: "${text}"; write it as RFC 3339 has it, for example 2026-11-20T10:00:00Z`,
  );
}

/** A text that must be given. Throws `invalid-input`. */
export function requiredText(input: Input, name: string): string {
  const text = optionalText(input, name);
  if (text === undefined) throw new Problem('invalid-input', `${name} is required`);
  return text;
}

/** A text that may be left out, or be empty. Throws `invalid-input` for what is no text. */
export function optionalText(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value.trim();
  throw new Problem('invalid-input', `${name} must be text`);
}
