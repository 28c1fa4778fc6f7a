/**
 * Pages of a list in a stable order, by cursor. A cursor names the last item seen, not a position, so pages neither repeat nor skip
 * what stays while other items come and go.
 */
import { Problem } from '../model/problem.ts';
import type { Resource } from '../model/resource.ts';

export interface Page {
  readonly items: readonly Resource[];
  /** Opaque; undefined on the last page. */
  readonly next: string | undefined;
  /** Everything that matches, whatever the page. */
  readonly total: number;
}

type Key = readonly [kind: string, namespace: string, name: string, id: string];

/** One page of the matching resources, ordered by kind, namespace, name and id. Holds no more than a few pages' worth at any time. */
export function pageOf(resources: Iterable<Resource>, limit: number, cursor: string | undefined): Page {
  const after = cursor === undefined ? undefined : keyFromCursor(cursor);
  let total = 0;
  let kept: Resource[] = [];
  let bound: Resource | undefined;
  for (const resource of resources) {
    total++;
    if (after && compareToKey(resource, after) <= 0) continue;
    if (bound && compareResources(resource, bound) >= 0) continue;
    kept.push(resource);
    if (kept.length < 4 * limit + 64) continue;
    kept = kept.sort(compareResources).slice(0, limit + 1);
    bound = kept[limit];
  }
  kept.sort(compareResources);
  const items = kept.slice(0, limit);
  const last = items.at(-1);
  return { items, next: kept.length > limit && last ? cursorOf(last) : undefined, total };
}

/** Order of resources for people: by kind, namespace and name. */
export function compareResources(a: Resource, b: Resource): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function compareToKey(a: Resource, [kind, namespace, name, id]: Key): number {
  if (a.kind !== kind) return a.kind < kind ? -1 : 1;
  if (a.namespace !== namespace) return a.namespace < namespace ? -1 : 1;
  if (a.name !== name) return a.name < name ? -1 : 1;
  return a.id < id ? -1 : a.id > id ? 1 : 0;
}

function cursorOf({ kind, namespace, name, id }: Resource): string {
  return Buffer.from(JSON.stringify([kind, namespace, name, id])).toString('base64url');
}

function keyFromCursor(cursor: string): Key {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === 4 && key.every((part) => typeof part === 'string'))
      return key as unknown as Key;
  } catch {}
  throw new Problem(
    'invalid-input',
    'cursor: not a cursor of this list; take `next` of the page before, or leave it out',
    {
      details: ['cursor: not understood'],
    },
  );
}
