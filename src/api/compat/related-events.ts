/** Events about an object, also when it was gone before they came, or was never observed: by what they say themselves. */
import { pluralOf } from '../../lib/plural.ts';
import { groupOf, type KubeObject } from '../../model/change.ts';
import { canonicalKind, type GroupKind, kindKey } from '../../model/groups.ts';
import type { HistoryQueries, Position, Version, VersionPage, VersionQuery } from '../../model/history.ts';

/** An object by its names. */
export interface ObjectNames {
  /** Of whichever it is. */
  readonly kinds: readonly GroupKind[];
  /** The word that means those kinds; where it means none that is known, Events may know it. */
  readonly type: string;
  /** `` for what is cluster-scoped. */
  readonly namespace: string;
  readonly name: string;
}

export interface VersionsPage {
  readonly versions: readonly Version[];
  /** After which more may follow. */
  readonly next?: Position;
}

/** Where the API server lets Events about cluster-scoped objects be (core/v1 validation of `involvedObject.namespace`). */
const NAMESPACES_OF_CLUSTER_SCOPED = ['default', 'kube-system'];

/** Existences of one name, the latest. */
const EXISTENCES_MAX = 100;
const BATCH = 500;

/** A page of the Events about an object, as they came and as they changed; that they expired says nothing of it. */
export async function relatedEvents(
  history: HistoryQueries,
  object: ObjectNames,
  interval: Pick<VersionQuery, 'clusters' | 'from' | 'to'>,
  { order = 'oldest', after, limit }: VersionPage,
): Promise<VersionsPage> {
  const uids = await uidsOf(history, object, interval);
  const query: VersionQuery = {
    ...interval,
    kinds: [{ group: '', kind: 'Event' }],
    namespaces: object.namespace === '' ? NAMESPACES_OF_CLUSTER_SCOPED : [object.namespace],
    about: { names: [object.name] },
    verbs: ['create', 'update'],
  };
  const versions: Version[] = [];
  let last = after;
  for (;;) {
    const batch = await history.versions(query, { order, after: last, limit: BATCH });
    for (const version of batch) {
      if (isAbout(version.object, object, uids)) {
        if (versions.length === limit) return { versions, ...(last && { next: last }) };
        versions.push(version);
      }
      last = version.position;
    }
    if (batch.length < BATCH) return { versions };
  }
}

async function uidsOf(
  history: HistoryQueries,
  { kinds, namespace, name }: ObjectNames,
  { clusters }: Pick<VersionQuery, 'clusters'>,
): Promise<ReadonlySet<string>> {
  if (kinds.length === 0) return new Set();
  const lived = await history.existences({ clusters, kinds, namespaces: [namespace], names: [name] }, EXISTENCES_MAX);
  return new Set(lived.map(({ of }) => of.uid).filter((uid) => uid !== ''));
}

/** By uid, or by kind and names. An Event through events.k8s.io says `regarding`. */
function isAbout(event: KubeObject, { kinds, type, namespace, name }: ObjectNames, uids: ReadonlySet<string>): boolean {
  const about = (event['involvedObject'] ?? event['regarding']) as Readonly<Record<string, unknown>> | undefined;
  if (typeof about !== 'object' || about === null) return false;
  if (typeof about['uid'] === 'string' && uids.has(about['uid'])) return true;
  if (about['name'] !== name || (namespace !== '' && (about['namespace'] ?? namespace) !== namespace)) return false;
  const { apiVersion, kind } = about;
  if (typeof kind !== 'string') return false;
  if (kinds.length === 0) return [kind.toLowerCase(), pluralOf(kind)].includes(type.toLowerCase());
  if (typeof apiVersion !== 'string' || apiVersion === '') return kinds.some((each) => each.kind === kind);
  const key = kindKey(canonicalKind(groupOf(apiVersion), kind));
  return kinds.some((each) => kindKey(each) === key);
}
