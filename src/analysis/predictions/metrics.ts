/**
 * Measurements among what was told: occurrences of source `metric`, whose attributes hold `value`, and `limit` where it is known, under the name `metric` (else the
 * reason). Names are those of the kubelet, of cAdvisor and of OpenTelemetry; `labels` tell volume and container.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, push } from '../case.ts';
import { labelsOf } from '../subjects.ts';
import type { Point } from './trend.ts';

export interface Measured {
  readonly subject: Resource;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
  /** The limit that was told with the last of them. */
  readonly limit: number | undefined;
}

const tables = new WeakMap<Case, readonly Measured[]>();

/** Every measurement, by subject, name and labels; looked for once. */
export function measured(known: Case): readonly Measured[] {
  let table = tables.get(known);
  if (table === undefined) {
    table = read(known);
    tables.set(known, table);
  }
  return table;
}

interface Sample extends Point {
  readonly subject: Resource;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly limit: number | undefined;
}

/** What differs from one measurement to the next of the same thing. */
const VARYING = /^(?:value|limit|capacity|count|unit|type|timestamp|id|startsAt)$/;

function read(known: Case): readonly Measured[] {
  const groups = new Map<string, Sample[]>();
  for (const told of known.estate.occurrences) {
    const { source, reason = '', attributes } = told.occurrence;
    if (source !== 'metric') continue;
    const labels = labelsOf(attributes);
    const value = numberIn(attributes?.['value']);
    const name = labels['metric'] ?? labels['__name__'] ?? reason;
    if (value === undefined || name === '') continue;
    const subject = known.subjects.of(told);
    const own = Object.entries(labels)
      .filter(([key]) => !VARYING.test(key))
      .sort();
    const limit = numberIn(attributes?.['limit'] ?? attributes?.['capacity']);
    push(groups, JSON.stringify([subject.id, name, own]), {
      at: milliseconds(told.at),
      value,
      subject,
      name,
      labels,
      limit,
    });
  }
  return [...groups.values()].flatMap((samples) => {
    const points = samples.sort((a, b) => a.at - b.at);
    const last = points.at(-1);
    return last ? [{ subject: last.subject, name: last.name, labels: last.labels, points, limit: last.limit }] : [];
  });
}

function numberIn(value: unknown): number | undefined {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** The last value of another measurement of the same thing. */
export function besideOf(known: Case, { subject, labels }: Measured, names: RegExp): number | undefined {
  return measured(known)
    .filter((one) => one.subject.id === subject.id && names.test(one.name) && sameThing(one.labels, labels))
    .at(-1)
    ?.points.at(-1)?.value;
}

function sameThing(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return ['container', 'persistentvolumeclaim', 'volume', 'device', 'mountpoint'].every((key) => a[key] === b[key]);
}
