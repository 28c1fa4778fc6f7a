/**
 * How things stand that cannot tell themselves: a kind's own health sees one object only, so a Service does not know whether anybody serves it.
 * Invariant: every answer takes health from here, so that no two differ; what an object says of itself is never overruled.
 */
import { kindKey } from '../../model/groups.ts';
import { type Resource, urgency } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

/** Kinds whose objects do not tell, and the edge to those that do. */
const witnesses: ReadonlyMap<string, readonly ['out' | 'in', string]> = new Map([
  ['/Service', ['in', 'BACKS']],
  ['batch/CronJob', ['out', 'PRODUCES']],
]);

/** The resource with the worst health that its witnesses report, where it reports none itself. */
export function standing(view: View, resource: Resource): Resource {
  const [direction, wanted] = (resource.health.status === 'unknown' && witnesses.get(kindKey(resource))) || [];
  if (direction === undefined) return resource;
  let { health } = resource;
  view.scan(
    resource.id,
    direction,
    (_, witness) => {
      if (witness.health.status === 'unknown') return;
      if (health.status === 'unknown' || urgency[witness.health.status] < urgency[health.status])
        health = witness.health;
    },
    (type) => type === wanted,
  );
  return health === resource.health ? resource : { ...resource, health };
}
