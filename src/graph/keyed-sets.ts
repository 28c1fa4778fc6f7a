/** Sets by one key or two. Invariant: no set and no map in them is empty, so that keys that come once leave nothing behind. */

export type SetsByKey<T> = Map<string, Set<T>>;
export type SetsByTwoKeys<T> = Map<string, SetsByKey<T>>;

export function addTo<T>(sets: SetsByKey<T>, key: string, item: T): void {
  const set = sets.get(key);
  if (set) set.add(item);
  else sets.set(key, new Set([item]));
}

export function removeFrom<T>(sets: SetsByKey<T>, key: string, item: T): void {
  const set = sets.get(key);
  if (set?.delete(item) && set.size === 0) sets.delete(key);
}

export function addToBoth<T>(sets: SetsByTwoKeys<T>, key: string, second: string, item: T): void {
  const inner = sets.get(key);
  if (inner) addTo(inner, second, item);
  else sets.set(key, new Map([[second, new Set([item])]]));
}

export function removeFromBoth<T>(sets: SetsByTwoKeys<T>, key: string, second: string, item: T): void {
  const inner = sets.get(key);
  if (inner === undefined) return;
  removeFrom(inner, second, item);
  if (inner.size === 0) sets.delete(key);
}
