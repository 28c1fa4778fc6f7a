/**
 * What comes again and again is worse than it says: so many occurrences of one type about one resource within some minutes, and all of the run go up one
 * level, once. The rule of earlier rankers, with a window that is closed at both ends, and for the whole run instead of its last.
 */
import type { Change, Severity } from '../model/change.ts';
import { ORIGINAL_SEVERITY, occurrenceOf } from '../model/occurrences.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { milliseconds } from './case.ts';

export interface EscalationOptions {
  /** Minutes, both ends inclusive. */
  readonly windowMinutes: number;
  /** Others of the same that make one worse. */
  readonly threshold: number;
}

export const escalationDefaults: EscalationOptions = { windowMinutes: 5, threshold: 3 };

const WORSE: Partial<Record<Severity, Severity>> = { warning: 'error', error: 'critical' };
/** Of one resource. */
const RUN_MAX = 500;

/** The same occurrences again, as they are now: those of runs that some of `fresh` belong to, without those that are as bad already. */
export function escalationsIn(
  view: View,
  fresh: Iterable<ResourceId>,
  { windowMinutes, threshold }: EscalationOptions = escalationDefaults,
): readonly Extract<Change, { type: 'occur' }>[] {
  const changes: Extract<Change, { type: 'occur' }>[] = [];
  const looked = new Set<string>();
  for (const id of fresh) {
    const resource = view.get(id);
    if (resource === undefined || !mayEscalate(resource)) continue;
    const [about] = view.out(id, 'ABOUT');
    const key = `${about?.to ?? resource.summary['object']} ${resource.summary['type']} ${resource.summary['reason']}`;
    if (about === undefined || looked.has(key)) continue;
    looked.add(key);
    for (const run of runsOf(likeIn(view, about.to, resource), windowMinutes * 60_000, threshold + 1))
      for (const one of run) if (one.labels[ORIGINAL_SEVERITY] === undefined) changes.push(worse(one, run.length));
  }
  return changes;
}

function mayEscalate({ kind, pseudo, labels, summary }: Resource): boolean {
  const severity = (labels[ORIGINAL_SEVERITY] ?? summary['severity']) as Severity;
  return kind === 'Occurrence' && pseudo && WORSE[severity] !== undefined;
}

/** Occurrences of the same type and reason about one resource, the earliest first. */
function likeIn(view: View, about: ResourceId, { summary: { type = '', reason = '' } }: Resource): readonly Resource[] {
  const like: Resource[] = [];
  view.scan(
    about,
    'in',
    (_, one) => {
      if (one.summary['type'] === type && one.summary['reason'] === reason && mayEscalate(one)) like.push(one);
      return like.length < RUN_MAX;
    },
    (edge) => edge === 'ABOUT',
  );
  return like.sort((a, b) => atOf(a) - atOf(b) || (a.id < b.id ? -1 : 1));
}

function atOf({ createdAt }: Resource): number {
  return milliseconds(createdAt);
}

/** Runs in which each has so many within the window, itself among them; runs that share one are one. */
export function runsOf(all: readonly Resource[], windowMs: number, count: number): readonly (readonly Resource[])[] {
  const runs: Resource[][] = [];
  let taken = 0;
  for (let end = count - 1; end < all.length; end++) {
    const [first, last] = [all[end - count + 1], all[end]];
    if (first === undefined || last === undefined || atOf(last) - atOf(first) > windowMs) continue;
    const start = Math.max(taken, end - count + 1);
    const run = taken > end - count + 1 ? runs.at(-1) : undefined;
    const more = all.slice(start, end + 1);
    if (run) run.push(...more);
    else runs.push([...more]);
    taken = end + 1;
  }
  return runs;
}

function worse(resource: Resource, repeats: number): Extract<Change, { type: 'occur' }> {
  const occurrence = occurrenceOf(resource);
  const severity = WORSE[occurrence.severity] ?? occurrence.severity;
  const attributes = {
    [ORIGINAL_SEVERITY]: occurrence.severity,
    escalated: 'true',
    repeats: String(repeats),
    ...occurrence.attributes,
  };
  return {
    type: 'occur',
    at: resource.createdAt ?? '',
    cluster: resource.cluster,
    occurrence: { ...occurrence, severity, attributes },
  };
}
