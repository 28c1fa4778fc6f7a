/**
 * What the graph must be, computed the slow and obvious way: for every reference of every object, look at every object.
 * Written from the definitions in src/model/ (reference.ts, edge.ts, edges.ts) and ARCHITECTURE.md alone; shares no code with src/graph/.
 */
import type { Description } from '../../src/model/describe.ts';
import { edgeKey } from '../../src/model/diff.ts';
import type { Dangling, DanglingReason, Edge, Evidence } from '../../src/model/edge.ts';
import { confidenceValue, type Guard, type Reference, type Target } from '../../src/model/reference.ts';
import type { Resource } from '../../src/model/resource.ts';
import { type Labels, matches } from '../../src/model/selector.ts';

/** Whether a missing object of a kind proves anything, by what was said of the observation. */
export type Knows = (cluster: string, group: string, kind: string, namespace: string) => boolean;

/** A graph as three lists; shaped like a View for `canonical`. */
export interface Truth {
  resources(): readonly Resource[];
  edges(): readonly Edge[];
  dangling(): readonly Dangling[];
}

interface Statement {
  readonly declarer: Description;
  readonly reference: Reference;
}

export function oracle(objects: readonly Description[], knows: Knows): Truth {
  const world = [...objects, ...namedPseudo(objects)];
  const supporters = new Map<string, { type: string; from: string; to: string; statements: Statement[] }>();
  const dangling: Dangling[] = [];
  for (const declarer of objects) {
    for (const reference of declarer.references) {
      const usable = chosen(
        reference.target,
        world.filter((other) => fault(world, declarer, reference.target, other) === undefined),
        declarer,
      );
      for (const other of usable) {
        if (other === declarer) continue;
        const [from, to] = reference.rule.reverse ? [other, declarer] : [declarer, other];
        const edge = { type: reference.rule.edge, from: from.resource.id, to: to.resource.id };
        const known = supporters.get(edgeKey(edge)) ?? { ...edge, statements: [] };
        known.statements.push({ declarer, reference });
        supporters.set(edgeKey(edge), known);
      }
      const broken = usable.length === 0 ? brokenReference(world, declarer, reference, knows) : undefined;
      if (broken) dangling.push(broken);
    }
  }
  const edges = [...supporters.values()].map(({ statements, ...edge }) => ({ ...edge, detail: evidence(statements) }));
  return { resources: () => world.map(({ resource }) => resource), edges: () => edges, dangling: () => dangling };
}

/** Images, hosts, users: one for each that somebody names. */
function namedPseudo(objects: readonly Description[]): Description[] {
  const named = new Map<string, Description>();
  for (const { resource, references } of objects) {
    for (const { target } of references) {
      if (target.by !== 'pseudo' || target.existing) continue;
      const { kind, namespace, name } = target;
      const { cluster } = resource;
      const id = `${cluster}/~${kind}/${namespace}/${name}`;
      const bare = {
        group: '',
        uid: '',
        pseudo: true,
        labels: {},
        summary: {},
        health: { status: 'unknown' },
      } as const;
      named.set(id, { resource: { ...bare, id, cluster, kind, namespace, name }, references: [] });
    }
  }
  return [...named.values()];
}

/** Of those that fit, the ones that count: all, or the newest but the declarer itself. */
function chosen(target: Target, fitting: readonly Description[], declarer: Description): readonly Description[] {
  if (target.by !== 'labels' || !target.newest) return fitting;
  const others = fitting.filter((other) => other !== declarer);
  const byAge = others.toSorted(({ resource: a }, { resource: b }) => {
    const [x, y] = [a, b].map(({ createdAt }) => Date.parse(createdAt ?? '1970-01-01T00:00:00Z'));
    return (y ?? 0) - (x ?? 0) || compareLists([a.name, a.namespace], [b.name, b.namespace]);
  });
  return byAge.slice(0, 1);
}

/** Whether one object is what a uid stands for: it has it, or nobody has and it bears the name and no uid of its own. */
function bearsUid(
  world: readonly Description[],
  { uid, group, kind, namespace, name }: Extract<Target, { by: 'id' }>,
  { resource: its }: Description,
): boolean {
  if (its.uid !== '') return its.uid === uid;
  const isKnown = world.some(({ resource }) => resource.cluster === its.cluster && resource.uid === uid);
  return !isKnown && its.group === group && its.kind === kind && its.namespace === namespace && its.name === name;
}

/** Why `other` is not what the target means: `other` (something else), or the reason for which it cannot be used; undefined when it is meant. */
function fault(
  world: readonly Description[],
  declarer: Description,
  target: Target,
  other: Description,
): 'other' | 'stale' | 'refused' | undefined {
  const [own, its] = [declarer.resource, other.resource];
  if (its.cluster !== own.cluster || its.pseudo !== (target.by === 'pseudo')) return 'other';
  if (target.by === 'id') {
    if (!bearsUid(world, target, other)) return 'other';
    return target.sameNamespace && its.namespace !== '' && its.namespace !== own.namespace ? 'refused' : undefined;
  }
  if (its.kind !== target.kind || (target.by !== 'pseudo' && its.group !== target.group)) return 'other';
  if (target.by === 'labels') {
    const { selector, namespaces } = target;
    if (namespaces.type === 'names' && !namespaces.names.includes(its.namespace)) return 'other';
    if (namespaces.type === 'labels' && !matches(namespaces.selector, namespaceLabels(world, its))) return 'other';
    return matches(selector, facts(other)) ? undefined : 'other';
  }
  if (its.namespace !== target.namespace || its.name !== target.name) return 'other';
  if (target.by === 'pseudo') return undefined;
  if (target.uid !== undefined && its.uid !== '' && its.uid !== target.uid) return 'stale';
  if (target.owned && !(own.uid === '' ? other.owners : other.owners?.includes(own.uid))) return 'stale';
  if (target.labels && !matches(target.labels, facts(other))) return 'stale';
  return target.guard && !permitted(world, target.guard, declarer, other) ? 'refused' : undefined;
}

const facts = ({ resource, selectable }: Description): Labels => ({ ...resource.labels, ...selectable });

/** Labels of the namespace that a resource is in; one that was not seen has the label that every namespace has. */
function namespaceLabels(world: readonly Description[], { cluster, namespace }: Resource): Labels {
  const found = world.find(
    ({ resource: { kind, group, ...its } }) =>
      kind === 'Namespace' && group === '' && !its.pseudo && its.cluster === cluster && its.name === namespace,
  );
  return found ? facts(found) : { 'kubernetes.io/metadata.name': namespace };
}

/** Gateway API: ReferenceGrants of the target's namespace, or a listener that allows the route's kind and namespace. */
function permitted(world: readonly Description[], guard: Guard, declarer: Description, other: Description): boolean {
  const [own, its] = [declarer.resource, other.resource];
  if (guard.type === 'listener') {
    return (other.listeners ?? [{ section: guard.section ?? '', from: 'All' as const }]).some((listener) => {
      if (guard.section !== undefined && guard.section !== listener.section) return false;
      if (guard.port !== undefined && listener.port !== undefined && guard.port !== listener.port) return false;
      if (listener.kinds?.every(({ group, kind }) => group !== own.group || kind !== own.kind)) return false;
      if (listener.from === 'Same') return own.namespace === its.namespace;
      if (listener.from === 'All' || listener.from === 'None') return listener.from === 'All';
      return matches(listener.from.selector, namespaceLabels(world, own));
    });
  }
  if (own.namespace === its.namespace) return true;
  const grants = world
    .filter(({ resource }) => resource.cluster === its.cluster && resource.namespace === its.namespace)
    .flatMap((granter) => granter.grants ?? []);
  return grants.some(
    ({ from, to }) =>
      from.some((who) => who.group === own.group && who.kind === own.kind && who.namespace === own.namespace) &&
      to.some(
        (what) => what.group === its.group && what.kind === its.kind && [undefined, its.name].includes(what.name),
      ),
  );
}

function brokenReference(
  world: readonly Description[],
  declarer: Description,
  { rule, target, ...reference }: Reference,
  knows: Knows,
): Dangling | undefined {
  if (rule.confidence !== 'exact' || target.by === 'labels' || target.by === 'pseudo') return undefined;
  const { cluster, id } = declarer.resource;
  const { by: _, group, kind, namespace, name, uid } = target;
  const faults = world.map((other) => fault(world, declarer, target, other));
  const bearsName = ({ resource: its }: Description): boolean =>
    !its.pseudo &&
    its.cluster === cluster &&
    its.group === group &&
    its.kind === kind &&
    its.namespace === namespace &&
    its.name === name;
  const unusable = faults.find((each) => each === 'stale' || each === 'refused');
  const reason: DanglingReason = unusable ?? (target.by === 'id' && world.some(bearsName) ? 'stale' : 'missing');
  const optional = reference.optional === true;
  if (reason === 'missing' && (optional || !knows(cluster, group, kind, namespace))) return undefined;
  const { more: _more, ...detail } = evidence([{ declarer, reference: { rule, target, ...reference } }]);
  const wanted = { group, kind, namespace, name, ...(uid !== undefined && { uid }) };
  return { type: rule.edge, from: id, target: wanted, detail: { ...detail, reason, optional } };
}

/** The first statement in text order of field, rule, declarer and value stands for all; optional only when all are. */
function evidence(statements: readonly Statement[]): Evidence {
  const order = ({ declarer, reference: { field, rule, value, attributes } }: Statement): string[] => [
    field,
    rule.id,
    declarer.resource.id,
    JSON.stringify([value, attributes]),
  ];
  const [first] = statements.toSorted((a, b) => compareLists(order(a), order(b)));
  if (first === undefined) throw new Error('an edge without statements');
  const { rule, field, value, attributes } = first.reference;
  return {
    rule: rule.id,
    field,
    class: rule.confidence,
    confidence: rule.certainty ?? confidenceValue[rule.confidence],
    ...(value !== undefined && { value }),
    ...(rule.via && { via: rule.via }),
    ...(attributes && { attributes }),
    ...(statements.every(({ reference }) => reference.optional) && { optional: true }),
    ...(statements.length > 1 && { more: statements.length - 1 }),
  };
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}
