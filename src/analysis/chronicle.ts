/**
 * An Estate that is collected commit by commit, for what is read as a whole: a recording. It holds every version: what is followed for days has a history.
 */
import { groupOf, type KubeObject } from '../model/change.ts';
import type { Commit } from '../model/commit.ts';
import { canonicalKind, isEvent } from '../model/groups.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';
import type { View } from '../model/view.ts';
import type { Deletion, Estate, Told, Version } from './estate.ts';

export class Chronicle {
  readonly #versions = new Map<ResourceId, Version[]>();
  readonly #deletions: Deletion[] = [];
  /** By their place, or by their id where they are counts that are told again as they rise: what was told before is in them. */
  readonly #occurrences = new Map<string | number, Told>();
  #unnamed = 0;
  #toldLast: Time | undefined;
  #isInOrder = true;
  #begins: Time | undefined;

  /** Takes note of a commit; `view` is the graph after it, before the next. */
  take({ at, changes, diff }: Commit, view: View): void {
    this.#begins ??= at === '' ? undefined : at;
    for (const resource of diff.resources.removed) this.#end(at, resource);
    for (const change of changes) {
      if (change.type === 'occur') this.#hear(change);
      const objects = change.type === 'apply' ? [change.object] : change.type === 'reset' ? change.objects : [];
      for (const object of objects) this.#see(change.at, change.cluster, object, view);
    }
  }

  /** What is known now. */
  estate(view: View): Estate {
    const begins = this.#begins ?? '';
    return {
      at: view.at ?? begins,
      begins,
      view,
      object: (id) => this.#versions.get(id)?.at(-1)?.object,
      versions: (id) => this.#versions.get(id) ?? [],
      deletions: this.#deletions,
      occurrences: this.#told(),
    };
  }

  #hear({ at: observed, cluster, occurrence }: Told): void {
    const { id, source, attributes, occurredAt: at = observed } = occurrence;
    const isCount = id !== undefined && attributes?.['count'] !== undefined;
    const key = !isCount ? this.#unnamed++ : `${cluster} ${source}:${id}`;
    this.#occurrences.delete(key);
    this.#occurrences.set(key, { at, cluster, occurrence });
    if (this.#toldLast !== undefined && compareTime(this.#toldLast, at) > 0) this.#isInOrder = false;
    this.#toldLast = at;
  }

  #told(): readonly Told[] {
    const told = [...this.#occurrences.values()];
    return this.#isInOrder ? told : told.sort((a, b) => compareTime(a.at, b.at));
  }

  #see(at: Time, cluster: string, object: KubeObject, view: View): void {
    const id = known(view, cluster, object);
    if (id === undefined) return;
    const versions = this.#versions.get(id);
    if (versions === undefined) this.#versions.set(id, [{ at, object }]);
    else if (isEvent({ group: '', kind: object.kind })) versions[0] = { at, object };
    else versions.push({ at, object });
  }

  #end(at: Time, resource: Resource): void {
    const object = this.#versions.get(resource.id)?.at(-1)?.object;
    this.#versions.delete(resource.id);
    if (!resource.pseudo && !isEvent(resource)) this.#deletions.push({ at, resource, object });
  }
}

function known(view: View, cluster: string, object: KubeObject): ResourceId | undefined {
  const { uid, namespace = '', name } = object?.metadata ?? {};
  if (typeof uid === 'string' && uid !== '') return view.get(`${cluster}/${uid}`)?.id;
  if (typeof object?.apiVersion !== 'string' || typeof object.kind !== 'string' || typeof name !== 'string')
    return undefined;
  const kind = canonicalKind(groupOf(object.apiVersion), object.kind);
  return (view.byName({ cluster, ...kind, namespace, name }) ?? view.byName({ cluster, ...kind, namespace: '', name }))
    ?.id;
}
