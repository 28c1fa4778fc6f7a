/** Observations → intervals in which somebody did not look. The same reading of `observe` changes as the graph's coverage ledger has. */
import type { Change } from '../../model/change.ts';
import { compareTime } from '../../model/time.ts';
import type { Gap } from '../../model/view.ts';

type Observation = Extract<Change, { type: 'observe' }>;

/** The gaps that changes of type `observe`, as JSON and in order, tell of; those that last have no end. */
export function gapsFrom(observations: readonly string[]): readonly Gap[] {
  const open = new Map<string, Gap>();
  const gaps: Gap[] = [];
  for (const text of observations) {
    const { at, cluster, scope, coverage, since: from = at, resumed } = JSON.parse(text) as Observation;
    const { group, kind, namespace = '' } = scope;
    const key = JSON.stringify([cluster, group, kind, namespace]);
    const gap = open.get(key);
    if (coverage === 'broken') {
      if (gap === undefined) open.set(key, { cluster, group, kind, namespace, from });
    } else if (gap && (coverage === 'ready' || coverage === 'absent')) {
      open.delete(key);
      if (!resumed) gaps.push({ ...gap, to: at });
    }
  }
  return [...gaps, ...open.values()].sort((a, b) => compareTime(a.from, b.from));
}
