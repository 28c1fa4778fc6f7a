/** Which observations tell how well each scope is observed at their end, and since when; the others only tell what was before. */
import type { Change } from '../../model/change.ts';

/** A row: its number, and a change of type `observe` as JSON. */
export interface Observed {
  readonly no: number;
  readonly text: string;
}

/** Of one scope, by number. */
interface Standing {
  readonly coverage: string;
  /** The first and last that said so, and the one before, that said otherwise. */
  readonly first: number;
  readonly last: number;
  readonly before?: number | undefined;
  /** Began the gap that is not over yet. */
  readonly opened?: number | undefined;
}

/** Numbers of those, of all in order, without which coverage and the gaps that last are what they are with them. */
export function needlessObservations(observed: readonly Observed[]): readonly number[] {
  const scopes = new Map<string, Standing>();
  for (const { no, text } of observed) {
    const { cluster, scope, coverage } = JSON.parse(text) as Extract<Change, { type: 'observe' }>;
    const key = JSON.stringify([cluster, scope.group, scope.kind, scope.namespace ?? '']);
    const known = scopes.get(key);
    const isOver = coverage === 'ready' || coverage === 'absent';
    const opened = isOver ? undefined : (known?.opened ?? (coverage === 'broken' ? no : undefined));
    scopes.set(
      key,
      known?.coverage === coverage
        ? { ...known, last: no, opened }
        : { coverage, first: no, last: no, before: known?.last, opened },
    );
  }
  const needed = new Set<number | undefined>();
  for (const { first, last, before, opened } of scopes.values()) {
    needed.add(first).add(last).add(opened);
    // Between two that say the same, the one that said otherwise tells them apart.
    if (opened !== undefined && opened < first) needed.add(before);
  }
  return observed.filter(({ no }) => !needed.has(no)).map(({ no }) => no);
}
