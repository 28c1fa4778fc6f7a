/** How many there are of each: of kinds, of namespaces, whatever their names are (`constructor` is a good one). */
export function tally<T>(items: Iterable<T>, nameOf: (item: T) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = nameOf(item);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
