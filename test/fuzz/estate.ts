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

/** Pseudo resources that are there in their own right. */
const OWN: ReadonlySet<string> = new Set(['Occurrence', 'Incident']);

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
    for (const change of changes) {
      this.#one(change);
      this.#letGo();
    }
  }

  /** Of each cluster's occurrences the longest unseen go. */
  #letGo(): void {
    const window = this.known.filter(({ description }) => description.seenAt !== undefined);
    for (const ofCluster of Map.groupBy(window, ({ description }) => description.resource.cluster).values()) {
      const late = ofCluster.toSorted(
        ({ description: a }, { description: b }) =>
          compareTime(a.seenAt ?? '', b.seenAt ?? '') || (a.resource.id < b.resource.id ? -1 : 1),
      );
      const gone = new Set(late.slice(0, Math.max(0, late.length - this.#windowMax)));
      this.known = this.known.filter((each) => !gone.has(each));
    }
  }

  #one(change: Change): void {
    const { cluster } = change;
    if (change.type === 'apply') this.#put(cluster, change.object);
    else if (change.type === 'occur')
      this.#add(cluster, undefined, this.#describer.occurrence(cluster, change.at, change.occurrence));
    else if (change.type === 'relate') throw new Error('conclusions are no part of these lives');
    else if (change.type === 'observe') this.#cover(cluster, change.scope, change.coverage);
    else if (change.type === 'delete') {
      const { apiVersion, kind, metadata } = change.object;
      const gone = this.#meant(cluster, this.#describer.groupKind(apiVersion, kind), metadata, '');
      this.#keep(({ id }) => id !== gone);
    } else {
      const { group, kind } = this.#describer.groupKind(`${change.scope.group}/`, change.scope.kind);
      const { namespace = '' } = change.scope;
      const listed = change.objects.map(
        (object) => this.#put(cluster, object) ?? this.#meant(cluster, { group, kind }, object.metadata, namespace),
      );
      this.#keep(
        (its) =>
          listed.includes(its.id) ||
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

  /** Id of the known resource that metadata mean: the one of the uid, else the one of the name unless it has another uid. */
  #meant(
    cluster: string,
    named: { readonly group: string; readonly kind: string },
    { uid = '', name, namespace = '' }: Partial<KubeObject['metadata']>,
    elsewhere: string,
  ): string | undefined {
    const resources = this.known.map(({ description }) => description.resource);
    const byUid = resources.find(({ id }) => uid !== '' && id === `${cluster}/${uid}`);
    if (byUid || name === undefined) return byUid?.id;
    const names = { cluster, group: named.group, kind: named.kind, namespace: namespace || elsewhere, name };
    const bearer =
      resources.find((its) => sameNames(its, { ...names, pseudo: false })) ??
      resources.find((its) => OWN.has(its.kind) && sameNames(its, { ...names, pseudo: true }));
    return uid !== '' && bearer?.uid !== '' ? undefined : bearer?.id;
  }

  #put(cluster: string, object: KubeObject): string | undefined {
    const description = this.#describer.object(cluster, object);
    return 'reason' in description ? undefined : this.#add(cluster, object, description);
  }

  /** What comes without a uid keeps the one of the known bearer of its name. */
  #add(cluster: string, object: KubeObject | undefined, described: Description): string {
    const bearer = this.known.find(({ description }) => sameNames(description.resource, described.resource));
    const { id, uid } = (described.resource.uid === '' && bearer?.description.resource) || described.resource;
    const resource = { ...described.resource, id, uid };
    this.#keep((its) => its.id !== id && !sameNames(its, resource));
    this.known = [...this.known, { cluster, object, description: { ...described, resource } }];
    return id;
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
