/** A list in parts. */

/** Parts of at most so many, in order. */
export function* slices<T>(list: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
