/**
 * Clusters whose API server is out of reach, as their source says in the coverage of the scope `*` / `*`: what is known of them stays, and is as
 * old as the outage.
 */
import type { Time } from '../../model/time.ts';
import type { ScopeCoverage, View } from '../../model/view.ts';

export interface Outage {
  readonly cluster: string;
  /** When it was noticed. */
  readonly since: Time;
  /** It was within reach before, so that something is known of it. */
  readonly known: boolean;
  /** Why, for people. */
  readonly message?: string;
}

/** The clusters that are out of reach now, by name. */
export function outagesOf(view: Pick<View, 'coverage'>): ReadonlyMap<string, Outage> {
  const outages = new Map<string, Outage>();
  for (const { cluster, group, kind, coverage, since, message } of view.coverage()) {
    if (group !== '*' || kind !== '*' || coverage === 'ready') continue;
    outages.set(cluster, { cluster, since, known: coverage === 'broken', ...(message !== undefined && { message }) });
  }
  return outages;
}

/**
 * What is being listed for the first time and may soon be complete. Not a kind of which is known why it cannot be listed, for that may last for
 * good, unless its whole cluster is out of reach: then that is why.
 */
export function awaitedOf(view: Pick<View, 'coverage'>): readonly ScopeCoverage[] {
  const outages = outagesOf(view);
  return view
    .coverage()
    .filter(
      ({ cluster, kind, coverage, message }) =>
        coverage === 'loading' && (message === undefined || kind === '*' || outages.has(cluster)),
    );
}

/** `cluster prod cannot be reached since 2026-11-20T10:00:00Z, what is known of it is as of then: https://…: connect ECONNREFUSED` */
export function outageText({ cluster, since, known, message }: Outage): string {
  const state = known
    ? `cannot be reached since ${since}, what is known of it is as of then`
    : `could not be reached yet, nothing is known of it (tried since ${since})`;
  return `cluster ${cluster} ${state}${message === undefined ? '' : `: ${message}`}`;
}
