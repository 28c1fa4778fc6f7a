/**
 * How well each kind is observed, and the intervals in which it was not. Fed by `observe` changes. Bounded by what is observed: of what is past
 * (gaps, kinds and namespaces that are not served any more) only the latest are kept.
 */
import type { Change, Coverage } from '../model/change.ts';
import type { Gap, ScopeCoverage } from '../model/view.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';

const GAPS_MAX = 10_000;
const ABSENT_MAX = 1_000;

export class CoverageLedger {
  readonly #scopes = new Map<string, ScopeCoverage>();
  /** Keys of what is absent, the longest absent first. */
  readonly #absent = new Set<string>();
  readonly #open = new Map<string, Gap>();
  readonly #gaps: Gap[] = [];

  observe({
    at,
    cluster,
    scope,
    coverage,
    message,
    since: from = at,
    resumed,
  }: Extract<Change, { type: 'observe' }>): void {
    const { group, kind, namespace = '' } = scope;
    const key = keyOf(cluster, group, kind, namespace);
    const known = this.#scopes.get(key);
    if (coverage === 'broken') {
      if (!this.#open.has(key)) this.#open.set(key, { cluster, group, kind, namespace, from });
    } else if (coverage === 'ready' || coverage === 'absent') {
      if (resumed) this.#open.delete(key);
      else this.#close(key, at);
    }
    const since = known?.coverage === coverage ? known.since : at;
    this.#scopes.set(key, {
      cluster,
      group,
      kind,
      namespace,
      coverage,
      since,
      ...(message !== undefined && { message }),
    });
    this.#absent.delete(key);
    if (coverage === 'absent') this.#absent.add(key);
    const [longest] = this.#absent;
    if (longest === undefined || this.#absent.size <= ABSENT_MAX) return;
    this.#absent.delete(longest);
    this.#scopes.delete(longest);
  }

  #close(key: string, to: string): void {
    const gap = this.#open.get(key);
    if (gap === undefined) return;
    this.#open.delete(key);
    this.#gaps.push({ ...gap, to });
    if (this.#gaps.length > GAPS_MAX) this.#gaps.shift();
  }

  scopes(): readonly ScopeCoverage[] {
    return [...this.#scopes.values()];
  }

  gaps(): readonly Gap[] {
    return [...this.#gaps, ...this.#open.values()];
  }

  write(frame: FrameWriter): void {
    const entries = [this.#scopes, this.#open].map((map) => [...map]);
    frame.table(
      1,
      Int32Array.from([...entries, [...this.#absent], this.#gaps], (each) => frame.value(each)),
    );
  }

  read(frame: FrameReader): void {
    const [scopes = 0, open = 0, absent = 0, gaps = 0] = frame.table(1);
    for (const [key, scope] of frame.value<[string, ScopeCoverage][]>(scopes)) this.#scopes.set(key, scope);
    for (const [key, gap] of frame.value<[string, Gap][]>(open)) this.#open.set(key, gap);
    for (const key of frame.value<string[]>(absent)) this.#absent.add(key);
    for (const gap of frame.value<Gap[]>(gaps)) this.#gaps.push(gap);
  }

  /**
   * Whether a missing object of this kind proves anything: false while the kind is loading, forbidden or left out, and where its group (`*`) has
   * been down ever since, so that nobody knows its kinds.
   */
  knows(cluster: string, group: string, kind: string, namespace: string): boolean {
    const coverageOf = (of: string, within: string): Coverage | undefined =>
      this.#scopes.get(keyOf(cluster, group, of, within))?.coverage;
    const coverage = coverageOf(kind, namespace) ?? coverageOf(kind, '');
    if (coverage === undefined) return coverageOf('*', '') !== 'broken';
    return coverage === 'ready' || coverage === 'broken' || coverage === 'absent';
  }
}

function keyOf(cluster: string, group: string, kind: string, namespace: string): string {
  return `${cluster}|${group}|${kind}|${namespace}`;
}
