/** What is measured of workloads for scoring: errors, warnings, restarts and changes a step, and measurements that were sent in. Pure over an estate. */

import type { Resource, ResourceId } from '../../model/resource.ts';
import type { Features } from '../../model/scorer.ts';
import { type Case, push } from '../case.ts';
import { changesOf } from '../changes.ts';
import { restartsByWhole } from '../detectors/restarts.ts';
import { complaintsByApp } from '../detectors/signals.ts';
import { measured } from '../predictions/metrics.ts';

export interface Measures {
  /** Who is measured, by id. */
  readonly subjects: ReadonlyMap<ResourceId, Resource>;
  readonly features: readonly Features[];
}

interface Mark {
  readonly at: number;
  readonly value: number;
}

export interface Span {
  readonly stepMs: number;
  readonly steps: number;
}

/** Of everybody of whom anything is measured. */
export function featuresOf(known: Case, span: Span): Measures {
  const counts = new Map<ResourceId, Map<string, Mark[]>>();
  const subjects = new Map<ResourceId, Resource>();
  const note = (subject: Resource, feature: string, mark: Mark): void => {
    subjects.set(subject.id, subject);
    const own = counts.get(subject.id) ?? new Map<string, Mark[]>();
    counts.set(subject.id, own);
    push(own, feature, mark);
  };
  for (const list of complaintsByApp(known).values())
    for (const { app, at, count } of list) note(app, 'errors', { at, value: count });
  for (const list of restartsByWhole(known).values())
    for (const { pod, at } of list) note(known.whole(pod), 'restarts', { at, value: 1 });
  for (const subject of [...subjects.values()]) {
    for (const { last, isWarning, count } of known.notices(subject))
      if (isWarning) note(subject, 'warnings', { at: last, value: count });
    for (const { at } of changesOf(known, subject)) note(subject, 'changes', { at, value: 1 });
  }
  const begin = known.now - span.stepMs * span.steps;
  const features = [...counts].map(([id, own]): Features => {
    const series = Array.from(own, ([feature, marks]) => [feature, summed(marks, begin, span)] as const);
    return { id, values: Object.fromEntries([...series, ...levels(known, id, begin, span)]) };
  });
  return { subjects, features };
}

/** How much in each step. */
function summed(marks: readonly Mark[], begin: number, { stepMs, steps }: Span): readonly number[] {
  const series = new Array<number>(steps).fill(0);
  for (const { at, value } of marks) {
    const step = Math.floor((at - begin) / stepMs);
    if (step >= 0) series[Math.min(step, steps - 1)] = (series[Math.min(step, steps - 1)] ?? 0) + value;
  }
  return series;
}

/** What was measured of it, in each step the last value. */
function* levels(
  known: Case,
  id: ResourceId,
  begin: number,
  { stepMs, steps }: Span,
): Iterable<readonly [string, readonly number[]]> {
  for (const { subject, name, points } of measured(known)) {
    if (known.whole(subject).id !== id || points.length < 2) continue;
    let level = points[0]?.value ?? 0;
    let next = 0;
    yield [
      name,
      Array.from({ length: steps }, (_, step) => {
        const end = begin + (step + 1) * stepMs;
        for (let point = points[next]; point && point.at <= end; point = points[++next]) level = point.value;
        return level;
      }),
    ];
  }
}
