/**
 * Observations → intervals in which somebody did not look, found by what and when. The same reading of `observe` changes as the graph's coverage ledger
 * has.
 */
import type { Change } from '../../model/change.ts';
import { compareTime, microseconds, type Time } from '../../model/time.ts';
import type { Gap } from '../../model/view.ts';

type Observation = Extract<Change, { type: 'observe' }>;
/** What somebody looks at, or does not; `*` stands for every group or kind, no namespace for all. */
type Scope = Pick<Gap, 'cluster' | 'group' | 'kind' | 'namespace'>;

/** A gap with its ends in microseconds since 1970. */
interface Placed {
  readonly gap: Gap;
  readonly from: number;
  readonly to: number;
}

export class Gaps {
  /** The earliest first; those that last have no end. */
  readonly all: readonly Gap[];
  /** What was followed in the end. */
  readonly followed: readonly Scope[];
  /** When nothing was being listed any more for the first time; undefined when that is not told. */
  readonly listed: Time | undefined;
  /** Those of a scope follow one another, and are found by halving. */
  readonly #byScope = new Map<string, Placed[]>();

  /** Of changes of type `observe`, as JSON and in order. */
  constructor(observations: readonly string[]) {
    const [open, ready, listing] = [new Map<string, Gap>(), new Map<string, Scope>(), new Set<string>()];
    const gaps: Gap[] = [];
    let listed: Time | undefined;
    for (const text of observations) {
      const { at, cluster, scope, coverage, since: from = at, resumed } = JSON.parse(text) as Observation;
      const of = { cluster, group: scope.group, kind: scope.kind, namespace: scope.namespace ?? '' };
      const key = keyOf(of);
      const gap = open.get(key);
      if (coverage === 'broken') {
        if (gap === undefined) open.set(key, { ...of, from });
      } else if (gap && (coverage === 'ready' || coverage === 'absent')) {
        open.delete(key);
        if (!resumed) gaps.push({ ...gap, to: at });
      }
      if (coverage === 'ready') ready.set(key, of);
      else ready.delete(key);
      if (coverage === 'loading') listing.add(key);
      else if (listing.delete(key) && listing.size === 0) listed ??= at;
    }
    this.all = [...gaps, ...open.values()].sort((a, b) => compareTime(a.from, b.from));
    this.followed = [...ready.values()].filter(({ kind }) => kind !== '*');
    this.listed = listed;
    for (const gap of this.all) {
      const placed = { gap, from: microseconds(gap.from), to: gap.to === undefined ? Infinity : microseconds(gap.to) };
      const key = keyOf(gap);
      const known = this.#byScope.get(key);
      if (known) known.push(placed);
      else this.#byScope.set(key, [placed]);
    }
  }

  /** The gap in which something was observed, the one that began first; undefined when somebody looked. `at`: microseconds since 1970. */
  around({ cluster, group, kind, namespace }: Scope, at: number): Gap | undefined {
    let first: Placed | undefined;
    for (const ofGroup of [group, '*'])
      for (const ofKind of [kind, '*'])
        for (const within of namespace === '' ? [''] : ['', namespace]) {
          const placed = this.#byScope.get(keyOf({ cluster, group: ofGroup, kind: ofKind, namespace: within })) ?? [];
          const last = placed[countUntil(placed, at) - 1];
          if (last && at <= last.to && (first === undefined || last.from < first.from)) first = last;
        }
    return first?.gap;
  }
}

/** Whether a gap is one of what a resource belongs to. */
export function covers(gap: Scope, { cluster, group, kind, namespace }: Scope): boolean {
  const isOr = (scope: string, name: string): boolean => scope === '*' || scope === name;
  return (
    gap.cluster === cluster &&
    isOr(gap.group, group) &&
    isOr(gap.kind, kind) &&
    (gap.namespace === '' || gap.namespace === namespace)
  );
}

function keyOf({ cluster, group, kind, namespace }: Scope): string {
  return JSON.stringify([cluster, group, kind, namespace]);
}

/** How many began at or before an instant. */
function countUntil(placed: readonly Placed[], at: number): number {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle] as Placed).from <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
