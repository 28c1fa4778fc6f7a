/**
 * What is broken, as chains: from what is missing or wrong, along "which way failure travels" (model/edges.ts), to whoever suffers from it.
 * Parts that nobody writes by hand (pods, ReplicaSets, endpoints) count as what they are parts of.
 * What the sufferer says of itself decides what can be the cause (explains.ts).
 * Invariant: every resource that is not well appears exactly once; the answer does not depend on the order in which the view lists things.
 */
import type { Dangling } from '../../model/edge.ts';
import { edgeInfo } from '../../model/edges.ts';
import { isEvent, kindKey } from '../../model/groups.ts';
import { compareText } from '../../model/order.ts';
import { type HealthStatus, type Resource, type ResourceId, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { beyondRecording, isShipped } from './absent.ts';
import { type Certainty, explains, runsPods, type Sufferer, type Suspect } from './explains.ts';
import { isPart, wholeOf } from './wholes.ts';

/** Something that is not well, and who suffers from it. */
export interface Branch {
  /** What is missing (a name), or what is not well (a resource). */
  readonly subject: Resource | Dangling['target'];
  /** `subject` and its parts as far as they are not well, the one that tells most first; empty for what is missing. */
  readonly unwell: readonly Resource[];
  /** How it depends on the branch above. */
  readonly because: Link | undefined;
  readonly children: readonly Branch[];
  /** Who refers to what is missing and is well all the same, or not well for another reason as well: it would not start again. */
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
  /** How sure it is that this is why. */
  readonly certainty: Certainty;
}

export interface Trouble {
  readonly roots: readonly Branch[];
  /** Broken references that nobody suffers from. */
  readonly harmless: number;
}

export function troubleOf(view: View): Trouble {
  const unwell = unwellOf(view);
  const named = new Set<ResourceId>();
  const all = linksAmong(view, unwell, named);
  const missing = missingOf(view, unwell, named);
  const links = withoutDoubts(all, named);
  const taken = new Set<ResourceId>();
  const roots: Branch[] = [];
  const hurting = [...missing.values()].filter(({ sufferers, atRisk }) => sufferers.size + atRisk.length > 0);
  hurting.sort(
    (a, b) => b.sufferers.size - a.sufferers.size || b.atRisk.length - a.atRisk.length || compareText(a.title, b.title),
  );
  for (const { target, sufferers, atRisk } of hurting) {
    const children = grow(sufferers, links, unwell, taken);
    const shown = new Set(children.map(({ subject }) => subject));
    const elsewhere = [...sufferers.keys()]
      .flatMap((id) => unwell.get(id)?.whole ?? [])
      .filter((one) => !shown.has(one));
    const others = [...atRisk, ...elsewhere].sort((a, b) => compareText(resourceTitle(a), resourceTitle(b)));
    roots.push({ subject: target, unwell: [], because: undefined, children, atRisk: others });
  }
  const caused = new Set([...links.values()].flatMap((below) => [...below.keys()]));
  const rest = [...unwell.keys()].sort(
    (a, b) => Number(caused.has(a)) - Number(caused.has(b)) || byUrgency(unwell, a, b),
  );
  for (const id of rest) roots.push(...grow(new Map([[id, undefined]]), links, unwell, taken));
  return { roots, harmless: [...missing.values()].length - hurting.length };
}

type Unwell = ReadonlyMap<ResourceId, Sufferer>;
type Links = ReadonlyMap<ResourceId, ReadonlyMap<ResourceId, Link>>;

/** Everything that is not well by itself (runs of a CronJob whose last one went well are history), the routes to a Service that nobody serves, and what lacks something that it cannot do without. */
function unwellOf(view: View): Unwell {
  const found = new Map<ResourceId, { whole: Resource; members: Resource[] }>();
  const add = (whole: Resource, member: Resource): void => {
    const known = found.get(whole.id);
    if (known) known.members.push(member);
    else found.set(whole.id, { whole, members: [member] });
  };
  for (const resource of view.resources()) {
    const { status } = resource.health;
    if (resource.pseudo || isEvent(resource) || (status !== 'critical' && status !== 'warning')) continue;
    const whole = wholeOf(view, resource);
    const { status: verdict, reason } = whole.health;
    if (kindKey(whole) !== 'batch/CronJob' || verdict !== 'healthy' || reason !== undefined) add(whole, resource);
  }
  for (const { whole, members } of [...found.values()]) {
    if (kindKey(whole) !== '/Service' || !members.some(({ health }) => health.status === 'critical')) continue;
    for (const { from } of view.in(whole.id, 'ROUTES_TO')) {
      const route = view.get(from);
      if (route && !isPart(route) && !found.has(route.id)) found.set(route.id, { whole: route, members: [] });
    }
  }
  const isUnknown = beyondRecording(view);
  for (const { from, type, target, detail } of view.dangling()) {
    const { against, toStart, redundant } = edgeInfo(type);
    const resource = view.get(from);
    if (against !== 'breaks' || toStart || detail.optional || resource?.health.status !== 'unknown') continue;
    if (
      isShipped(resource) ||
      isUnknown(resource.cluster, target) ||
      isPart(resource) ||
      runsPods(resource) ||
      found.has(from)
    )
      continue;
    const [other] = redundant ? view.out(from, type) : [];
    if (other === undefined) found.set(from, { whole: resource, members: [] });
  }
  for (const { members } of found.values()) members.sort(byTelling);
  return found;
}

/** Pods say more than those who count them, what is critical more than what is not. */
function byTelling(a: Resource, b: Resource): number {
  const rank = (resource: Resource): number =>
    (kindKey(resource) === '/Pod' ? 0 : 2) + (resource.health.status === 'critical' ? 0 : 1);
  return rank(a) - rank(b) || compareText(a.name, b.name);
}

interface Missing {
  readonly title: string;
  readonly target: Dangling['target'];
  readonly sufferers: Map<ResourceId, Link>;
  readonly atRisk: Resource[];
}

interface Claim {
  readonly missing: Missing;
  readonly whole: Resource;
  /** Its certainty is 0 for who is well. */
  readonly link: Link;
}

/**
 * What is referred to and missing, with those who are not well for want of it, and those who would not start again. `named` holds, and is given,
 * those who name their cause, beside which what is only possible is none.
 */
function missingOf(view: View, unwell: Unwell, named: Set<ResourceId>): ReadonlyMap<string, Missing> {
  const found = new Map<string, Missing>();
  const claims = new Map<string, Claim>();
  /** Pods of one workload say the same. */
  const judged = new Set<string>();
  const isUnknown = beyondRecording(view);
  for (const { from, type, target, detail } of view.dangling()) {
    const declarer = view.get(from);
    if (declarer === undefined || isShipped(declarer) || isUnknown(declarer.cluster, target)) continue;
    const whole = wholeOf(view, declarer);
    const key = `${whole.cluster} ${target.group} ${resourceTitle(target)}`;
    const missing = found.get(key) ?? { title: resourceTitle(target), target, sufferers: new Map(), atRisk: [] };
    found.set(key, missing);
    const said = `${type} ${key} ${whole.id}`;
    if (edgeInfo(type).against !== 'breaks' || detail.optional || judged.has(said)) continue;
    judged.add(said);
    const sufferer = unwell.get(whole.id);
    const certainty = sufferer ? explains(view, type, target, sufferer) : 0;
    if (certainty === 2) named.add(whole.id);
    const known = claims.get(`${key} ${whole.id}`);
    if (known !== undefined && known.link.certainty >= certainty) continue;
    const link = { type, part: undefined, byPart: false, attributes: undefined, certainty };
    claims.set(`${key} ${whole.id}`, { missing, whole, link });
  }
  for (const { missing, whole, link } of claims.values()) {
    if (link.certainty > (named.has(whole.id) ? 1 : 0)) missing.sufferers.set(whole.id, link);
    else missing.atRisk.push(whole);
  }
  return found;
}

/**
 * For each that is not well, those that are not well because of it: whoever needs it or a part of it. What nothing explains so
 * (a budget, an autoscaler) hangs below what it speaks of.
 */
function linksAmong(view: View, unwell: Unwell, named: Set<ResourceId>): Links {
  const links = new Map<ResourceId, Map<ResourceId, Link>>();
  const explained = new Set<ResourceId>();
  const collect = (judge: (type: string, suspect: Suspect, dependant: Sufferer) => Certainty): void => {
    for (const [id, { whole, members }] of unwell) {
      const below = links.get(id) ?? new Map<ResourceId, Link>();
      links.set(id, below);
      for (const subject of new Set([whole, ...members])) {
        const suspect = { ...subject, status: statusOf(subject === whole ? members : [subject]) };
        const judged = new Map<string, Certainty>();
        for (const { type, from, detail } of view.stored(subject.id, 'in')) {
          const source = view.get(from);
          if (source === undefined || detail.optional) continue;
          const dependant = wholeOf(view, source);
          const sufferer = unwell.get(dependant.id);
          if (dependant.id === id || !sufferer) continue;
          const said = `${type} ${dependant.id}`;
          const certainty = judged.get(said) ?? judge(type, suspect, sufferer);
          judged.set(said, certainty);
          if (certainty === 0) continue;
          if (certainty === 2) named.add(dependant.id);
          const part = subject === whole ? undefined : subject;
          const link = { type, part, byPart: source !== dependant, attributes: detail.attributes, certainty };
          const known = below.get(dependant.id);
          if (known === undefined || directness(link) > directness(known)) below.set(dependant.id, link);
        }
      }
    }
    for (const below of links.values()) for (const id of below.keys()) explained.add(id);
  };
  collect((type, suspect, sufferer) =>
    edgeInfo(type).against === undefined ? 0 : explains(view, type, suspect, sufferer),
  );
  const before = new Set(explained);
  collect((type, _, { whole }) =>
    edgeInfo(type).against !== undefined || before.has(whole.id) || runsPods(whole) ? 0 : 1,
  );
  return links;
}

/** How bad it is with something, by all that is not well of it. */
function statusOf(members: readonly Resource[]): HealthStatus {
  return members.some(({ health }) => health.status === 'critical') ? 'critical' : 'warning';
}

/** The links but for those to whoever names another cause. */
function withoutDoubts(links: Links, named: ReadonlySet<ResourceId>): Links {
  const sure = (below: ReadonlyMap<ResourceId, Link>): ReadonlyMap<ResourceId, Link> =>
    new Map([...below].filter(([id, { certainty }]) => certainty === 2 || !named.has(id)));
  return new Map([...links].map(([id, below]) => [id, sure(below)]));
}

/** What is surer, and what two wholes say of each other rather than their parts, says more. */
function directness({ part, byPart, certainty }: Link): number {
  return 4 * certainty + (part ? 0 : 1) + (byPart ? 0 : 1);
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

/** How many in a branch do not work at all, and whether what is missing hurts anybody. */
export function severity({ subject, unwell, children }: Branch): number {
  const down = 'health' in subject ? unwell.some(({ health }) => health.status === 'critical') : children.length > 0;
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
  return compareText(key(a), key(b));
}
