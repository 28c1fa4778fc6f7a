/** A naive estate: what is there after a history of changes, kept in one list. The other half of the oracle; knows nothing of src/graph/. */
import type { Change, Coverage, KubeObject } from '../../src/model/change.ts';
import type { Describer, Description } from '../../src/model/describe.ts';
import type { Resource } from '../../src/model/resource.ts';
import { compareTime } from '../../src/model/time.ts';
import type { Knows } from './oracle.ts';

export interface Known {
  readonly cluster: string;
  /** Undefined for occurrences. */
  readonly object: KubeObject | undefined;
  readonly description: Description;
}

type Names = Pick<Resource, 'cluster' | 'group' | 'kind' | 'namespace' | 'name' | 'pseudo'>;

const sameNames = (a: Names, b: Names): boolean =>
  (['cluster', 'group', 'kind', 'namespace', 'name', 'pseudo'] as const).every((field) => a[field] === b[field]);

export class Estate {
  readonly #describer: Describer;
  readonly #windowMax: number;
  readonly #coverage = new Map<string, Coverage>();
  known: readonly Known[] = [];

  constructor(describer: Describer, windowMax: number) {
    this.#describer = describer;
    this.#windowMax = windowMax;
  }

  take(changes: readonly Change[]): void {
    for (const change of changes) this.#one(change);
    const window = this.known.filter(({ description }) => description.seenAt !== undefined);
    const late = window.toSorted(
      ({ description: a }, { description: b }) =>
        compareTime(a.seenAt ?? '', b.seenAt ?? '') || (a.resource.id < b.resource.id ? -1 : 1),
    );
    const gone = new Set(late.slice(0, Math.max(0, late.length - this.#windowMax)));
    this.known = this.known.filter((each) => !gone.has(each));
  }

  #one(change: Change): void {
    const { cluster } = change;
    if (change.type === 'apply') this.#put(cluster, change.object);
    else if (change.type === 'occur')
      this.#add(cluster, undefined, this.#describer.occurrence(cluster, change.at, change.occurrence));
    else if (change.type === 'observe') this.#cover(cluster, change.scope, change.coverage);
    else if (change.type === 'delete') {
      const { apiVersion, kind: kindName, metadata } = change.object;
      const { name, namespace = '', uid } = metadata;
      const named = { cluster, ...this.#describer.groupKind(apiVersion, kindName), namespace, name, pseudo: false };
      const byUid =
        uid !== undefined && this.known.some(({ description: { resource } }) => resource.id === `${cluster}/${uid}`);
      this.#keep(({ id, uid: its, ...resource }) =>
        byUid ? id !== `${cluster}/${uid}` : !sameNames(resource, named) || (uid !== undefined && its !== ''),
      );
    } else {
      const { group, kind } = this.#describer.groupKind(`${change.scope.group}/`, change.scope.kind);
      const listed = new Set(change.objects.map((object) => this.#put(cluster, object)));
      this.#keep(
        (its) =>
          listed.has(its.id) ||
          its.pseudo ||
          its.cluster !== cluster ||
          its.group !== group ||
          its.kind !== kind ||
          (change.scope.namespace ?? its.namespace) !== its.namespace,
      );
      this.#cover(cluster, change.scope, 'ready');
    }
  }

  #keep(wanted: (resource: Resource) => boolean): void {
    this.known = this.known.filter(({ description }) => wanted(description.resource));
  }

  #put(cluster: string, object: KubeObject): string | undefined {
    const description = this.#describer.object(cluster, object);
    if ('reason' in description) return undefined;
    this.#add(cluster, object, description);
    return description.resource.id;
  }

  #add(cluster: string, object: KubeObject | undefined, description: Description): void {
    const { resource } = description;
    this.#keep((its) => its.id !== resource.id && !sameNames(its, resource));
    this.known = [...this.known, { cluster, object, description }];
  }

  #cover(
    cluster: string,
    { group, kind, namespace = '' }: { group: string; kind: string; namespace?: string },
    coverage: Coverage,
  ): void {
    this.#coverage.set([cluster, group, kind, namespace].join('|'), coverage);
  }

  readonly knows: Knows = (cluster, group, kind, namespace) => {
    const of = (where: string): Coverage | undefined => this.#coverage.get([cluster, group, kind, where].join('|'));
    return !['loading', 'forbidden', 'excluded'].includes(of(namespace) ?? of('') ?? 'ready');
  };
}
