/**
 * Events about an object, also when it was gone before they came, or was never observed. They are found by their names, which recorders of Events
 * make from that of the object (client-go tools/record: `web-1.17a2b3c4d5e6f708`), and where it was observed by their edges, whatever their names.
 */
import { pluralOf } from '../../lib/plural.ts';
import { groupOf, type KubeObject } from '../../model/change.ts';
import { canonicalKind, type GroupKind, kindKey } from '../../model/groups.ts';
import type { Existence, HistoryQueries, Position, Version, VersionPage, VersionQuery } from '../../model/history.ts';

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

/** Events whose names are looked at, the latest. */
const NAMED_MAX = 10_000;
/** Existences of one name, the latest. */
const EXISTENCES_MAX = 100;
const BATCH = 500;
const [BEGIN_OF_TIME, END_OF_TIME] = ['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'] as const;

/** A page of the Events about an object, as they came and as they changed; that they expired says nothing of it. */
export async function relatedEvents(
  history: HistoryQueries,
  object: ObjectNames,
  interval: Pick<VersionQuery, 'clusters' | 'from' | 'to'>,
  { order = 'oldest', after, limit }: VersionPage,
): Promise<VersionsPage> {
  const lived = await existencesOf(history, object, interval);
  const uids = new Set(lived.map(({ of }) => of.uid).filter((uid) => uid !== ''));
  const names = await namesOfEvents(history, object, interval, lived);
  const query: VersionQuery = { ...interval, ...events(object), names, verbs: ['create', 'update'] };
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

function events({ namespace }: ObjectNames): Pick<VersionQuery, 'kinds' | 'namespaces'> {
  return {
    kinds: [{ group: '', kind: 'Event' }],
    namespaces: namespace === '' ? NAMESPACES_OF_CLUSTER_SCOPED : [namespace],
  };
}

async function existencesOf(
  history: HistoryQueries,
  { kinds, namespace, name }: ObjectNames,
  { clusters }: Pick<VersionQuery, 'clusters'>,
): Promise<readonly Existence[]> {
  if (kinds.length === 0) return [];
  return history.existences({ clusters, kinds, namespaces: [namespace], names: [name] }, EXISTENCES_MAX);
}

async function namesOfEvents(
  history: HistoryQueries,
  object: ObjectNames,
  { clusters }: Pick<VersionQuery, 'clusters'>,
  lived: readonly Existence[],
): Promise<readonly string[]> {
  const named = await history.existences({ clusters, ...events(object), namePrefix: `${object.name}.` }, NAMED_MAX);
  const connected = { with: lived.map(({ number }) => number), from: BEGIN_OF_TIME, to: END_OF_TIME };
  const joined = await history.existences({ kinds: [{ group: '', kind: 'Event' }], connected }, NAMED_MAX);
  return [...new Set([...named, ...joined].map(({ of }) => of.name))];
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
