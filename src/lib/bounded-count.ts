/** Counts by name where names have no end. Invariant: the first so many are counted one by one, all further ones under one name. */
export function countBounded(counts: Map<string, number>, name: string, max: number, others: string): void {
  const counted = counts.has(name) || counts.size < max ? name : others;
  counts.set(counted, (counts.get(counted) ?? 0) + 1);
}
