/**
 * Taking up where the last process ended: what it knew is in the graph before anything is observed, and what is not found again is gone. The same
 * as after a broken watch: a gap, and then the difference.
 */
import { type Change, groupOf, type ObjectRef, objectRef } from '../model/change.ts';
import { canonicalKind, kindKey } from '../model/groups.ts';
import type { Resource } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import type { View } from '../model/view.ts';

/** Says of every scope that was followed that nobody has looked since `at`, the last sign of life. */
export function interrupted(view: View, at: Time, message = 'kube-kg was not running'): readonly Change[] {
  return view
    .coverage()
    .filter(({ coverage, kind }) => coverage === 'ready' && kind !== '*')
    .map(({ cluster, group, kind, namespace }) => ({
      type: 'observe',
      at,
      cluster,
      scope: { group, kind, ...(namespace !== '' && { namespace }) },
      coverage: 'broken',
      message,
    }));
}

/** What a source says, and that gone is what the view knew of its clusters before and it does not find. */
export async function* recalling(
  changes: AsyncIterable<readonly Change[]>,
  view: View,
): AsyncIterableIterator<readonly Change[]> {
  const clusters = new Map<string, Remembered>();
  const remembered = (cluster: string): Remembered => {
    const known = clusters.get(cluster) ?? new Remembered(cluster, view);
    clusters.set(cluster, known);
    return known;
  };
  for await (const batch of changes) yield batch.flatMap((change) => remembered(change.cluster).before(change));
}

/** Resources of one cluster that have not been seen again. */
class Remembered {
  readonly #cluster: string;
  /** By kind, then by uid. */
  readonly #kinds = new Map<string, Map<string, Resource>>();
  /** Kinds, and kinds of single namespaces, whose first list is under way. */
  readonly #loading = new Set<string>();
  /** Kinds of single namespaces that the source has spoken of. */
  readonly #places = new Set<string>();
  /** Kinds that are left out of the cluster as a whole; single namespaces of them may be followed all the same. */
  readonly #excluded = new Set<string>();
  /** Kinds that the source has spoken of, and groups whose kinds it cannot tell. */
  readonly #mentioned = new Set<string>();
  #discovered = false;

  constructor(cluster: string, view: View) {
    this.#cluster = cluster;
    for (const resource of view.resources({ cluster })) {
      if (resource.pseudo || resource.uid === '') continue;
      const key = kindKey(resource);
      const kind = this.#kinds.get(key) ?? new Map<string, Resource>();
      this.#kinds.set(key, kind.set(resource.uid, resource));
    }
  }

  /** The change, and before it what follows from it for those that were not seen again. */
  before(change: Change): Change | readonly Change[] {
    if (this.#kinds.size === 0) return change;
    if (change.type === 'apply' || change.type === 'delete') this.#seen(change.object);
    return change.type === 'observe' ? [...this.#observed(change), change] : change;
  }

  #seen({ apiVersion, kind, metadata }: ObjectRef): void {
    const key = kindKey(canonicalKind(groupOf(apiVersion), kind));
    const known = this.#kinds.get(key);
    if (known?.delete(metadata?.uid ?? '') && known.size === 0) this.#kinds.delete(key);
  }

  *#observed({ at, scope, coverage }: Extract<Change, { type: 'observe' }>): Iterable<Change> {
    const key = kindKey(canonicalKind(scope.group, scope.kind));
    if (scope.kind === '*') {
      if (scope.group === '*') this.#discovered ||= coverage === 'ready';
      else if (coverage === 'broken') this.#mentioned.add(scope.group);
      return;
    }
    const place = placeOf(key, scope.namespace);
    this.#mentioned.add(key);
    if (scope.namespace !== undefined) this.#places.add(place);
    if (coverage === 'loading') this.#loading.add(place);
    else this.#loading.delete(place);
    if (coverage === 'excluded') this.#excluded.add(key);
    const isIn = ({ namespace }: Resource): boolean => scope.namespace === undefined || namespace === scope.namespace;
    if (coverage === 'ready' || coverage === 'absent') yield* this.#gone(key, isIn, at);
    if (!this.#discovered || this.#loading.size > 0) return;
    for (const each of this.#excluded)
      yield* this.#gone(each, ({ namespace }) => !this.#places.has(placeOf(each, namespace)), at);
    this.#excluded.clear();
    for (const [other, kind] of this.#kinds) {
      const [first] = kind.values();
      if (first === undefined || this.#mentioned.has(other) || this.#mentioned.has(first.group)) continue;
      yield* this.#gone(other, () => true, at);
      yield {
        type: 'observe',
        at,
        cluster: this.#cluster,
        scope: { group: first.group, kind: first.kind },
        coverage: 'absent',
      };
    }
  }

  *#gone(key: string, isIn: (resource: Resource) => boolean, at: Time): Iterable<Change> {
    const kind = this.#kinds.get(key);
    if (kind === undefined) return;
    for (const [uid, resource] of kind) {
      if (!isIn(resource)) continue;
      kind.delete(uid);
      yield { type: 'delete', at, cluster: this.#cluster, object: objectRef(resource) };
    }
    if (kind.size === 0) this.#kinds.delete(key);
  }
}

function placeOf(key: string, namespace = ''): string {
  return `${key} ${namespace}`;
}
