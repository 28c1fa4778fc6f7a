/** What a version says to people: what changed, field by field; and of an Event, what happened to whom. Pure, and never throws. */
import type { KubeObject } from '../../model/change.ts';
import { authorText } from '../../model/field-authors.ts';
import { fieldChanges } from '../../model/field-changes.ts';
import { microseconds, timeFrom } from '../../model/time.ts';
import type { Row } from './database.ts';

/** Longest value, and longest text, in characters. */
const VALUE_MAX = 120;
const DIFF_MAX = 2_000;

/**
 * One line a field, `spec.replicas: 2 → 3`, below `by MANAGER` where that is known; `(none)` is no value. Empty when nothing changed but what every
 * version has anew. What is longer ends with how many more there are.
 */
export function diffText(before: KubeObject, after: KubeObject): string {
  const lines: string[] = [];
  let author: string | undefined;
  let length = 0;
  const changes = fieldChanges(before, after, { valueMax: VALUE_MAX });
  for (const [index, { path, before: old, after: now, by }] of changes.entries()) {
    const line = `${path}: ${valueText(old)} → ${valueText(now)}`;
    const heading = by && authorText(by);
    const part = heading === author ? [line] : [`by ${heading ?? 'nobody known'}`, line];
    length += part.reduce((sum, each) => sum + each.length + 1, 0);
    if (length > DIFF_MAX) return [...lines, `… and ${changes.length - index} more`].join('\n');
    lines.push(...part);
    author = heading;
  }
  return lines.join('\n');
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)';
  // What was cut is no JSON any more.
  return typeof value === 'string' && CUT.test(value) ? value : JSON.stringify(value);
}

const CUT = /^[[{].*…$/s;

type Tree = Readonly<Record<string, unknown>>;

/** Whom an Event is about, for one row of `event_object`: name, namespace, kind. */
export type About = readonly [name: string, namespace: string, kind: string];

/** Names are cut where the API server would not have taken them. */
const NAME_MAX = 253;
const WORD_MAX = 128;
const MESSAGE_MAX = 2_000;

export interface EventRow {
  readonly about: About;
  /** The other columns of `event`: type, reason, message, first, last, count. */
  readonly rest: Row;
}

/** An Event of either API (core/v1, events.k8s.io/v1) as it is shown, in the namespace in which it is. */
export function eventRow(event: KubeObject, namespace: string): EventRow {
  const about = treeIn(event['involvedObject'] ?? event['regarding']);
  const series = treeIn(event['series']);
  const first = timeIn(event['firstTimestamp'], event['deprecatedFirstTimestamp'], event['eventTime']);
  const created = timeIn(treeIn(event.metadata)['creationTimestamp']);
  const last = timeIn(
    series['lastObservedTime'],
    event['lastTimestamp'],
    event['deprecatedLastTimestamp'],
    event['eventTime'],
  );
  const counts = [series['count'], event['count'], event['deprecatedCount']];
  return {
    about: [textIn(about['name'], NAME_MAX), namespace.slice(0, NAME_MAX), textIn(about['kind'], WORD_MAX)],
    rest: [
      textIn(event['type'], WORD_MAX),
      textIn(event['reason'], WORD_MAX),
      textIn(event['message'] ?? event['note'], MESSAGE_MAX).trim(),
      first ?? last ?? created ?? null,
      last ?? first ?? created ?? null,
      counts.map(Number).find((count) => Number.isSafeInteger(count) && count > 0) ?? 1,
    ],
  };
}

function treeIn(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? (value as Tree) : {};
}

function textIn(value: unknown, max: number): string {
  return typeof value === 'string' ? value.slice(0, max) : '';
}

/** The first that is an instant, in microseconds since 1970. */
function timeIn(...values: readonly unknown[]): number | undefined {
  const time = values.map(timeFrom).find((each) => each !== undefined);
  return time === undefined ? undefined : microseconds(time);
}
