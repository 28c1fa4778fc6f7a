/** "Did you mean …?": the known words nearest to one that is not known. */

/** Number of single-character edits (insert, delete, replace) between two texts: Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  const row = new Uint32Array(b.length + 1);
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    let before = i - 1;
    let left = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      row[j - 1] = left;
      left = Math.min(before + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1), above + 1, left + 1);
      before = above;
    }
    row[b.length] = left;
  }
  return row[b.length] ?? 0;
}

/** Pairs of letters that one question compares: enough for help, not for a pause. Known words after that are not looked at. */
const PAIRS_MAX = 10_000_000;

/** Up to `max` known words, nearest first, none that differs in more than half of its letters. Case does not count. */
export function nearest(word: string, known: Iterable<string>, max = 1): string[] {
  const wanted = word.toLowerCase();
  const scored: { candidate: string; distance: number }[] = [];
  let left = PAIRS_MAX;
  for (const candidate of known) {
    const allowed = Math.max(2, Math.floor(candidate.length / 2));
    if (Math.abs(wanted.length - candidate.length) > allowed) continue;
    left -= wanted.length * candidate.length;
    if (left < 0) break;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= allowed) scored.push({ candidate, distance });
  }
  return scored
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, max)
    .map(({ candidate }) => candidate);
}
