/**
 * What is broken, as chains: from what is missing or wrong, along "which way failure travels" (model/edges.ts), to whoever suffers from it.
 * Parts that nobody writes by hand (pods, ReplicaSets, endpoints) count as what they are parts of.
 * Invariant: every resource that is not well appears exactly once; the answer does not depend on the order in which the view lists things.
 */
import type { Dangling } from '../model/edge.ts';
import { edgeInfo } from '../model/edges.ts';
import { type Resource, type ResourceId, resourceTitle } from '../model/resource.ts';
import type { View } from '../model/view.ts';

/** Something that is not well, and who suffers from it. */
export interface Branch {
  /** What is missing (a name), or what is not well (a resource). */
  readonly subject: Resource | Dangling['target'];
  /** `subject` and its parts as far as they are not well, the one that tells most first; empty for what is missing. */
  readonly unwell: readonly Resource[];
  /** How it depends on the branch above. */
  readonly because: Link | undefined;
  readonly children: readonly Branch[];
  /** Who refers to what is missing and is well all the same: it will not be when it starts anew. */
  readonly atRisk: readonly Resource[];
}

/** An edge between what is not well and what suffers from it. */
export interface Link {
  readonly type: string;
  /** The part of the upper one that it leads to, if it is one. */
  readonly part: Resource | undefined;
  /** It leaves a part of the lower one. */
  readonly byPart: boolean;
  readonly attributes: Dangling['detail']['attributes'];
}

export interface Trouble {
  readonly roots: readonly Branch[];
  /** Broken references that nobody suffers from. */
  readonly harmless: number;
}

const parts: ReadonlySet<string> = new Set([
  'Pod',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'Endpoints',
  'EndpointSlice',
]);

export function isPart({ kind }: Resource): boolean {
  return parts.has(kind);
}

/** What people call a thing: the workload of a pod, the Service of an EndpointSlice. */
export function wholeOf(view: View, resource: Resource): Resource {
  let whole = resource;
  for (let steps = 0; parts.has(whole.kind) && steps < 5; steps++) {
    const [edge] = whole.kind === 'Endpoints' ? view.out(whole.id, 'BACKS') : view.in(whole.id, 'OWNS');
    const above = edge && view.get(edge.from === whole.id ? edge.to : edge.from);
    if (above === undefined || above.namespace !== whole.namespace) break;
    whole = above;
  }
  return whole;
}

export function troubleOf(view: View): Trouble {
  const unwell = unwellOf(view);
  const missing = missingOf(view, unwell);
  const links = linksAmong(view, unwell);
  const taken = new Set<ResourceId>();
  const roots: Branch[] = [];
  const hurting = [...missing.values()].filter(({ sufferers, atRisk }) => sufferers.size + atRisk.length > 0);
  hurting.sort(
    (a, b) => b.sufferers.size - a.sufferers.size || b.atRisk.length - a.atRisk.length || compare(a.title, b.title),
  );
  for (const { target, sufferers, atRisk } of hurting) {
    roots.push({
      subject: target,
      unwell: [],
      because: undefined,
      children: grow(sufferers, links, unwell, taken),
      atRisk,
    });
  }
  const caused = new Set([...links.values()].flatMap((below) => [...below.keys()]));
  const rest = [...unwell.keys()].sort(
    (a, b) => Number(caused.has(a)) - Number(caused.has(b)) || byUrgency(unwell, a, b),
  );
  for (const id of rest) roots.push(...grow(new Map([[id, undefined]]), links, unwell, taken));
  return { roots, harmless: [...missing.values()].length - hurting.length };
}

type Unwell = ReadonlyMap<ResourceId, { readonly whole: Resource; readonly members: readonly Resource[] }>;
type Links = ReadonlyMap<ResourceId, ReadonlyMap<ResourceId, Link>>;

/** Everything that is not well by itself, and the routes to a Service that nobody serves. */
function unwellOf(view: View): Unwell {
  const found = new Map<ResourceId, { whole: Resource; members: Resource[] }>();
  const add = (whole: Resource, member: Resource): void => {
    const known = found.get(whole.id);
    if (known) known.members.push(member);
    else found.set(whole.id, { whole, members: [member] });
  };
  for (const resource of view.resources()) {
    const { status } = resource.health;
    if (resource.pseudo || resource.kind === 'Event' || (status !== 'critical' && status !== 'warning')) continue;
    add(wholeOf(view, resource), resource);
  }
  for (const { whole, members } of [...found.values()]) {
    if (whole.kind !== 'Service' || !members.some(({ health }) => health.status === 'critical')) continue;
    for (const { from } of view.in(whole.id, 'ROUTES_TO')) {
      const route = view.get(from);
      if (route && !parts.has(route.kind) && !found.has(route.id)) found.set(route.id, { whole: route, members: [] });
    }
  }
  for (const { members } of found.values()) members.sort(byTelling);
  return found;
}

/** Pods say more than those who count them, what is critical more than what is not. */
function byTelling(a: Resource, b: Resource): number {
  const rank = ({ kind, health }: Resource): number =>
    (kind === 'Pod' ? 0 : 2) + (health.status === 'critical' ? 0 : 1);
  return rank(a) - rank(b) || compare(a.name, b.name);
}

interface Missing {
  readonly title: string;
  readonly target: Dangling['target'];
  readonly sufferers: Map<ResourceId, Link>;
  readonly atRisk: Resource[];
}

/** What is referred to and missing, with those who need it: not well already, or well as long as they do not start anew. */
function missingOf(view: View, unwell: Unwell): ReadonlyMap<string, Missing> {
  const found = new Map<string, Missing>();
  for (const { from, type, target, detail } of view.dangling()) {
    const declarer = view.get(from);
    if (declarer === undefined) continue;
    const whole = wholeOf(view, declarer);
    const key = `${whole.cluster} ${target.group} ${resourceTitle(target)}`;
    let missing = found.get(key);
    if (missing === undefined) {
      missing = { title: resourceTitle(target), target, sufferers: new Map(), atRisk: [] };
      found.set(key, missing);
    }
    if (edgeInfo(type).against !== 'breaks' || detail.optional) continue;
    if (unwell.has(whole.id)) {
      if (!missing.sufferers.has(whole.id))
        missing.sufferers.set(whole.id, { type, part: undefined, byPart: false, attributes: undefined });
    } else if (!missing.atRisk.includes(whole)) missing.atRisk.push(whole);
  }
  for (const { atRisk } of found.values()) atRisk.sort((a, b) => compare(resourceTitle(a), resourceTitle(b)));
  return found;
}

/**
 * For each that is not well, those that are not well because of it: whoever needs it or a part of it. What nothing explains so
 * (a budget, an autoscaler) hangs below what it speaks of.
 */
function linksAmong(view: View, unwell: Unwell): Links {
  const links = new Map<ResourceId, Map<ResourceId, Link>>();
  const explained = new Set<ResourceId>();
  const collect = (accepts: (type: string, from: ResourceId) => boolean): void => {
    for (const [id, { whole, members }] of unwell) {
      const below = links.get(id) ?? new Map<ResourceId, Link>();
      links.set(id, below);
      for (const subject of new Set([whole, ...members])) {
        for (const { type, from, detail } of view.stored(subject.id, 'in')) {
          const source = view.get(from);
          if (source === undefined || detail.optional) continue;
          const dependant = wholeOf(view, source);
          if (dependant.id === id || !unwell.has(dependant.id) || !accepts(type, dependant.id)) continue;
          const link = {
            type,
            part: subject === whole ? undefined : subject,
            byPart: source !== dependant,
            attributes: detail.attributes,
          };
          const known = below.get(dependant.id);
          if (known === undefined || directness(link) > directness(known)) below.set(dependant.id, link);
        }
      }
    }
    for (const below of links.values()) for (const id of below.keys()) explained.add(id);
  };
  collect((type) => edgeInfo(type).against !== undefined);
  const before = new Set(explained);
  collect((type, id) => !before.has(id) && edgeInfo(type).against === undefined);
  return links;
}

/** What two wholes say of each other says more than what their parts do. */
function directness({ part, byPart }: Link): number {
  return (part ? 0 : 1) + (byPart ? 0 : 1);
}

/** Chains longer than this end in a list. */
const DEPTH_MAX = 50;

/** The branches below: breadth first, so that everything hangs as near to the cause as it can, and once. */
function grow(
  first: ReadonlyMap<ResourceId, Link | undefined>,
  links: Links,
  unwell: Unwell,
  taken: Set<ResourceId>,
): readonly Branch[] {
  const top: Branch[] = [];
  const all: Branch[][] = [top];
  let level: { readonly into: Branch[]; readonly below: ReadonlyMap<ResourceId, Link | undefined> }[] = [
    { into: top, below: first },
  ];
  for (let depth = 1; level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { into, below } of level) {
      for (const id of [...below.keys()].sort((a, b) => byUrgency(unwell, a, b))) {
        const one = unwell.get(id);
        if (one === undefined || taken.has(id)) continue;
        taken.add(id);
        const children: Branch[] = [];
        into.push({ subject: one.whole, unwell: one.members, because: below.get(id), children, atRisk: [] });
        all.push(children);
        next.push({ into: depth < DEPTH_MAX ? children : into, below: links.get(id) ?? new Map() });
      }
    }
    level = next;
  }
  for (const branches of all.reverse()) branches.sort((a, b) => sizeOf(b) - sizeOf(a));
  return top;
}

/** How many in a branch are missing or do not work at all. */
export function severity({ subject, unwell, children }: Branch): number {
  const down = !('health' in subject) || unwell.some(({ health }) => health.status === 'critical');
  return children.reduce((sum, child) => sum + severity(child), down ? 1 : 0);
}

/** How many suffer in a branch. */
function sizeOf({ children }: Branch): number {
  return children.reduce((sum, child) => sum + sizeOf(child), 1);
}

function byUrgency(unwell: Unwell, a: ResourceId, b: ResourceId): number {
  const key = (id: ResourceId): string => {
    const one = unwell.get(id);
    const critical = one?.members.some(({ health }) => health.status === 'critical') ?? false;
    return `${critical ? 0 : 1} ${one ? resourceTitle(one.whole) : ''} ${id}`;
  };
  return compare(key(a), key(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
