/**
 * Sets by one key or two. Invariant: no set and no map in them is empty, so that keys that come once leave nothing behind. Most keys hold one
 * item: it stands alone then, for a set of one takes as much memory as thirty.
 */

/** The items of one key: the only one, or a set of several. Items are numbers or objects that are no sets. */
export type Items<T> = T | Set<T>;
export type SetsByKey<T> = Map<string, Items<T>>;
export type SetsByTwoKeys<T> = Map<string, SetsByKey<T>>;

export function itemsOf<T>(items: Items<T> | undefined): Iterable<T> {
  if (items === undefined) return [];
  return items instanceof Set ? items : [items];
}

export function countOf(items: Items<unknown> | undefined): number {
  if (items === undefined) return 0;
  return items instanceof Set ? items.size : 1;
}

export function addTo<T>(sets: SetsByKey<T>, key: string, item: T): void {
  const items = sets.get(key);
  if (items === undefined) sets.set(key, item);
  else if (items instanceof Set) items.add(item);
  else if (items !== item) sets.set(key, new Set([items, item]));
}

export function removeFrom<T>(sets: SetsByKey<T>, key: string, item: T): void {
  const items = sets.get(key);
  if (items === item) sets.delete(key);
  else if (items instanceof Set && items.delete(item) && items.size === 1)
    for (const last of items) sets.set(key, last);
}

export function addToBoth<T>(sets: SetsByTwoKeys<T>, key: string, second: string, item: T): void {
  const inner = sets.get(key);
  if (inner) addTo(inner, second, item);
  else sets.set(key, new Map([[second, item]]));
}

export function removeFromBoth<T>(sets: SetsByTwoKeys<T>, key: string, second: string, item: T): void {
  const inner = sets.get(key);
  if (inner === undefined) return;
  removeFrom(inner, second, item);
  if (inner.size === 0) sets.delete(key);
}
