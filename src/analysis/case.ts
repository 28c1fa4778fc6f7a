/** An estate with the look-ups that analysis needs again and again, each made once. */
import type { KubeObject } from '../model/change.ts';
import type { Dangling } from '../model/edge.ts';
import { edgeInfo } from '../model/edges.ts';
import { kindKey } from '../model/groups.ts';
import { compareText } from '../model/order.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import type { Estate, Told } from './estate.ts';
import { Subjects } from './subjects.ts';

/** A Kubernetes Event in short. Times in milliseconds since 1970. */
export interface Notice {
  readonly id: ResourceId;
  readonly isWarning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly about: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly fieldPath: string;
  };
}

type Tree = Readonly<Record<string, unknown>>;

export class Case {
  readonly estate: Estate;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly begins: number;
  readonly #notices = new Map<string, Notice[]>();
  #byReason: Map<string, Notice[]> | undefined;
  readonly #told = new Map<ResourceId, Told[]>();
  readonly #dangling = new Map<ResourceId, Dangling[]>();
  readonly #wholes = new Map<ResourceId, Resource>();
  /** Everyone of whom something was told, known or not. */
  readonly spokenOf = new Map<ResourceId, Resource>();
  readonly subjects: Subjects;

  constructor(estate: Estate) {
    this.estate = estate;
    this.subjects = new Subjects(estate);
    this.now = milliseconds(estate.at);
    this.begins = milliseconds(estate.begins);
    for (const event of estate.view.resources({ group: '', kind: 'Event' })) this.#note(event);
    for (const list of this.#notices.values()) list.sort((a, b) => a.last - b.last);
    for (const told of estate.occurrences) this.#hear(told);
    for (const dangling of estate.view.dangling()) push(this.#dangling, dangling.from, dangling);
  }

  get view(): Estate['view'] {
    return this.estate.view;
  }

  object(id: ResourceId): KubeObject | undefined {
    return this.estate.object(id);
  }

  /** What Kubernetes said about a resource, the latest last; what was said of a predecessor of the same name is left out. */
  notices({ cluster, kind, namespace, name, uid }: Resource): readonly Notice[] {
    const byUid = uid === '' ? [] : (this.#notices.get(`${cluster} ${uid}`) ?? []);
    const byName = this.#notices.get(`${cluster} ${kind}/${namespace}/${name}`) ?? [];
    return byName.length === 0 ? byUid : [...byUid, ...byName].sort((a, b) => a.last - b.last);
  }

  /** What Kubernetes said for a reason, of whomever, also of those that are gone. */
  noticesFor(reason: string): readonly Notice[] {
    this.#byReason ??= Map.groupBy([...this.#notices.values()].flat(), (notice) => notice.reason);
    return this.#byReason.get(reason) ?? [];
  }

  /** What else happened to a resource: logs, alerts, probes; the earliest first. */
  told(id: ResourceId): readonly Told[] {
    return this.#told.get(id) ?? [];
  }

  /** References of a resource that are broken. */
  dangling(id: ResourceId): readonly Dangling[] {
    return this.#dangling.get(id) ?? [];
  }

  /** What a resource is a part of: the workload of a pod or ReplicaSet, the CronJob of a Job. Itself when of nothing that is known. */
  whole(resource: Resource): Resource {
    if (!PARTS.has(kindKey(resource))) return resource;
    const known = this.#wholes.get(resource.id);
    if (known) return known;
    let whole = resource;
    for (let steps = 0; steps < 5 && PARTS.has(kindKey(whole)); steps++) {
      const owner = this.owner(whole);
      if (owner === undefined || owner.namespace !== whole.namespace) break;
      whole = owner;
    }
    this.#wholes.set(resource.id, whole);
    return whole;
  }

  /** The resource that owns another, the controller where there are several. */
  owner(resource: Resource): Resource | undefined {
    const owners = this.#beside(resource.id, 'in', 'OWNS');
    const references = this.object(resource.id)?.metadata.ownerReferences ?? [];
    const controller = references.find((reference) => reference.controller)?.uid;
    return owners.find(({ uid }) => uid === controller) ?? owners[0];
  }

  /** Pods of a workload, or the pod itself. */
  pods(resource: Resource): readonly Resource[] {
    if (kindKey(resource) === '/Pod') return [resource];
    const pods: Resource[] = [];
    for (const part of this.#beside(resource.id, 'out', 'OWNS'))
      if (PARTS.has(kindKey(part))) pods.push(...this.pods(part));
    return pods;
  }

  /** A resource of that name, in the cluster and namespace of another. */
  named(
    beside: Resource,
    group: string,
    kind: string,
    name: string,
    namespace = beside.namespace,
  ): Resource | undefined {
    const { cluster } = beside;
    return (
      this.view.byName({ cluster, group, kind, namespace, name }) ??
      this.view.byName({ cluster, group, kind, namespace: '', name })
    );
  }

  /** Resources that an edge of a type leads to, or from which one comes. */
  targets(id: ResourceId, type: string): readonly Resource[] {
    return edgeInfo(type).computed
      ? Array.from(this.view.out(id, type), ({ to }) => this.view.get(to)).filter((one) => one !== undefined)
      : this.#beside(id, 'out', type);
  }

  sources(id: ResourceId, type: string): readonly Resource[] {
    return edgeInfo(type).computed
      ? Array.from(this.view.in(id, type), ({ from }) => this.view.get(from)).filter((one) => one !== undefined)
      : this.#beside(id, 'in', type);
  }

  /** The other ends of stored edges, without making the edges. */
  #beside(id: ResourceId, direction: 'in' | 'out', type: string): readonly Resource[] {
    const found: Resource[] = [];
    this.view.scan(
      id,
      direction,
      (_, other) => {
        found.push(other);
      },
      (one) => one === type,
    );
    return found;
  }

  #note(event: Resource): void {
    const object = this.object(event.id);
    if (object === undefined) return;
    const about = treeAt(object, 'involvedObject') ?? treeAt(object, 'regarding') ?? {};
    const series = treeAt(object, 'series');
    const last = firstTime(
      series?.['lastObservedTime'],
      object['lastTimestamp'],
      object['deprecatedLastTimestamp'],
      object['eventTime'],
      object.metadata.creationTimestamp,
    );
    const first = firstTime(
      object['firstTimestamp'],
      object['deprecatedFirstTimestamp'],
      object['eventTime'],
      object.metadata.creationTimestamp,
    );
    const notice: Notice = {
      id: event.id,
      isWarning: object['type'] === 'Warning',
      reason: text(object['reason']),
      message: text(object['message'] ?? object['note']).trim(),
      count: Number(series?.['count'] ?? object['count'] ?? object['deprecatedCount'] ?? 1),
      first: first || last,
      last: last || first,
      about: {
        kind: text(about['kind']),
        namespace: text(about['namespace']),
        name: text(about['name']),
        uid: text(about['uid']),
        fieldPath: text(about['fieldPath']),
      },
    };
    const { kind, namespace, name, uid } = notice.about;
    // Some components put the name of a node where its uid belongs.
    const key = uid === '' || uid === name ? `${kind}/${namespaceOf(kind, namespace)}/${name}` : uid;
    push(this.#notices, `${event.cluster} ${key}`, notice);
  }

  #hear(told: Told): void {
    const subject = this.subjects.of(told);
    this.spokenOf.set(subject.id, subject);
    push(this.#told, subject.id, told);
  }
}

const PARTS: ReadonlySet<string> = new Set(['/Pod', 'apps/ReplicaSet', '/ReplicationController', 'batch/Job']);

/** Events about what has no namespace lie in one all the same. */
function namespaceOf(kind: string, namespace: string): string {
  return kind === 'Node' || kind === 'PersistentVolume' ? '' : namespace;
}

/** Milliseconds since 1970; 0 for what is no time. */
export function milliseconds(time: unknown): number {
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

export function timeOf(ms: number): Time {
  return new Date(ms).toISOString();
}

function firstTime(...times: readonly unknown[]): number {
  return times.map(milliseconds).find((ms) => ms > 0) ?? 0;
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function treeAt(tree: unknown, key: string): Tree | undefined {
  const value = (tree as Tree | undefined)?.[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : undefined;
}

export function listAt(tree: unknown, key: string): readonly Tree[] {
  const value = (tree as Tree | undefined)?.[key];
  return Array.isArray(value)
    ? (value as readonly Tree[]).filter((one) => typeof one === 'object' && one !== null)
    : [];
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The worst and the title first: an order that does not depend on how things were listed. */
export function byTitle(a: Resource, b: Resource): number {
  return compareText(`${a.kind}/${a.namespace}/${a.name}`, `${b.kind}/${b.namespace}/${b.name}`);
}
