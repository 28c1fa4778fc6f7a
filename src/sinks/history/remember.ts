/** Commit → entries: what of it is worth remembering. Pure; call it before the next commit is made. */
import type { Change } from '../../model/change.ts';
import type { Commit } from '../../model/commit.ts';
import type { Describer } from '../../model/describe.ts';
import { isConcluded } from '../../model/edge.ts';
import type { Resource } from '../../model/resource.ts';
import { microseconds, type Time } from '../../model/time.ts';
import type { View } from '../../model/view.ts';
import type { Entry, Named } from './entries.ts';
import { textOf } from './noise.ts';

/** The entries of a commit whose changes were all observed at one time. `view` is the graph after it. */
export function entriesOf({ at, changes, diff, rejected }: Commit, view: View, describer: Describer): readonly Entry[] {
  const { resources, edges } = diff;
  const entries = new Entries(at);
  for (const { id } of resources.removed) entries.add({ type: 'end', id });
  for (const resource of resources.added) if (resource.pseudo) entries.add({ type: 'begin', of: namesOf(resource) });
  const known = resourcesIn(view, describer, rejected.length > 0);
  for (const change of changes) addChange(entries, change, known);
  const present = (id: string): boolean => view.get(id) !== undefined;
  for (const { type, from, to, detail } of edges.removed)
    if (present(from) && present(to) && !isConcluded(detail)) entries.add({ type: 'unlink', edge: type, from, to });
  for (const { type, from, to, detail } of edges.added)
    if (!isConcluded(detail)) entries.add({ type: 'link', edge: type, from, to });
  return entries.list;
}

/** Collects entries; the first of all is a moment, and a second version of one resource begins another. */
class Entries {
  readonly list: Entry[] = [];
  readonly #moment: Entry;
  #seen = new Set<string>();

  constructor(at: Time) {
    this.#moment = { type: 'moment', at: microseconds(at) };
  }

  add(entry: Entry): void {
    if (this.list.length === 0 || (entry.type === 'version' && this.#seen.has(entry.of.id))) {
      this.list.push(this.#moment);
      this.#seen = new Set();
    }
    if (entry.type === 'version') this.#seen.add(entry.of.id);
    this.list.push(entry);
  }
}

/** The resource that an object or occurrence has become; undefined when it was rejected, or is gone again. */
type Known = (change: Extract<Change, { type: 'apply' | 'occur' }>) => Resource | undefined;

/** Only where something was rejected must each object be described again to tell which. */
function resourcesIn(view: View, describer: Describer, someRejected: boolean): Known {
  return (change) => {
    if (change.type === 'occur')
      return view.get(describer.occurrence(change.cluster, change.at, change.occurrence).resource.id);
    const { cluster, object } = change;
    const uid = object?.metadata?.uid;
    const hasUid = typeof uid === 'string' && uid !== '';
    if (hasUid && !someRejected) return view.get([cluster, uid].join('/'));
    const described = describer.object(cluster, object);
    if ('reason' in described) return undefined;
    return hasUid ? view.get(described.resource.id) : view.byName(described.resource);
  };
}

function addChange(entries: Entries, change: Change, known: Known): void {
  switch (change.type) {
    case 'apply': {
      const resource = known(change);
      if (resource) entries.add(versionOf(resource, () => textOf(change.object)));
      break;
    }
    case 'reset': {
      const { at, cluster, scope, objects } = change;
      for (const object of objects) addChange(entries, { type: 'apply', at, cluster, object }, known);
      addChange(entries, { type: 'observe', at, cluster, scope, coverage: 'ready' }, known);
      break;
    }
    case 'occur': {
      const resource = known(change);
      // The same again at another time is another version.
      const text = (): string => JSON.stringify({ at: change.at, occurrence: change.occurrence });
      if (resource) entries.add(versionOf(resource, text));
      break;
    }
    case 'observe':
      entries.add({ type: 'observe', text: JSON.stringify(change) });
      break;
    case 'delete': // what it did is in the diff
    case 'relate': // follows from the rest, and is concluded anew
      break;
    default:
      change satisfies never;
  }
}

/** The text is made when it is first needed: that costs more than all the rest. Objects do not change. */
function versionOf(resource: Resource, text: () => string): Entry {
  return {
    type: 'version',
    of: namesOf(resource),
    get text() {
      return text();
    },
  };
}

/** Names and uid of a resource. */
export function namesOf({ id, cluster, group, kind, pseudo, namespace, name, uid }: Resource): Named {
  return { id, cluster, group, kind, pseudo, namespace, name, uid };
}
