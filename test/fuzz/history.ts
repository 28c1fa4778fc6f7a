/** Random histories over any supply of objects: what comes, changes, moves, goes, is listed afresh, and how well it is observed. */

import { type Change, groupOf, type KubeObject } from '../../src/model/change.ts';
import type { Random } from '../support/random.ts';
import type { Known } from './estate.ts';

const AT = '2026-01-01T00:00:00Z';

type Draw = (random: Random) => KubeObject;

/** One to four changes. Targets of deletes and flips are taken from what is known. */
export function randomChanges(random: Random, draw: Draw, known: readonly Known[]): Change[] {
  return Array.from({ length: 1 + random.int(4) }, () => randomChange(random, draw, known));
}

function randomChange(random: Random, draw: Draw, known: readonly Known[]): Change {
  const cluster = random.chance(0.85) ? 'c' : 'd';
  const roll = random.next();
  const some = known.length > 0 && roll < 0.4 ? random.pick(known) : undefined;
  if (some?.object) return { at: AT, cluster: some.cluster, ...disturb(random, roll / 0.4, some.object) };
  if (roll < 0.5) {
    const { apiVersion, kind, metadata } = draw(random);
    const group = groupOf(apiVersion);
    const scope = { group, kind, ...(random.chance(0.6) && metadata.namespace && { namespace: metadata.namespace }) };
    if (random.chance(0.5)) {
      const coverage = random.pick(['loading', 'ready', 'forbidden', 'broken', 'excluded', 'absent'] as const);
      return { type: 'observe', at: AT, cluster, scope, coverage };
    }
    const listed = Array.from({ length: 60 }, () => draw(random)).filter(
      (object) =>
        object.kind === kind &&
        groupOf(object.apiVersion) === group &&
        scope.namespace === (scope.namespace && object.metadata.namespace),
    );
    return { type: 'reset', at: AT, cluster, scope, objects: listed.map((object) => maybeBroken(random, object)) };
  }
  const object = draw(random);
  if (roll > 0.97) {
    const { kind, apiVersion, metadata } = object;
    const { name, namespace, uid } = metadata;
    const subject = { kind, apiVersion, name, ...(namespace && { namespace }), ...(uid && { uid }) };
    const at = `2026-01-01T00:00:${10 + random.int(50)}Z`;
    return {
      type: 'occur',
      at,
      cluster,
      occurrence: { id: random.pick(['o1', 'o2']), source: 's', subject, severity: 'warning' },
    };
  }
  return { type: 'apply', at: AT, cluster, object };
}

/** Some cannot be read, and bear a uid, a name, both or neither. */
function maybeBroken(random: Random, object: KubeObject): KubeObject {
  if (random.chance(0.8)) return object;
  const { uid, name, ...rest } = object.metadata;
  const metadata = { ...rest, ...(uid && random.chance(0.7) && { uid }), ...(random.chance(0.7) && { name }) };
  const { kind, spec } = object;
  return { kind, spec, metadata } as unknown as KubeObject;
}

type Disturbance = { type: 'apply'; object: KubeObject } | { type: 'delete'; object: KubeObject };

/** Deletes (by uid, by name, of a predecessor), new labels, no labels, owners of another group, another uid, no uid, another name for the same uid. */
function disturb(random: Random, roll: number, object: KubeObject): Disturbance {
  const { metadata } = object;
  const { uid, labels: _, ...rest } = metadata;
  const apply = (changed: object): Disturbance => ({
    type: 'apply',
    object: { ...object, metadata: { ...metadata, ...changed } },
  });
  if (roll < 0.35) return { type: 'delete', object };
  if (roll < 0.45) return { type: 'delete', object: { ...object, metadata: rest } };
  if (roll < 0.5) return { type: 'delete', object: { ...object, metadata: { ...metadata, uid: 'of-a-predecessor' } } };
  if (roll < 0.75)
    return apply({
      labels: { ...metadata.labels, [random.pick(['app', 'tier', 'zone', 'a', 'b'])]: random.pick(['1', '2']) },
    });
  if (roll < 0.82) return apply({ labels: {} });
  if (roll < 0.85)
    return apply({
      ownerReferences: metadata.ownerReferences?.map((owner) => ({ ...owner, apiVersion: 'old.io/v1' })),
    });
  if (roll < 0.9) return apply({ uid: `${uid ?? 'uid'}-again` });
  if (roll < 0.95)
    return { type: 'apply', object: { ...object, metadata: { ...rest, labels: metadata.labels ?? {} } } };
  return apply({ name: random.pick(['a', 'b', 'c', metadata.name]) });
}
