/**
 * Events about an object, found by what they say of it: also when the object was gone before they came, or was never observed. No index leads
 * from an object to those, so the Events of its namespace are read, a bounded number for each question.
 */
import { groupOf, type KubeObject } from '../../model/change.ts';
import { canonicalKind, type GroupKind, kindKey } from '../../model/groups.ts';
import type { HistoryQueries, Position, Version, VersionPage, VersionQuery } from '../../model/history.ts';
import { pluralOf } from '../../operations/shared/kind-names.ts';

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

const BATCH = 1_000;
/** Events that one question reads. */
const READ_MAX = 10_000;

/** Most existences of one name whose uids are looked for. */
const EXISTENCES_MAX = 1_000;

/** A page of the Events about an object, as they came and as they changed; that they expired says nothing of it. */
export async function relatedEvents(
  history: HistoryQueries,
  object: ObjectNames,
  interval: Pick<VersionQuery, 'clusters' | 'from' | 'to'>,
  { order, after, limit }: VersionPage,
): Promise<VersionsPage> {
  const { kinds, namespace, name } = object;
  const { clusters } = interval;
  const named = { clusters, kinds, namespaces: [namespace], names: [name] };
  const lived = kinds.length === 0 ? [] : await history.existences(named, EXISTENCES_MAX);
  const uids = new Set(lived.map(({ of }) => of.uid).filter((uid) => uid !== ''));
  const query: VersionQuery = {
    ...interval,
    kinds: [{ group: '', kind: 'Event' }],
    namespaces: namespace === '' ? NAMESPACES_OF_CLUSTER_SCOPED : [namespace],
    verbs: ['create', 'update'],
  };
  const versions: Version[] = [];
  let last = after;
  for (let read = 0; read < READ_MAX; read += BATCH) {
    const batch = await history.versions(query, { ...(order && { order }), after: last, limit: BATCH });
    for (const version of batch) {
      if (isAbout(version.object, object, uids)) {
        if (versions.length === limit) return { versions, ...(last && { next: last }) };
        versions.push(version);
      }
      last = version.position;
    }
    if (batch.length < BATCH) return { versions };
  }
  return { versions, ...(last && { next: last }) };
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
