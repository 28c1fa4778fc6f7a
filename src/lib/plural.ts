/** Plurals of English words. */

/** The plural that the API conventions of Kubernetes give a kind when nobody says otherwise, in small letters. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(s|x|ch|sh)$/.test(word)) return /(endpoints|metrics)$/.test(word) ? word : `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}
